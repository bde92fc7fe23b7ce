"""The backgrounds: one still picture a clip, drawn from a palette and a few simple shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.scene import Canvas, Daytime, Scene, Setting

Field = NDArray[np.floating[Any]]
Picture = NDArray[np.floating[Any]]
Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How a time of day paints: the sky's two ends and the tint of everything under it."""

    zenith: Rgb
    horizon: Rgb
    #: Multiplies the ground's colours.
    tint: Rgb
    #: Sun or moon.
    lamp: Rgb


LIGHTS = {
    Daytime.DAY: Light(
        zenith=(0.38, 0.65, 0.93), horizon=(0.80, 0.92, 0.98), tint=(1.0, 1.0, 1.0), lamp=(1.0, 0.96, 0.75)
    ),
    Daytime.SUNSET: Light(
        zenith=(0.45, 0.28, 0.52), horizon=(1.0, 0.66, 0.42), tint=(0.92, 0.66, 0.6), lamp=(1.0, 0.84, 0.55)
    ),
    Daytime.NIGHT: Light(
        zenith=(0.03, 0.05, 0.16), horizon=(0.13, 0.17, 0.36), tint=(0.30, 0.34, 0.52), lamp=(0.93, 0.93, 0.85)
    ),
}


class Board:
    """A picture under construction: float32 [height, width, 3] in 0..1, with normalised coordinates.

    `u` runs 0 to width/height, `v` 0 (top) to 1 (bottom), both measured in canvas heights.
    """

    def __init__(self, canvas: Canvas) -> None:
        rows = (np.arange(canvas.height, dtype=np.float32) + 0.5) / canvas.height
        columns = (np.arange(canvas.width, dtype=np.float32) + 0.5) / canvas.height
        self.v: Field = rows[:, None]
        self.u: Field = columns[None, :]
        self.width = canvas.width / canvas.height
        self.pixels = float(canvas.height)
        self.picture: Picture = np.zeros((canvas.height, canvas.width, 3), np.float32)

    def blend(self, distance: Field, colour: Rgb | Picture, strength: float = 1.0) -> None:
        """Paint where `distance` (canvas heights, negative inside) is inside, with a one-pixel soft edge."""
        alpha = np.clip(0.5 - distance * self.pixels, 0.0, 1.0)[..., None] * strength
        self.picture += (np.asarray(colour, np.float32) - self.picture) * alpha

    def gradient(self, top: Rgb, bottom: Rgb, v0: float = 0.0, v1: float = 1.0) -> Picture:
        """A vertical gradient from `top` at `v0` to `bottom` at `v1`."""
        share = np.clip((self.v - v0) / (v1 - v0), 0.0, 1.0)[..., None]
        picture: Picture = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
        return picture

    def below(self, line: Field | float, colour: Rgb | Picture) -> None:
        """Paint everything under the curve v = line(u)."""
        self.blend(np.broadcast_to(line - self.v, self.picture.shape[:2]), colour)

    def disc(self, u: float, v: float, radius: float, colour: Rgb, strength: float = 1.0) -> None:
        """A filled circle."""
        reach = radius + 0.02
        top, bottom, left, right = (max(int(c * self.pixels), 0) for c in (v - reach, v + reach, u - reach, u + reach))
        rows, columns = slice(top, bottom + 1), slice(left, right + 1)
        distance = np.hypot(self.u[:, columns] - u, self.v[rows] - v) - radius
        alpha = np.clip(0.5 - distance * self.pixels, 0.0, 1.0)[..., None] * strength
        part = self.picture[rows, columns]
        part += (np.asarray(colour, np.float32) - part) * alpha


def _times(colour: Rgb, tint: Rgb) -> Rgb:
    return (colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2])


def _sky(board: Board, scene: Scene, light: Light) -> None:
    board.picture[:] = board.gradient(light.zenith, light.horizon, 0.0, 0.7)
    left = scene.layout < 0.5
    u = board.width * (0.18 if left else 0.82)
    if scene.daytime is Daytime.SUNSET:
        board.disc(u, 0.56, 0.13, light.lamp)
    else:
        board.disc(u, 0.17, 0.075, light.lamp)
    if scene.daytime is Daytime.NIGHT:
        _stars(board, 14)
    elif scene.daytime is Daytime.DAY:
        _cloud(board, board.width * (0.72 if left else 0.25), 0.16)


def _stars(board: Board, count: int) -> None:
    """A fixed sprinkle: multiples of irrational steps spread evenly and cost nothing to describe."""
    for i in range(count):
        u, v = (i * 0.618 + 0.13) % 1.0 * board.width, (i * 0.414 + 0.07) % 1.0 * 0.5
        board.disc(u, v, 0.009 + 0.004 * (i % 2), (0.9, 0.92, 1.0))


