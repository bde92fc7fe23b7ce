"""What part of a board the camera shows in each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.pocket.world.board import Board, Field, Picture
from inference.pocket.world.scene import Camera, Canvas, Speed

#: How far the camera goes in a clip at normal speed: of the frame's side, and of its size. At most 8/7 of that.
_PAN, _ZOOM = 0.14, 0.2
_SHARE = {Speed.SLOW: 0.55, Speed.NORMAL: 0.9, Speed.FAST: 1.0}
_WAYS = {
    Camera.PAN_LEFT: (-1, 0),
    Camera.PAN_RIGHT: (1, 0),
    Camera.PAN_UP: (0, -1),
    Camera.PAN_DOWN: (0, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the camera looks in one frame; it begins every clip in the middle."""

    #: Of the frame's middle, in frame widths and heights.
    right: float = 0.0
    down: float = 0.0
    #: How large things are.
    zoom: float = 1.0


def views(camera: Camera, speed: Speed, canvas: Canvas) -> list[View]:
    """One a frame; it starts and ends at rest."""
    time = np.linspace(0.0, 1.0, canvas.frames) if canvas.frames > 1 else np.zeros(1)
    shares = time * time * (3 - 2 * time) * _SHARE[speed]
    right, down = _WAYS.get(camera, (0, 0))
    grown = {Camera.ZOOM_IN: 1 / (1 - _ZOOM), Camera.ZOOM_OUT: 1 / (1 + _ZOOM)}.get(camera, 1.0)
    return [View(right=_PAN * right * s, down=_PAN * down * s, zoom=float(grown**s)) for s in shares]


def shoot(board: Board, view: View, canvas: Canvas) -> Picture:
    """The frame that `view` shows of `board`."""
    rows = _places(canvas.height, view.down, view.zoom, board.rim)
    columns = _places(canvas.width, view.right, view.zoom, board.side)
    return _between(_between(board.picture, rows, 0), columns, 1)


def _places(size: int, way: float, zoom: float, beyond: int) -> Field:
    """Of the frame's pixels on the board, in its pixels."""
    middle = (size - 1) / 2
    return (np.arange(size) - middle) / zoom + middle + way * size + beyond


def _between(picture: Picture, places: Field, axis: int) -> Picture:
    """Pixels at fractional places along one axis."""
    low = np.clip(np.floor(places).astype(int), 0, picture.shape[axis] - 1)
    high = np.minimum(low + 1, picture.shape[axis] - 1)
    share = (places - low).astype(np.float32).reshape([-1 if i == axis else 1 for i in range(3)])
    before, after = picture.take(low, axis), picture.take(high, axis)
    shown: Picture = before + (after - before) * share
    return shown
