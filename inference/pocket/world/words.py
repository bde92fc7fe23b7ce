"""The vocabulary of captions and instructions, in English and Japanese: plain tables."""

from __future__ import annotations

from inference.pocket.world.scene import Colour, Daytime, Look, Motion, Setting, Subject

NOUNS: dict[Subject, tuple[str, ...]] = {
    Subject.BALL: ("ball",),
    Subject.STAR: ("star",),
    Subject.CAR: ("car",),
    Subject.BOAT: ("boat", "boat", "sailboat", "ship"),
    Subject.FISH: ("fish",),
    Subject.BIRD: ("bird",),
    Subject.BALLOON: ("balloon", "balloon", "hot-air balloon"),
    Subject.ROCKET: ("rocket", "rocket", "spaceship"),
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
}
PLACES: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("over the sea", "over the sea", "at sea", "over the ocean", "across the water", "by the sea"),
    Setting.DESERT: ("in the desert", "over the desert", "over the dunes", "across the sand"),
    Setting.FOREST: ("in the forest", "over the forest", "in the woods", "among the trees"),
    Setting.CITY: ("in the city", "over the city", "in the town", "past tall buildings"),
    Setting.SNOW: ("in the snow", "over the snow", "over snowy hills", "in winter"),
    Setting.SPACE: ("in space", "in outer space", "among the stars", "through space"),
}
TIMES: dict[Daytime, tuple[str, ...]] = {
    Daytime.DAY: ("by day", "in the daytime", "on a sunny day", "in daylight"),
    Daytime.SUNSET: ("at sunset", "at dusk", "in the evening", "at sunset"),
    Daytime.NIGHT: ("at night", "at night", "by night", "in the dark"),
}
LOOKS: dict[Look, tuple[str, ...]] = {
    Look.STORYBOOK: ("storybook style", "storybook", "like a picture book"),
    Look.ANIME: ("anime style", "anime", "in anime style"),
}

NOUNS_JA: dict[Subject, tuple[str, ...]] = {
    Subject.BALL: ("ボール",),
    Subject.STAR: ("星",),
    Subject.CAR: ("車",),
    Subject.BOAT: ("船", "ボート"),
    Subject.FISH: ("魚",),
    Subject.BIRD: ("鳥",),
    Subject.BALLOON: ("気球", "風船"),
    Subject.ROCKET: ("ロケット",),
}
#: (before a noun, before する): 赤い, 赤く.
COLOURS_JA: dict[Colour, tuple[str, str]] = {
    Colour.RED: ("赤い", "赤く"),
    Colour.ORANGE: ("オレンジ色の", "オレンジ色に"),
    Colour.YELLOW: ("黄色い", "黄色く"),
    Colour.GREEN: ("緑の", "緑に"),
    Colour.BLUE: ("青い", "青く"),
    Colour.PURPLE: ("紫の", "紫に"),
    Colour.PINK: ("ピンクの", "ピンクに"),
    Colour.WHITE: ("白い", "白く"),
}
MOVES_JA: dict[Motion, tuple[str, ...]] = {
    Motion.LEFT: ("左へ動く", "左に進む", "左へ流れる", "左へ行く"),
    Motion.RIGHT: ("右へ動く", "右に進む", "右へ流れる", "右へ行く"),
    Motion.RISE: ("昇る", "上がる", "上昇する", "のぼる"),
    Motion.FALL: ("落ちる", "下がる", "降りる", "落ちていく"),
    Motion.BOUNCE: ("跳ねる", "弾む"),
    Motion.STILL: ("止まっている", "動かない"),
}
PLACES_JA: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("海", "海の上"),
    Setting.DESERT: ("砂漠", "砂漠の上"),
    Setting.FOREST: ("森", "森の中"),
    Setting.CITY: ("街", "町", "街の上"),
    Setting.SNOW: ("雪の中", "雪原"),
    Setting.SPACE: ("宇宙", "宇宙の中"),
}
TIMES_JA: dict[Daytime, tuple[str, ...]] = {
    Daytime.DAY: ("昼", "昼間"),
    Daytime.SUNSET: ("夕方", "夕焼け", "夕暮れ"),
    Daytime.NIGHT: ("夜",),
}
LOOKS_JA: dict[Look, tuple[str, ...]] = {Look.STORYBOOK: ("絵本風",), Look.ANIME: ("アニメ風",)}

#: Instruction wordings by what they change; `{x}` is the new value's phrase.
COLOUR_ORDERS = ("make it {x}", "make it {x}", "turn it {x}", "change the colour to {x}", "{x} instead", "now in {x}")
SUBJECT_ORDERS = ("make it {x}", "turn it into {x}", "replace it with {x}", "{x} instead", "change it to {x}")
MOTION_ORDERS = ("{x} instead", "now {x}", "make it {x}", "{x}")
PLACE_ORDERS = ("{x} instead", "put it {x}", "now {x}", "{x}")
TIME_ORDERS = ("{x}", "make it {x}", "{x} instead", "now {x}")
LOOK_ORDERS = ("make it {x}", "{x}", "{x} instead", "as {x}")
