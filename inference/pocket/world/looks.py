"""Sora's five looks: what each makes of a place, of a subject's parts, and of the finished frame.

Grain, pixels and lines repeat every 32 pixels, an autoencoder's tile: what is the same in every tile is drawn by the
decoder from the look alone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.board import LIGHTS, Board, Field, Picture, Rgb
from inference.pocket.world.scene import Daytime, Look, Scene
from inference.pocket.world.subjects import Paint

Colours = NDArray[np.float32]

#: Pixels after which weather and grain repeat.
TILE = 32
#: A retro pixel's side, and the steps between a channel's levels.
PIXEL, STEPS = 4, 5
_CREAM, _DARK, _GLOW = (0.97, 0.95, 0.86), (0.16, 0.15, 0.20), (1.0, 0.72, 0.16)
_WOOD, _LEAF = (0.42, 0.27, 0.15), (0.22, 0.50, 0.22)
#: Width of anime outlines, and of neon edges and their glow, as shares of the subject's half height.
OUTLINE = 0.07
_EDGE, _HALO = 0.1, 0.2
#: A subject is dimmed at night less than its surroundings, so that its colour stays readable.
_NIGHT_DIM = 0.86
_PAPER: Rgb = (0.98, 0.95, 0.88)


def restyle(board: Board, scene: Scene) -> None:
    """The place in the scene's look; what belongs to the screen is left to `finish`."""
    match scene.look:
        case Look.ANIME:
            grey = board.picture.mean(axis=-1, keepdims=True)
            board.picture += (board.picture - grey) * np.float32(0.22)
        case Look.STORYBOOK:
            _wash(board, scene)
        case Look.CYBERPUNK:
            _electrify(board, scene)
        case Look.REALISTIC | Look.RETRO:
            pass


def _wash(board: Board, scene: Scene) -> None:
    """Thin paint: paper shines through, more in some places than in others."""
    tint = LIGHTS[scene.daytime].tint
    paper = np.asarray([p * (0.25 + 0.75 * t) for p, t in zip(_PAPER, tint, strict=True)], np.float32)
    u, v = board.u + scene.layout, board.v
    blots = (
        np.sin(5.1 * u + 2.0 * np.sin(3.7 * v)) + np.sin(4.3 * v + 1.7 * np.sin(6.1 * u)) + np.sin(9.7 * u - 7.9 * v)
    )
    thin = np.clip(0.33 + 0.04 * blots, 0.0, 1.0)[..., None].astype(np.float32)
    board.picture += (paper - board.picture) * thin


def _electrify(board: Board, scene: Scene) -> None:
    """Indigo shadows, a magenta horizon, cyan lines on the ground."""
    level = {Daytime.DAY: 1.0, Daytime.DUSK: 0.75, Daytime.NIGHT: 0.55}[scene.daytime]
    dark = np.asarray((0.05, 0.03, 0.15), np.float32)
    board.picture[:] = dark + board.picture * np.asarray((0.46, 0.34, 0.66), np.float32)
    glow = np.exp(-(((board.v - 0.62) / 0.2) ** 2))[..., None] * np.float32(0.42 * level)
    board.picture += (np.asarray((0.85, 0.12, 0.62), np.float32) - board.picture) * glow
    for v in (0.7, 0.79, 0.92):
        board.blend(np.broadcast_to(np.abs(board.v - v) - 0.005, board.picture.shape[:2]), (0.15, 0.85, 0.95), 0.5)


@functools.cache
def _grain() -> Picture:
    """Paper: smooth noise that repeats after a tile, around 1."""
    noise = np.random.default_rng(5).normal(size=(TILE, TILE))
    waves = np.fft.fft2(noise)
    far = np.abs(np.fft.fftfreq(TILE))
    waves *= np.exp(-((np.hypot(far[:, None], far[None, :]) / 0.22) ** 2))
    grain = np.fft.ifft2(waves).real
    tile: Picture = (1 + 0.013 * grain / grain.std()).astype(np.float32)[..., None]
    return tile


