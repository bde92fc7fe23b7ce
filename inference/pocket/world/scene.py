"""What a clip shows, as values: the scene and the canvas it is drawn on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Subject(StrEnum):
    """Something that moves; silhouettes are chosen to be told apart at 40 pixels."""

    BALL = "ball"
    STAR = "star"
    CAR = "car"
    BOAT = "boat"
    FISH = "fish"
    BIRD = "bird"
    BALLOON = "balloon"
    ROCKET = "rocket"
    CUBE = "cube"
    HEART = "heart"
    HOUSE = "house"
    TREE = "tree"
    CAT = "cat"
    FLOWER = "flower"
    BUTTERFLY = "butterfly"
    PLANE = "plane"


class Colour(StrEnum):
    """A subject's main colour."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    WHITE = "white"
    TURQUOISE = "turquoise"
    BROWN = "brown"


class Motion(StrEnum):
    """What a subject does over the whole clip."""

    LEFT = "left"
    RIGHT = "right"
    RISE = "rise"
    FALL = "fall"
    BOUNCE = "bounce"
    STILL = "still"
    #: Down from side to side, as a leaf.
    DRIFT = "drift"
    #: Round a circle.
    ORBIT = "orbit"
    #: Sideways along a wavy line.
    WAVE = "wave"
    #: Thrown: up and over to the other side.
    TOSS = "toss"


class Setting(StrEnum):
    """Where it happens."""

    SEA = "sea"
    DESERT = "desert"
    FOREST = "forest"
    CITY = "city"
    SNOW = "snow"
    SPACE = "space"
    MEADOW = "meadow"
    MOUNTAINS = "mountains"


class Daytime(StrEnum):
    """The light; space knows only night."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """What is in the air; there is no weather in space."""

    CLEAR = "clear"
    RAIN = "rain"
    SNOWFALL = "snowfall"
    FOG = "fog"


class Camera(StrEnum):
    """How the background moves behind the subjects, which the camera keeps in the frame."""

    STATIC = "static"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    PAN_UP = "pan up"
    PAN_DOWN = "pan down"
    ZOOM_IN = "zoom in"
    ZOOM_OUT = "zoom out"


class Look(StrEnum):
    """How everything is painted."""

    #: Soft shading.
    REALISTIC = "realistic"
    #: Flat colours and dark outlines.
    ANIME = "anime"
    #: Watercolour on paper.
    STORYBOOK = "storybook"
    #: Neon edges in the dark.
    CYBERPUNK = "cyberpunk"
    #: Large pixels of few colours.
    RETRO = "retro"


class Speed(StrEnum):
    """How fast subjects move."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The size of a clip."""

    #: Pixels.
    width: int
    #: Pixels.
    height: int
    #: Frames, 8k+1: the autoencoder joins eight frames after the first.
    frames: int
    #: Frames per second.
    fps: int = 24

    @property
    def unit(self) -> float:
        """Pixels that subject sizes are fractions of: the short side, so that portrait clips keep it whole."""
        return float(min(self.width, self.height))

    @property
    def seconds(self) -> float:
        """From the first to the last frame."""
        return (self.frames - 1) / self.fps


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A second subject, smaller and behind the first."""

    subject: Subject
    colour: Colour
    motion: Motion


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that decides a clip's pixels, apart from the canvas."""

    subject: Subject
    colour: Colour
    motion: Motion
    setting: Setting
    daytime: Daytime
    look: Look
    weather: Weather = Weather.CLEAR
    camera: Camera = Camera.STATIC
    speed: Speed = Speed.NORMAL
    companion: Companion | None = None
    #: Whether motions that may go either way go to the left.
    mirrored: bool = False
    #: The subject's height as a fraction of the canvas unit.
    size: float
    #: The place across the motion's axis, 0 to 1 of what keeps the subject whole.
    lane: float
    #: The travelled share of the free way along the motion's axis at full speed, 0 to 1.
    travel: float
    #: Where along the rest of that way the journey lies, 0 to 1.
    offset: float
    #: Varies the background's shapes, 0 to 1.
    layout: float


#: A companion's height against the first subject's.
_SMALLER = 0.62


def second(scene: Scene) -> Scene | None:
    """The companion as the subject of a scene of its own, on another lane; None where there is none."""
    if scene.companion is None:
        return None
    return replace(
        scene,
        subject=scene.companion.subject,
        colour=scene.companion.colour,
        motion=scene.companion.motion,
        companion=None,
        size=scene.size * _SMALLER,
        lane=(scene.lane + 0.5) % 1.0,
        offset=1.0 - scene.offset,
    )


def light_of(setting: Setting, daytime: Daytime) -> Daytime:
    """The daytime that the setting really has."""
    return Daytime.NIGHT if setting is Setting.SPACE else daytime


def weather_of(setting: Setting, weather: Weather) -> Weather:
    """The weather that the setting really has."""
    dry = setting is Setting.SPACE or (setting is Setting.DESERT and weather is Weather.SNOWFALL)
    return Weather.CLEAR if dry else weather
