"""Rain and snow in the air.

Both repeat every 32 pixels, an autoencoder's tile, and every eight frames, one latent: so every tile of every latent
shows the same, and the decoder draws it from the word alone.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.board import Picture
from inference.pocket.world.looks import PIXEL, TILE
from inference.pocket.world.scene import Daytime, Look, Scene, Weather

#: Frames after which everything is where it was.
PERIOD = 8
_SLANT, _STREAK = 0.25, 9.0
#: Pixels right and down in `PERIOD` frames; everything has a twin half a tile on, where it is after a period.
_RAIN_WAY, _FLAKE_WAY = (16, 64), (16, 16)
_DROPS = ((3.0, 2.0), (8.5, 14.0), (14.0, 24.0))
_FLAKES = ((4.0, 3.0, 1.5), (11.0, 12.0, 1.1), (20.5, 6.5, 1.8), (27.5, 1.0, 1.2))
_INK = {Weather.RAIN: ((0.80, 0.87, 0.95), 0.55), Weather.SNOWFALL: ((1.0, 1.0, 1.0), 0.9)}
#: From this share of ink on, a retro pixel is all ink.
_INKED = 0.28
_BRIGHT = {Daytime.DAY: 1.0, Daytime.DUSK: 0.9, Daytime.NIGHT: 0.7}

Alpha = NDArray[np.floating[Any]]


def _round(delta: Alpha) -> Alpha:
    """The way to the nearest repetition."""
    result: Alpha = (delta + TILE / 2) % TILE - TILE / 2
    return result


@functools.cache
def _rain(phase: int) -> Alpha:
    rows, columns = np.mgrid[:TILE, :TILE] + 0.5
    ink = np.zeros((TILE, TILE))
    for x, y in (*_DROPS, *((x + TILE / 2, y) for x, y in _DROPS)):
        along, across = _RAIN_WAY[1] * phase / PERIOD, _RAIN_WAY[0] * phase / PERIOD
        down = _round(rows - y - along)
        aside = _round(columns - x - across - _SLANT * down)
        ink = np.maximum(ink, np.clip(1.1 - np.abs(aside), 0, 1) * np.clip(_STREAK / 2 + 0.5 - np.abs(down), 0, 1))
    return ink


@functools.cache
def _snow(phase: int) -> Alpha:
    rows, columns = np.mgrid[:TILE, :TILE] + 0.5
    ink = np.zeros((TILE, TILE))
    right, down = (way * phase / PERIOD for way in _FLAKE_WAY)
    for x, y, radius in (*_FLAKES, *((x + 16, y + 16, radius) for x, y, radius in _FLAKES)):
        away = np.hypot(_round(columns - x - right), _round(rows - y - down))
        ink = np.maximum(ink, np.clip(radius + 0.5 - away, 0, 1))
    return ink


def falls(scene: Scene) -> bool:
    """Whether something is in the air."""
    return scene.weather in _INK


def veil(frame: Picture, scene: Scene, number: int) -> Picture:
    """`frame`, the clip's `number`th, with what falls in it."""
    if not falls(scene):
        return frame
    tile = (_rain if scene.weather is Weather.RAIN else _snow)(number % PERIOD)
    if scene.look is Look.RETRO:
        blocks = tile.reshape(TILE // PIXEL, PIXEL, TILE // PIXEL, PIXEL).mean(axis=(1, 3)) > _INKED
        tile = blocks.astype(np.float32).repeat(PIXEL, axis=0).repeat(PIXEL, axis=1)
    height, width = frame.shape[:2]
    alpha = np.tile(tile, (-(-height // TILE), -(-width // TILE)))[:height, :width]
    colour, strength = _INK[scene.weather]
    ink = np.asarray(colour, np.float32) * np.float32(_BRIGHT[scene.daytime])
    veiled: Picture = frame + (ink - frame) * (alpha * strength)[..., None].astype(np.float32)
    return veiled
