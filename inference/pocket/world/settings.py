"""The backgrounds: one still picture a clip, drawn from a palette and a few simple shapes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inference.pocket.world.board import LIGHTS, ROOM, Board, Light, Picture, Rgb, times
from inference.pocket.world.looks import restyle
from inference.pocket.world.scene import (
    Camera,
    Canvas,
    Colour,
    Daytime,
    Motion,
    Scene,
    Setting,
    Speed,
    Subject,
    Weather,
)


def light_for(scene: Scene) -> Light:
    """The light of the scene's time of day, under its weather's clouds."""
    light = LIGHTS[scene.daytime]
    if scene.weather is Weather.CLEAR:
        return light
    grey, share = _OVERCAST[scene.weather]
    bright = 0.25 + 0.75 * sum(light.tint) / 3

    def clouded(colour: Rgb) -> Rgb:
        r, g, b = (c + (k * bright - c) * share for c, k in zip(colour, grey, strict=True))
        return r, g, b

    dim = 0.82 if scene.weather is Weather.RAIN else 0.95
    return replace(
        light, zenith=clouded(light.zenith), horizon=clouded(light.horizon), tint=times(light.tint, (dim, dim, dim))
    )


#: A clouded sky's colour by day, and how much of the sky it covers.
_OVERCAST: dict[Weather, tuple[Rgb, float]] = {
    Weather.RAIN: ((0.48, 0.53, 0.60), 0.75),
    Weather.SNOWFALL: ((0.80, 0.84, 0.90), 0.65),
    Weather.FOG: ((0.82, 0.84, 0.86), 0.6),
}


def _sky(board: Board, scene: Scene, light: Light) -> None:
    board.picture[:] = board.gradient(light.zenith, light.horizon, 0.0, 0.7)
    left = scene.layout < 0.5
    u = board.width * (0.18 if left else 0.82)
    if scene.weather is not Weather.CLEAR:
        for i, (share, v) in enumerate(((0.05, 0.1), (0.4, 0.16), (0.75, 0.08), (1.0, 0.18))):
            board.glow(board.width * share, v, 0.2 + 0.03 * (i % 2), light.horizon, 0.35)
    elif scene.daytime is Daytime.DUSK:
        board.glow(u, 0.56, 0.3, light.lamp, 0.2)
        board.disc(u, 0.56, 0.13, light.lamp)
    else:
        board.glow(u, 0.17, 0.2, light.lamp, 0.2)
        board.disc(u, 0.17, 0.075, light.lamp)
        if scene.daytime is Daytime.NIGHT:
            _stars(board, 14)
        else:
            _cloud(board, board.width * (0.72 if left else 0.25), 0.16)


def _stars(board: Board, count: int) -> None:
    """A fixed sprinkle: multiples of irrational steps spread evenly and cost nothing to describe."""
    for i in range(count):
        u, v = (i * 0.618 + 0.13) % 1.0 * board.width, (i * 0.414 + 0.07) % 1.0 * 0.5
        board.disc(u, v, 0.009 + 0.004 * (i % 2), (0.9, 0.92, 1.0))


def _cloud(board: Board, u: float, v: float) -> None:
    for du, dv, r in ((-0.11, 0.02, 0.05), (0.0, 0.0, 0.075), (0.11, 0.02, 0.055)):
        board.disc(u + du, v + dv, r, (0.98, 0.99, 1.0))


def _along(board: Board, step: float) -> range:
    """Numbers of things that stand `step` apart all over the board; those from 0 on begin in the frame."""
    beyond = int(ROOM * board.width / step) + 1
    return range(-beyond, int(board.width / step) + 2 + beyond)


def _sea(board: Board, scene: Scene, light: Light) -> None:
    deep, shallow = times((0.05, 0.28, 0.55), light.tint), times((0.25, 0.62, 0.82), light.tint)
    board.below(0.62, board.gradient(shallow, deep, 0.62, 1.0))
    crest = times((0.75, 0.9, 1.0), light.tint)
    for i, v in enumerate((0.7, 0.8, 0.91)):
        wave = v + 0.012 * np.cos(2 * np.pi * (board.u * (3.2 - 0.6 * i) + scene.layout + 0.37 * i))
        board.blend(np.abs(wave - board.v) - 0.008, crest, 0.6)


def _desert(board: Board, scene: Scene, light: Light) -> None:
    shift = 2 * np.pi * scene.layout
    far = 0.62 + 0.05 * np.sin(2 * np.pi * board.u * 0.8 + shift)
    near = 0.8 + 0.06 * np.sin(2 * np.pi * board.u * 0.55 - shift)
    board.below(far, times((0.90, 0.72, 0.42), light.tint))
    board.below(near, times((0.80, 0.58, 0.30), light.tint))
    u = board.width * (0.85 if scene.layout < 0.5 else 0.15)
    green = times((0.25, 0.5, 0.25), light.tint)
    for du, v, half in ((0.0, 0.6, 0.16), (-0.08, 0.57, 0.06), (0.08, 0.53, 0.06)):
        board.blend(np.maximum(np.abs(board.u - u - du) - 0.022, np.abs(board.v - v) - half), green)
    board.blend(np.maximum(np.abs(board.u - u) - 0.1, np.abs(board.v - 0.61) - 0.02), green)


def _forest(board: Board, scene: Scene, light: Light) -> None:
    board.below(0.7, board.gradient(times((0.42, 0.66, 0.3), light.tint), times((0.25, 0.48, 0.2), light.tint), 0.7))
    step = 0.3
    first = -step * scene.layout
    for i in _along(board, step):
        u, lift = first + i * step, 0.05 * ((i * 0.618) % 1.0)
        trunk = np.maximum(np.abs(board.u - u) - 0.022, np.abs(board.v - 0.64) - 0.11)
        board.blend(trunk, times((0.42, 0.28, 0.16), light.tint))
        board.disc(u, 0.46 - lift, 0.135, times((0.16, 0.44, 0.2) if i % 2 else (0.22, 0.52, 0.24), light.tint))


def _city(board: Board, scene: Scene, light: Light) -> None:
    lit = scene.daytime is Daytime.NIGHT
    window = (1.0, 0.86, 0.45) if lit else times((0.75, 0.86, 0.95), light.tint)
    step = 0.25
    first = -step * scene.layout
    for i in _along(board, step):
        u, top = first + i * step + step / 2, 0.36 + 0.22 * ((i * 0.618 + 0.2) % 1.0)
        wall = (0.45, 0.48, 0.58) if i % 2 else (0.56, 0.54, 0.6)
        board.blend(np.maximum(np.abs(board.u - u) - 0.115, top - board.v), times(wall, light.tint))
        for du in (-0.05, 0.05):
            column = np.abs(board.u - u - du) - 0.02
            rows = np.abs((board.v - top) % 0.11 - 0.06) - 0.022
            board.blend(np.maximum(np.maximum(column, rows), top + 0.02 - board.v), window)
    board.below(0.86, times((0.33, 0.34, 0.37), light.tint))


def _snow(board: Board, scene: Scene, light: Light) -> None:
    shift = 2 * np.pi * scene.layout
    pale, white = times((0.78, 0.85, 0.93), light.tint), times((0.95, 0.97, 1.0), light.tint)
    board.below(0.6 + 0.06 * np.sin(2 * np.pi * board.u * 0.7 + shift), pale)
    pine = times((0.18, 0.38, 0.34), light.tint)
    for i, share in enumerate((0.1, 0.32, 0.68, 0.92)):
        u, top = board.width * share, 0.42 + 0.06 * (i % 2)
        slope = np.abs(board.u - u) * 2.6 + top - board.v
        board.blend(np.maximum(slope / 2.8, board.v - top - 0.3), pine)
    board.below(0.76 + 0.04 * np.sin(2 * np.pi * board.u * 0.6 - shift), white)


def _space(board: Board, scene: Scene, _: Light) -> None:
    board.picture[:] = board.gradient((0.03, 0.02, 0.09), (0.13, 0.06, 0.22))
    for i in range(26):
        u, v = (i * 0.618 + 0.3) % 1.0 * board.width, (i * 0.414 + 0.1) % 1.0
        board.disc(u, v, 0.008 + 0.005 * (i % 3 == 0), (0.95, 0.95, 1.0))
    left = scene.layout < 0.5
    u = board.width * (0.2 if left else 0.8)
    board.disc(u, 0.8, 0.19, (0.42, 0.55, 0.62))
    board.disc(u - 0.05, 0.74, 0.06, (0.52, 0.65, 0.7))
    board.disc(u + 0.06, 0.84, 0.045, (0.34, 0.46, 0.54))


def _meadow(board: Board, scene: Scene, light: Light) -> None:
    shift = 2 * np.pi * scene.layout
    board.below(0.6 + 0.05 * np.sin(2 * np.pi * board.u * 0.6 - shift), times((0.56, 0.76, 0.42), light.tint))
    line = 0.72 + 0.04 * np.sin(2 * np.pi * board.u * 0.45 + shift)
    board.below(line, board.gradient(times((0.52, 0.78, 0.30), light.tint), times((0.30, 0.58, 0.20), light.tint), 0.7))
    petals = ((1.0, 0.92, 0.4), (1.0, 1.0, 1.0), (0.96, 0.6, 0.75))
    for i in _along(board, 0.13):
        u, v = (i - scene.layout) * 0.13, 0.8 + 0.16 * ((i * 0.618) % 1.0)
        board.disc(u, v, 0.016, times(petals[i % 3], light.tint))
    _cottage(board, board.width * (0.86 if scene.layout < 0.5 else 0.14), 0.58, light)


def _cottage(board: Board, u: float, v: float, light: Light) -> None:
    x, y = np.abs(board.u - u), board.v - v
    board.blend(np.maximum(x - 0.07, np.abs(y) - 0.05), times((0.93, 0.88, 0.78), light.tint))
    board.blend(np.maximum(0.8 * x - y - 0.14, y + 0.045) * 0.8, times((0.66, 0.34, 0.26), light.tint))
    board.blend(np.maximum(x - 0.018, np.abs(y - 0.02) - 0.03), times((0.4, 0.28, 0.2), light.tint))


def _mountains(board: Board, scene: Scene, light: Light) -> None:
    rock, cap = times((0.46, 0.50, 0.60), light.tint), times((0.96, 0.98, 1.0), light.tint)
    for i in _along(board, 0.42):
        u, top = (i - scene.layout + 0.5) * 0.42, 0.26 + 0.14 * ((i * 0.618 + 0.4) % 1.0)
        slope = np.abs(board.u - u) * 1.15 + top - board.v
        shade = tuple(c * (1.0 if i % 2 else 0.86) for c in rock)
        board.blend(slope / 1.5, (shade[0], shade[1], shade[2]))
        teeth = top + 0.12 + 0.02 * np.cos(2 * np.pi * (board.u - u) * 11)
        board.blend(np.maximum(slope / 1.5, board.v - teeth), cap)
    board.below(0.74 + 0.03 * np.sin(2 * np.pi * (board.u * 0.7 + scene.layout)), times((0.30, 0.48, 0.36), light.tint))
    board.below(0.86 + 0.03 * np.sin(2 * np.pi * (board.u * 0.5 - scene.layout)), times((0.24, 0.40, 0.27), light.tint))


_PAINTERS: dict[Setting, Callable[[Board, Scene, Light], None]] = {
    Setting.SEA: _sea,
    Setting.DESERT: _desert,
    Setting.FOREST: _forest,
    Setting.CITY: _city,
    Setting.SNOW: _snow,
    Setting.SPACE: _space,
    Setting.MEADOW: _meadow,
    Setting.MOUNTAINS: _mountains,
}


def _place_alone(scene: Scene) -> Scene:
    """The same for all scenes whose places look the same."""
    return replace(
        scene,
        subject=Subject.BALL,
        colour=Colour.RED,
        motion=Motion.STILL,
        camera=Camera.STATIC,
        speed=Speed.NORMAL,
        companion=None,
        mirrored=False,
        size=0.4,
        lane=0.5,
        travel=1.0,
        offset=0.5,
    )


def paint(scene: Scene, canvas: Canvas, room: float = ROOM) -> Board:
    """The scene's still place in its look, further than the frame by `room` of it on every side; not to be changed."""
    return _painted(_place_alone(scene), replace(canvas, frames=1), room)


# A clip is drawn with its subjects and without, and training shows several subjects in the same place.
@functools.lru_cache(maxsize=8)
def _painted(scene: Scene, canvas: Canvas, room: float) -> Board:
    board, light = Board(canvas, room), light_for(scene)
    if scene.setting is not Setting.SPACE:
        _sky(board, scene, light)
    _PAINTERS[scene.setting](board, scene, light)
    if scene.weather is Weather.FOG:
        thick = 0.35 + 0.3 * np.exp(-(((board.v - 0.62) / 0.25) ** 2))
        board.picture += (np.asarray(light.horizon, np.float32) - board.picture) * thick[..., None]
    restyle(board, scene)
    np.clip(board.picture, 0.0, 1.0, out=board.picture)
    board.picture.flags.writeable = False
    return board


def background(scene: Scene, canvas: Canvas) -> Picture:
    """The place as a camera that does not move sees it: float32 [height, width, 3] in 0..1; not to be changed."""
    return paint(scene, canvas, room=0.0).picture
