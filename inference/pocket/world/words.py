"""The English vocabulary of captions and instructions: plain tables."""

from __future__ import annotations

from inference.pocket.world.scene import (
    Camera,
    Colour,
    Daytime,
    Look,
    Motion,
    Setting,
    Speed,
    Subject,
    Weather,
)

NOUNS: dict[Subject, tuple[str, ...]] = {
    Subject.BALL: ("ball", "ball", "beach ball", "sphere"),
    Subject.STAR: ("star",),
    Subject.CAR: ("car", "car", "taxi", "automobile"),
    Subject.BOAT: ("boat", "boat", "sailboat", "ship"),
    Subject.FISH: ("fish",),
    Subject.BIRD: ("bird",),
    Subject.BALLOON: ("balloon", "balloon", "hot-air balloon"),
    Subject.ROCKET: ("rocket", "rocket", "spaceship"),
    Subject.CUBE: ("cube", "cube", "box", "block"),
    Subject.HEART: ("heart",),
    Subject.HOUSE: ("house", "house", "home", "cottage"),
    Subject.TREE: ("tree",),
    Subject.CAT: ("cat", "cat", "kitten", "kitty"),
    Subject.FLOWER: ("flower", "flower", "blossom"),
    Subject.BUTTERFLY: ("butterfly",),
    Subject.PLANE: ("plane", "plane", "airplane", "aeroplane"),
}
COLOURS: dict[Colour, tuple[str, ...]] = {
    Colour.RED: ("red", "red", "red", "crimson"),
    Colour.ORANGE: ("orange",),
    Colour.YELLOW: ("yellow", "yellow", "yellow", "golden"),
    Colour.GREEN: ("green",),
    Colour.BLUE: ("blue",),
    Colour.PURPLE: ("purple", "purple", "violet"),
    Colour.PINK: ("pink",),
    Colour.WHITE: ("white",),
    Colour.TURQUOISE: ("turquoise", "turquoise", "cyan", "teal"),
    Colour.BROWN: ("brown",),
}
#: (present participle, third person): "rising", "rises".
MOVES: dict[Motion, tuple[tuple[str, str], ...]] = {
    Motion.LEFT: (
        ("moving left", "moves left"),
        ("moving to the left", "moves to the left"),
        ("going left", "goes left"),
        ("drifting left", "drifts left"),
        ("gliding to the left", "glides to the left"),
        ("travelling left", "travels left"),
    ),
    Motion.RIGHT: (
        ("moving right", "moves right"),
        ("moving to the right", "moves to the right"),
        ("going right", "goes right"),
        ("drifting right", "drifts right"),
        ("gliding to the right", "glides to the right"),
        ("travelling right", "travels right"),
    ),
    Motion.RISE: (
        ("rising", "rises"),
        ("rising", "rises"),
        ("going up", "goes up"),
        ("moving up", "moves up"),
        ("floating up", "floats up"),
        ("climbing", "climbs"),
        ("lifting off", "lifts off"),
    ),
    Motion.FALL: (
        ("falling", "falls"),
        ("falling", "falls"),
        ("going down", "goes down"),
        ("moving down", "moves down"),
        ("sinking", "sinks"),
        ("dropping", "drops"),
        ("coming down", "comes down"),
    ),
    Motion.BOUNCE: (("bouncing", "bounces"), ("bouncing up and down", "bounces up and down"), ("hopping", "hops")),
    Motion.STILL: (("standing still", "stands still"), ("staying still", "stays still"), ("hovering", "hovers")),
    Motion.DRIFT: (
        ("drifting down like a leaf", "drifts down like a leaf"),
        ("fluttering down", "flutters down"),
        ("swaying down from side to side", "sways down from side to side"),
    ),
    Motion.ORBIT: (
        ("circling", "circles"),
        ("going round in a circle", "goes round in a circle"),
        ("orbiting", "orbits"),
        ("looping around", "loops around"),
    ),
    Motion.WAVE: (
        ("moving along in waves", "moves along in waves"),
        ("weaving up and down", "weaves up and down"),
        ("following a wavy line", "follows a wavy line"),
        ("riding the waves", "rides the waves"),
    ),
    Motion.TOSS: (
        ("flying in an arc", "flies in an arc"),
        ("leaping in an arc", "leaps in an arc"),
        ("tossed through the air", "is tossed through the air"),
        ("jumping across", "jumps across"),
    ),
}
#: Verbs of their own that some subjects have for going sideways.
OWN_VERBS: dict[Subject, tuple[str, str]] = {
    Subject.CAR: ("driving", "drives"),
    Subject.BOAT: ("sailing", "sails"),
    Subject.FISH: ("swimming", "swims"),
    Subject.BIRD: ("flying", "flies"),
    Subject.BALL: ("rolling", "rolls"),
    Subject.ROCKET: ("flying", "flies"),
    Subject.BALLOON: ("floating", "floats"),
    Subject.STAR: ("flying", "flies"),
    Subject.CAT: ("walking", "walks"),
    Subject.BUTTERFLY: ("fluttering", "flutters"),
    Subject.PLANE: ("flying", "flies"),
    Subject.CUBE: ("sliding", "slides"),
    Subject.HOUSE: ("sliding", "slides"),
}
#: Alone in front of a verb, or after it.
ADVERBS: dict[Speed, tuple[str, ...]] = {
    Speed.SLOW: ("slowly", "slowly", "gently"),
    Speed.NORMAL: (),
    Speed.FAST: ("quickly", "quickly", "fast", "rapidly"),
}
PLACES: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("over the sea", "over the sea", "at sea", "over the ocean", "across the water", "by the sea"),
    Setting.DESERT: ("in the desert", "over the desert", "over the dunes", "across the sand"),
    Setting.FOREST: ("in the forest", "over the forest", "in the woods", "among the trees"),
    Setting.CITY: ("in the city", "over the city", "in the town", "past tall buildings"),
    Setting.SNOW: ("in the snow", "over the snow", "over snowy hills", "in winter"),
    Setting.SPACE: ("in space", "in outer space", "among the stars", "through space"),
    Setting.MEADOW: ("in the meadow", "over the meadow", "over grassy hills", "in a field of flowers"),
    Setting.MOUNTAINS: ("in the mountains", "over the mountains", "past high peaks", "in the Alps"),
}
TIMES: dict[Daytime, tuple[str, ...]] = {
    Daytime.DAY: ("by day", "in the daytime", "on a sunny day", "in daylight"),
    Daytime.DUSK: ("at sunset", "at dusk", "in the evening", "at sunset"),
    Daytime.NIGHT: ("at night", "at night", "by night", "in the dark"),
}
AIRS: dict[Weather, tuple[str, ...]] = {
    Weather.CLEAR: ("in clear weather",),
    Weather.RAIN: ("in the rain", "in the rain", "on a rainy day", "while it rains"),
    Weather.SNOWFALL: ("while it snows", "in a snowfall", "as snow falls"),
    Weather.FOG: ("in the fog", "in the fog", "in thick mist", "on a foggy day"),
}
SHOTS: dict[Camera, tuple[str, ...]] = {
    Camera.STATIC: ("static camera",),
    Camera.PAN_LEFT: ("the camera pans left", "camera panning to the left", "pan left"),
    Camera.PAN_RIGHT: ("the camera pans right", "camera panning to the right", "pan right"),
    Camera.PAN_UP: ("the camera tilts up", "camera panning up", "pan up"),
    Camera.PAN_DOWN: ("the camera tilts down", "camera panning down", "pan down"),
    Camera.ZOOM_IN: ("the camera zooms in", "zooming in", "zoom in"),
    Camera.ZOOM_OUT: ("the camera zooms out", "zooming out", "zoom out"),
}
LOOKS: dict[Look, tuple[str, ...]] = {
    Look.REALISTIC: ("realistic", "realistic style", "photorealistic"),
    Look.ANIME: ("anime style", "anime", "in anime style"),
    Look.STORYBOOK: ("storybook style", "storybook", "like a picture book", "watercolour"),
    Look.CYBERPUNK: ("cyberpunk style", "cyberpunk", "neon"),
    Look.RETRO: ("retro game style", "pixel art", "retro", "8-bit"),
}

