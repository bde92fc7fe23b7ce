"""Pixels: a scene on a canvas becomes frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.board import Picture, Rgb
from inference.pocket.world.camera import shoot, views
from inference.pocket.world.looks import OUTLINE, brush, finish
from inference.pocket.world.motion import Track, centre_track, looks_left
from inference.pocket.world.scene import Camera, Canvas, Colour, Look, Scene, second
from inference.pocket.world.settings import background, paint
from inference.pocket.world.shapes import Field
from inference.pocket.world.subjects import FIGURES
from inference.pocket.world.weather import falls, veil

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
    Colour.TURQUOISE: (0.10, 0.76, 0.74),
    Colour.BROWN: (0.47, 0.28, 0.13),
}
#: What of a figure's surroundings its look may touch, in its half heights: outlines, or a halo.
_AROUND = {Look.CYBERPUNK: 0.45}


def _compose(patch: Picture, scene: Scene, x: Field, y: Field, scale: Field) -> Picture:
    """Paint the subject's parts over `patch`; x and y are figure coordinates, `scale` pixels per unit."""
    hand = brush(scene, COLOURS[scene.colour], x, y, scale)
    for part in FIGURES[scene.subject].parts:
        patch = hand.paint(patch, part.paint, part.shape(x, y))
    return patch.astype(np.float32)


def draw_figure(scene: Scene, under: Picture, centre: tuple[float, float], unit: float) -> Picture:
    """`under` (0..1) with the scene's subject painted on it, its centre at (x, y) in pixels; `unit` as a canvas's."""
    scale = scene.size * unit / 2
    x = (np.arange(under.shape[1], dtype=np.float32) + np.float32(0.5 - centre[0])) / np.float32(scale)
    y = (np.arange(under.shape[0], dtype=np.float32) + np.float32(0.5 - centre[1])) / np.float32(scale)
    return _compose(
        under, scene, -x[None, :] if looks_left(scene) else x[None, :], y[:, None], np.array(scale, np.float32)
    )


def growth(scene: Scene, canvas: Canvas) -> NDArray[np.float32]:
    """How large the camera makes things, by frame."""
    return np.array([view.zoom for view in views(scene.camera, scene.speed, canvas)], np.float32)


def places(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> list[Picture]:
    """What the camera sees of the place in each frame, before the finish; one picture, repeated, where it stands."""
    shown = views(scene.camera, scene.speed, canvas)[first : None if count is None else first + count]
    if scene.camera is Camera.STATIC:
        return [background(scene, canvas)] * len(shown)
    board = paint(scene, canvas)
    return [shoot(board, view, canvas) for view in shown]


def _grid(track: Track, half: NDArray[Any], canvas: Canvas) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixel rows [frames, h] and columns [frames, w] of a box round the centre, cut to the canvas."""
    spread = np.ceil(half).astype(int) + 2
    offsets_x, offsets_y = np.arange(-spread[0], spread[0] + 1), np.arange(-spread[1], spread[1] + 1)
    columns = np.floor(track[:, :1]).astype(int) + offsets_x
    rows = np.floor(track[:, 1:]).astype(int) + offsets_y
    return np.clip(rows, 0, canvas.height - 1), np.clip(columns, 0, canvas.width - 1)


def _place_subject(frames: Picture, scene: Scene, canvas: Canvas, first: int) -> None:
    """Paint the scene's first subject into `frames`, the clip's from `first` on."""
    part = slice(first, first + len(frames))
    track, grown = centre_track(scene, canvas)[part], growth(scene, canvas)[part]
    scale = (scene.size * canvas.unit / 2 * grown)[:, None]
    around = np.float32(1 + _AROUND.get(scene.look, OUTLINE))
    half = float(scale.max()) * np.asarray([FIGURES[scene.subject].aspect, 1.0], np.float32) * around
    rows, columns = _grid(track, half, canvas)
    x = (columns + np.float32(0.5) - track[:, :1]) / scale
    y = (rows + np.float32(0.5) - track[:, 1:]) / scale
    if looks_left(scene):
        x = -x
    index = (np.arange(len(track))[:, None, None], rows[:, :, None], columns[:, None, :])
    frames[index] = _compose(frames[index], scene, x[:, None, :], y[:, :, None], scale[:, :, None])


def _to_bytes(frames: Picture, scene: Scene, first: int) -> Frames:
    done = finish(frames, scene.look)
    if falls(scene):
        done = np.stack([veil(frame, scene, first + i) for i, frame in enumerate(done)])
    return (np.clip(done, 0, 1) * 255 + 0.5).astype(np.uint8)


def draw_empty(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> Frames:
    """The place without its subjects and with nothing in the air: uint8 [count, height, width, 3], sRGB."""
    shown = places(scene, canvas, first, count)
    if scene.camera is Camera.STATIC:
        still = (np.clip(finish(shown[0], scene.look), 0, 1) * 255 + 0.5).astype(np.uint8)
        return np.repeat(still[None], len(shown), axis=0)
    return (np.clip(finish(np.stack(shown), scene.look), 0, 1) * 255 + 0.5).astype(np.uint8)


def draw_clip(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> Frames:
    """Draw frames `first` … `first + count - 1` of the clip: uint8 [count, height, width, 3], sRGB."""
    frames = np.stack(places(scene, canvas, first, count))
    other = second(scene)
    if other is not None:
        _place_subject(frames, other, canvas, first)
    _place_subject(frames, scene, canvas, first)
    return _to_bytes(frames, scene, first)
