"""Random scenes, none of which is held out for the judge."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from inference.pocket.world.scene import (
    Camera,
    Colour,
    Companion,
    Daytime,
    Look,
    Motion,
    Scene,
    Setting,
    Speed,
    Subject,
    Weather,
    light_of,
    second,
    weather_of,
)

T = TypeVar("T")
Rng = np.random.Generator

#: One in so many combinations of subject, colour, motion, setting and look is never trained on.
HELD_OUT_ONE_IN = 20
#: Chances when a scene is sampled. Motions with a direction are asked for most.
DAYTIME_WEIGHTS = {Daytime.DAY: 0.6, Daytime.DUSK: 0.2, Daytime.NIGHT: 0.2}
LOOK_WEIGHTS = {Look.REALISTIC: 0.36, Look.ANIME: 0.16, Look.STORYBOOK: 0.16, Look.CYBERPUNK: 0.16, Look.RETRO: 0.16}
MOTION_WEIGHTS = {
    Motion.LEFT: 0.15,
    Motion.RIGHT: 0.15,
    Motion.RISE: 0.13,
    Motion.FALL: 0.13,
    Motion.BOUNCE: 0.09,
    Motion.STILL: 0.07,
    Motion.DRIFT: 0.07,
    Motion.ORBIT: 0.07,
    Motion.WAVE: 0.07,
    Motion.TOSS: 0.07,
}
WEATHER_WEIGHTS = {Weather.CLEAR: 0.7, Weather.RAIN: 0.1, Weather.SNOWFALL: 0.1, Weather.FOG: 0.1}
SPEED_WEIGHTS = {Speed.NORMAL: 0.7, Speed.SLOW: 0.15, Speed.FAST: 0.15}
MOVED_CAMERA, ACCOMPANIED = 0.3, 0.2
#: What a companion does: what stays on its own lane.
COMPANION_MOTIONS = (Motion.LEFT, Motion.RIGHT, Motion.RISE, Motion.FALL, Motion.BOUNCE, Motion.STILL)
_CAMERAS = [camera for camera in Camera if camera is not Camera.STATIC]


def pick(rng: Rng, values: Sequence[T]) -> T:
    """One of `values`, each as likely."""
    return values[int(rng.integers(len(values)))]


def weighted(rng: Rng, weights: dict[T, float]) -> T:
    """One key of `weights`, as likely as its weight, which sum to 1."""
    keys = list(weights)
    return keys[int(rng.choice(len(keys), p=list(weights.values())))]


def held_out(scene: Scene) -> bool:
    """Whether `scene`'s combination, or its companion's, is kept for the judge: by a hash, so that it never changes."""
    words = f"{scene.subject}|{scene.colour}|{scene.motion}|{scene.setting}|{scene.look}"
    if zlib.crc32(words.encode()) % HELD_OUT_ONE_IN == 0:
        return True
    other = second(scene)
    return other is not None and held_out(other)


def sample_any(rng: Rng) -> Scene:
    """One scene, held out or not; subjects, colours and settings are all equally likely and independent."""
    setting = pick(rng, list(Setting))
    return Scene(
        subject=pick(rng, list(Subject)),
        colour=pick(rng, list(Colour)),
        motion=weighted(rng, MOTION_WEIGHTS),
        setting=setting,
        daytime=light_of(setting, weighted(rng, DAYTIME_WEIGHTS)),
        look=weighted(rng, LOOK_WEIGHTS),
        weather=weather_of(setting, weighted(rng, WEATHER_WEIGHTS)),
        camera=pick(rng, _CAMERAS) if rng.uniform() < MOVED_CAMERA else Camera.STATIC,
        speed=weighted(rng, SPEED_WEIGHTS),
        companion=sample_companion(rng) if rng.uniform() < ACCOMPANIED else None,
        mirrored=bool(rng.uniform() < 0.5),
        size=float(rng.uniform(0.34, 0.46)),
        lane=float(rng.uniform()),
        travel=float(rng.uniform(0.75, 1.0)),
        offset=float(rng.uniform()),
        layout=float(rng.uniform()),
    )


def sample_companion(rng: Rng) -> Companion:
    """A second subject."""
    return Companion(
        subject=pick(rng, list(Subject)), colour=pick(rng, list(Colour)), motion=pick(rng, COMPANION_MOTIONS)
    )


def sample_scene(rng: Rng, place: Scene | None = None) -> Scene:
    """One scene to train on, at `place`'s place and in its look where one is given."""
    while True:
        scene = sample_any(rng)
        if place is not None:
            scene = replace(
                scene,
                setting=place.setting,
                daytime=place.daytime,
                weather=place.weather,
                look=place.look,
                layout=place.layout,
            )
        if not held_out(scene):
            return scene