#: Instruction wordings by what they change; `{x}` is the new value's phrase.
COLOUR_ORDERS = ("make it {x}", "make it {x}", "turn it {x}", "change the colour to {x}", "{x} instead", "now in {x}")
SUBJECT_ORDERS = ("make it {x}", "turn it into {x}", "replace it with {x}", "{x} instead", "change it to {x}")
MOTION_ORDERS = ("{x} instead", "now {x}", "make it {x}", "{x}")
PLACE_ORDERS = ("{x} instead", "put it {x}", "now {x}", "{x}")
TIME_ORDERS = ("{x}", "make it {x}", "{x} instead", "now {x}")
LOOK_ORDERS = ("make it {x}", "{x}", "{x} instead", "as {x}")
SHOT_ORDERS = ("{x}", "{x} instead", "now {x}")
WEATHER_ORDERS: dict[Weather, tuple[str, ...]] = {
    Weather.CLEAR: ("clear weather", "make the weather clear", "clear up the weather"),
    Weather.RAIN: ("make it rain", "let it rain", "in the rain"),
    Weather.SNOWFALL: ("make it snow", "let it snow", "while it snows"),
    Weather.FOG: ("make it foggy", "add fog", "in the fog"),
}
#: For a change to slower, and to faster.
SLOWER, FASTER = ("slower", "make it slower", "slow it down"), ("faster", "make it faster", "speed it up")
ADD_ORDERS = ("add {x}", "add {x}", "with {x}", "put {x} behind it")
REMOVE_ORDERS = ("remove the {x}", "take away the {x}", "without the {x}")
#: Of the one of two subjects that is named.
NAMED_ORDERS = ("make the {noun} {colour}", "turn the {noun} {colour}")