def _cloud(board: Board, u: float, v: float) -> None:
    for du, dv, r in ((-0.11, 0.02, 0.05), (0.0, 0.0, 0.075), (0.11, 0.02, 0.055)):
        board.disc(u + du, v + dv, r, (0.98, 0.99, 1.0))


def _sea(board: Board, scene: Scene, light: Light) -> None:
    deep, shallow = _times((0.05, 0.28, 0.55), light.tint), _times((0.25, 0.62, 0.82), light.tint)
    board.below(0.62, board.gradient(shallow, deep, 0.62, 1.0))
    crest = _times((0.75, 0.9, 1.0), light.tint)
    for i, v in enumerate((0.7, 0.8, 0.91)):
        wave = v + 0.012 * np.cos(2 * np.pi * (board.u * (3.2 - 0.6 * i) + scene.layout + 0.37 * i))
        board.blend(np.abs(wave - board.v) - 0.008, crest, 0.6)


def _desert(board: Board, scene: Scene, light: Light) -> None:
    shift = 2 * np.pi * scene.layout
    far = 0.62 + 0.05 * np.sin(2 * np.pi * board.u * 0.8 + shift)
    near = 0.8 + 0.06 * np.sin(2 * np.pi * board.u * 0.55 - shift)
    board.below(far, _times((0.90, 0.72, 0.42), light.tint))
    board.below(near, _times((0.80, 0.58, 0.30), light.tint))
    u = board.width * (0.85 if scene.layout < 0.5 else 0.15)
    green = _times((0.25, 0.5, 0.25), light.tint)
    for du, v, half in ((0.0, 0.6, 0.16), (-0.08, 0.57, 0.06), (0.08, 0.53, 0.06)):
        board.blend(np.maximum(np.abs(board.u - u - du) - 0.022, np.abs(board.v - v) - half), green)
    board.blend(np.maximum(np.abs(board.u - u) - 0.1, np.abs(board.v - 0.61) - 0.02), green)


def _forest(board: Board, scene: Scene, light: Light) -> None:
    board.below(0.7, board.gradient(_times((0.42, 0.66, 0.3), light.tint), _times((0.25, 0.48, 0.2), light.tint), 0.7))
    step = 0.3
    first = -step * scene.layout
    for i in range(int(board.width / step) + 2):
        u, lift = first + i * step, 0.05 * ((i * 0.618) % 1.0)
        trunk = np.maximum(np.abs(board.u - u) - 0.022, np.abs(board.v - 0.64) - 0.11)
        board.blend(trunk, _times((0.42, 0.28, 0.16), light.tint))
        board.disc(u, 0.46 - lift, 0.135, _times((0.16, 0.44, 0.2) if i % 2 else (0.22, 0.52, 0.24), light.tint))


def _city(board: Board, scene: Scene, light: Light) -> None:
    lit = scene.daytime is Daytime.NIGHT
    window = (1.0, 0.86, 0.45) if lit else _times((0.75, 0.86, 0.95), light.tint)
    step = 0.25
    first = -step * scene.layout
    for i in range(int(board.width / step) + 2):
        u, top = first + i * step + step / 2, 0.36 + 0.22 * ((i * 0.618 + 0.2) % 1.0)
        wall = (0.45, 0.48, 0.58) if i % 2 else (0.56, 0.54, 0.6)
        board.blend(np.maximum(np.abs(board.u - u) - 0.115, top - board.v), _times(wall, light.tint))
        for du in (-0.05, 0.05):
            column = np.abs(board.u - u - du) - 0.02
            rows = np.abs((board.v - top) % 0.11 - 0.06) - 0.022
            board.blend(np.maximum(np.maximum(column, rows), top + 0.02 - board.v), window)
    board.below(0.86, _times((0.33, 0.34, 0.37), light.tint))


def _snow(board: Board, scene: Scene, light: Light) -> None:
    shift = 2 * np.pi * scene.layout
    pale, white = _times((0.78, 0.85, 0.93), light.tint), _times((0.95, 0.97, 1.0), light.tint)
    board.below(0.6 + 0.06 * np.sin(2 * np.pi * board.u * 0.7 + shift), pale)
    pine = _times((0.18, 0.38, 0.34), light.tint)
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


_PAINTERS: dict[Setting, Callable[[Board, Scene, Light], None]] = {
    Setting.SEA: _sea,
    Setting.DESERT: _desert,
    Setting.FOREST: _forest,
    Setting.CITY: _city,
    Setting.SNOW: _snow,
    Setting.SPACE: _space,
}


def background(scene: Scene, canvas: Canvas) -> Picture:
    """The scene's still background: float32 [height, width, 3] in 0..1."""
    board, light = Board(canvas), LIGHTS[scene.daytime]
    if scene.setting is not Setting.SPACE:
        _sky(board, scene, light)
    _PAINTERS[scene.setting](board, scene, light)
    return np.clip(board.picture, 0.0, 1.0)