def finish(frames: Picture, look: Look, row: int = 0, column: int = 0) -> Picture:
    """What the look does to whole frames [..., height, width, 3]; `row` and `column` are their first pixel's place.

    For a part of a frame both are multiples of `PIXEL`.
    """
    height, width = frames.shape[-3:-1]
    if look is Look.STORYBOOK:
        rows, columns = (np.arange(height) + row) % TILE, (np.arange(width) + column) % TILE
        return np.minimum(frames * _grain()[rows[:, None], columns], 1.0)
    if look is Look.RETRO:
        blocks = frames.reshape(*frames.shape[:-3], height // PIXEL, PIXEL, width // PIXEL, PIXEL, 3).mean((-4, -2))
        levels = np.round(np.clip(blocks, 0, 1) * STEPS) / np.float32(STEPS)
        pixels: Picture = levels.repeat(PIXEL, axis=-3).repeat(PIXEL, axis=-2)
        return pixels
    return frames


def _paint(paint: Paint, colour: Rgb) -> Colours:
    base = np.asarray(colour, np.float32)
    match paint:
        case Paint.BODY:
            return base
        case Paint.SHADE:
            return base * np.float32(0.74)
        case Paint.TINT:
            return base + (1 - base) * np.float32(0.45)
        case _:
            return np.asarray(_FIXED[paint], np.float32)


_FIXED = {Paint.CREAM: _CREAM, Paint.DARK: _DARK, Paint.GLOW: _GLOW, Paint.WOOD: _WOOD, Paint.LEAF: _LEAF}


def _over(patch: Picture, distance: Field, colour: Colours | Picture, strength: float = 1.0) -> Picture:
    """Paint `colour` where `distance` (pixels) is inside, with a one-pixel soft edge."""
    alpha = np.clip(0.5 - distance, 0, 1)[..., None] * np.float32(strength)
    over: Picture = patch + (colour - patch) * alpha
    return over


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """How one subject is painted."""

    look: Look
    colour: Rgb
    dim: float
    #: Figure coordinates of the pixels, and pixels per unit of them.
    x: Field
    y: Field
    scale: Field

    def paint(self, patch: Picture, paint: Paint, distance: Field) -> Picture:
        """One part over `patch`; `distance` in figure units."""
        base, pixels = _paint(paint, self.colour), distance * self.scale
        match self.look:
            case Look.ANIME:
                if paint not in (Paint.TINT, Paint.DARK):
                    patch = _over(patch, (distance - OUTLINE) * self.scale, np.asarray(_DARK, np.float32))
                return _over(patch, pixels, base * np.float32(self.dim))
            case Look.STORYBOOK:
                return self._watercolour(patch, pixels, base * np.float32(self.dim))
            case Look.CYBERPUNK:
                return self._neon(patch, distance, base, paint)
            case Look.REALISTIC | Look.RETRO:
                shade = (1.06 - 0.2 * (self.y + 0.6 * self.x))[..., None].astype(np.float32)
                return _over(patch, pixels, np.clip(base * shade * np.float32(self.dim), 0, 1))

    def _watercolour(self, patch: Picture, pixels: Field, base: Colours) -> Picture:
        """Thin in the middle, dark where the pigment gathers at the edge, and not quite true to the line."""
        x, y = self.x, self.y
        wobble = pixels + 0.5 * np.sin(7.0 * x + 3.0 * np.sin(5.0 * y)) + 0.4 * np.sin(6.0 * y + 1.0)
        patch = _over(patch, wobble, base * np.float32(0.82), 0.95)
        return _over(patch, wobble + 1.8, base + (np.asarray(_PAPER, np.float32) - base) * np.float32(0.16), 0.9)

    def _neon(self, patch: Picture, distance: Field, base: Colours, paint: Paint) -> Picture:
        """A bright edge that shines on what is around, and a darker inside."""
        own = paint in (Paint.BODY, Paint.SHADE)
        if own:
            halo = np.exp(-((np.maximum(distance, 0) / _HALO) ** 2))[..., None] * np.float32(0.45)
            patch = patch + (base - patch) * halo
        edge = base + (1 - base) * np.float32(0.3) if own else base
        patch = _over(patch, distance * self.scale, edge)
        inner = np.maximum((distance + _EDGE) * self.scale, distance * self.scale + 1.2)
        return _over(patch, inner, base * np.float32(0.72))


def brush(scene: Scene, colour: Rgb, x: Field, y: Field, scale: Field) -> Brush:
    """For the subject of `scene`."""
    dim = _NIGHT_DIM if scene.daytime is Daytime.NIGHT else 1.0
    return Brush(look=scene.look, colour=colour, dim=dim, x=x, y=y, scale=scale)
