"""Pixels: a scene on a canvas becomes frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.motion import centre_track
from inference.pocket.world.scene import Canvas, Colour, Daytime, Look, Motion, Scene
from inference.pocket.world.settings import Picture, Rgb, background
from inference.pocket.world.subjects import FIGURES, Field, Paint

Frames = NDArray[np.uint8]

#: The subjects' colours, sRGB 0..1: far apart in hue so that a person names them without doubt.
COLOURS: dict[Colour, Rgb] = {
    Colour.RED: (0.88, 0.12, 0.12),
    Colour.ORANGE: (0.98, 0.52, 0.08),
    Colour.YELLOW: (0.99, 0.86, 0.12),
    Colour.GREEN: (0.16, 0.68, 0.22),
    Colour.BLUE: (0.13, 0.30, 0.90),
    Colour.PURPLE: (0.54, 0.20, 0.78),
    Colour.PINK: (0.98, 0.50, 0.74),
    Colour.WHITE: (0.97, 0.97, 0.97),
}
_CREAM, _DARK, _GLOW = (0.97, 0.95, 0.86), (0.16, 0.15, 0.20), (1.0, 0.72, 0.16)
#: A subject is dimmed at night less than its surroundings, so that its colour stays readable.
_NIGHT_DIM = 0.86
#: Width of anime outlines, as a share of the subject's half height.
_OUTLINE = 0.07


def _paint(paint: Paint, colour: Rgb) -> NDArray[np.float32]:
    base = np.asarray(colour, np.float32)
    match paint:
        case Paint.BODY:
            return base
        case Paint.SHADE:
            return base * np.float32(0.74)
        case Paint.TINT:
            return base + (1 - base) * np.float32(0.45)
        case Paint.CREAM:
            return np.asarray(_CREAM, np.float32)
        case Paint.DARK:
            return np.asarray(_DARK, np.float32)
        case Paint.GLOW:
            return np.asarray(_GLOW, np.float32)


def _grid(track: Field, half: Field, canvas: Canvas) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixel rows [frames, h] and columns [frames, w] of a box round the centre, cut to the canvas."""
    spread = np.ceil(half).astype(int) + 2
    offsets_x, offsets_y = np.arange(-spread[0], spread[0] + 1), np.arange(-spread[1], spread[1] + 1)
    columns = np.floor(track[:, :1]).astype(int) + offsets_x
    rows = np.floor(track[:, 1:]).astype(int) + offsets_y
    return np.clip(rows, 0, canvas.height - 1), np.clip(columns, 0, canvas.width - 1)


def _compose(patch: Picture, scene: Scene, x: Field, y: Field, scale: float) -> Picture:
    """Paint the subject's parts over `patch`; x and y are figure coordinates, `scale` pixels per unit."""
    figure = FIGURES[scene.subject]
    dim = np.float32(_NIGHT_DIM if scene.daytime is Daytime.NIGHT else 1.0)
    anime = scene.look is Look.ANIME
    shade = np.float32(1.0) if anime else (1.06 - 0.2 * (y + 0.6 * x))[..., None].astype(np.float32)
    for part in figure.parts:
        distance = part.shape(x, y) * scale
        if anime and part.paint is not Paint.TINT:
            edge = np.clip(0.5 - (distance - _OUTLINE * scale), 0, 1)[..., None]
            patch = patch + (np.asarray(_DARK, np.float32) - patch) * edge
        alpha = np.clip(0.5 - distance, 0, 1)[..., None]
        colour = np.clip(_paint(part.paint, COLOURS[scene.colour]) * shade * dim, 0, 1)
        patch = patch + (colour - patch) * alpha
    return patch.astype(np.float32)


def draw_figure(scene: Scene, under: Picture, centre: tuple[float, float], unit: float) -> Picture:
    """`under` (0..1) with the scene's subject painted on it, its centre at (x, y) in pixels; `unit` as a canvas's."""
    scale = scene.size * unit / 2
    x = (np.arange(under.shape[1], dtype=np.float32) + np.float32(0.5 - centre[0])) / np.float32(scale)
    y = (np.arange(under.shape[0], dtype=np.float32) + np.float32(0.5 - centre[1])) / np.float32(scale)
    if FIGURES[scene.subject].faces and scene.motion is Motion.LEFT:
        x = -x
    return _compose(under, scene, x[None, :], y[:, None], scale)


def draw_empty(scene: Scene, canvas: Canvas) -> Frames:
    """The place without its subject, which stands still: uint8 [1, height, width, 3], sRGB."""
    return (background(scene, canvas)[None] * 255 + 0.5).astype(np.uint8)


def draw_clip(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> Frames:
    """Draw frames `first` … `first + count - 1` of the clip: uint8 [count, height, width, 3], sRGB."""
    figure = FIGURES[scene.subject]
    track = centre_track(scene, canvas)[first : None if count is None else first + count]
    scale = scene.size * canvas.unit / 2
    half = np.asarray([scale * figure.aspect, scale], np.float32) * np.float32(1 + _OUTLINE)
    rows, columns = _grid(track, half, canvas)
    still = background(scene, canvas)
    frames = np.repeat(still[None], len(track), axis=0)
    x = (columns + np.float32(0.5) - track[:, :1]) / np.float32(scale)
    y = (rows + np.float32(0.5) - track[:, 1:]) / np.float32(scale)
    if figure.faces and scene.motion is Motion.LEFT:
        x = -x
    index = (np.arange(len(track))[:, None, None], rows[:, :, None], columns[:, None, :])
    frames[index] = _compose(frames[index], scene, x[:, None, :], y[:, :, None], scale)
    return (frames * 255 + 0.5).astype(np.uint8)
