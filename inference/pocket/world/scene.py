"""What a clip shows, as values: the scene, the canvas it is drawn on, and how both are sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Subject(StrEnum):
    """The one thing that moves; silhouettes are chosen to be told apart at 40 pixels."""

    BALL = "ball"
    STAR = "star"
    CAR = "car"
    BOAT = "boat"
    FISH = "fish"
    BIRD = "bird"
    BALLOON = "balloon"
    ROCKET = "rocket"


class Colour(StrEnum):
    """The subject's main colour."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    WHITE = "white"


class Motion(StrEnum):
    """What the subject does over the whole clip."""

    LEFT = "left"
    RIGHT = "right"
    RISE = "rise"
    FALL = "fall"
    BOUNCE = "bounce"
    STILL = "still"


class Setting(StrEnum):
    """Where it happens."""

    SEA = "sea"
    DESERT = "desert"
    FOREST = "forest"
    CITY = "city"
    SNOW = "snow"
    SPACE = "space"


class Daytime(StrEnum):
    """The light; space knows only night."""

    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"


class Look(StrEnum):
    """How it is painted: soft shading, or flat with dark outlines."""

    STORYBOOK = "storybook"
    ANIME = "anime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The size of a clip."""

    #: Pixels.
    width: int
    #: Pixels.
    height: int
    #: Frames, 4k+1: the autoencoder joins four frames after the first.
    frames: int
    #: Frames per second.
    fps: int = 12

    @property
    def unit(self) -> float:
        """Pixels that subject sizes are fractions of: the short side, so that portrait clips keep it whole."""
        return float(min(self.width, self.height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that decides a clip's pixels, apart from the canvas."""

    subject: Subject
    colour: Colour
    motion: Motion
    setting: Setting
    daytime: Daytime
    look: Look
    #: The subject's height as a fraction of the canvas unit.
    size: float
    #: The place across the motion's axis, 0 to 1 of what keeps the subject whole.
    lane: float
    #: The travelled share of the free way along the motion's axis, 0 to 1.
    travel: float
    #: Where along the rest of that way the journey lies, 0 to 1.
    offset: float
    #: Varies the background's shapes, 0 to 1.
    layout: float


#: The chance of each time of day when a scene is sampled.
DAYTIME_WEIGHTS = {Daytime.DAY: 0.6, Daytime.SUNSET: 0.2, Daytime.NIGHT: 0.2}
#: The chance of each look.
LOOK_WEIGHTS = {Look.STORYBOOK: 0.75, Look.ANIME: 0.25}
#: The chance of each motion: those with a direction are asked for most.
MOTION_WEIGHTS = {
    Motion.LEFT: 0.22,
    Motion.RIGHT: 0.22,
    Motion.RISE: 0.2,
    Motion.FALL: 0.16,
    Motion.BOUNCE: 0.1,
    Motion.STILL: 0.1,
}


def pick(rng: np.random.Generator, values: Sequence[T]) -> T:
    """One of `values`, each as likely."""
    return values[int(rng.integers(len(values)))]


def weighted(rng: np.random.Generator, weights: dict[T, float]) -> T:
    """One key of `weights`, as likely as its weight, which sum to 1."""
    keys = list(weights)
    return keys[int(rng.choice(len(keys), p=list(weights.values())))]


def light_of(setting: Setting, daytime: Daytime) -> Daytime:
    """The daytime that the setting really has."""
    return Daytime.NIGHT if setting is Setting.SPACE else daytime


def sample_scene(rng: np.random.Generator) -> Scene:
    """Draw one scene; subjects, colours and settings are all equally likely and independent."""
    setting = pick(rng, list(Setting))
    return Scene(
        subject=pick(rng, list(Subject)),
        colour=pick(rng, list(Colour)),
        motion=weighted(rng, MOTION_WEIGHTS),
        setting=setting,
        daytime=light_of(setting, weighted(rng, DAYTIME_WEIGHTS)),
        look=weighted(rng, LOOK_WEIGHTS),
        size=float(rng.uniform(0.34, 0.46)),
        lane=float(rng.uniform()),
        travel=float(rng.uniform(0.75, 1.0)),
        offset=float(rng.uniform()),
        layout=float(rng.uniform()),
    )
