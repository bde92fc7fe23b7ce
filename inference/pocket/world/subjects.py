"""The subjects' shapes as signed distance functions.

Coordinates: x to the right, y down, the subject's height is 2 units and its centre the origin; it faces right. A
distance is negative inside. Distances are exact near the edges, which is all that anti-aliasing and outlines need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.scene import Subject

Field = NDArray[np.floating[Any]]
Shape = Callable[[Field, Field], Field]


class Paint(Enum):
    """Which colour a part takes from the subject's colour."""

    BODY = auto()
    SHADE = auto()
    TINT = auto()
    CREAM = auto()
    DARK = auto()
    GLOW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One painted piece of a subject."""

    shape: Shape
    paint: Paint


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A subject: its parts from back to front, and its box."""

    parts: tuple[Part, ...]
    #: Half the width in units of half the height.
    aspect: float
    #: Whether it turns to look where it goes.
    faces: bool


def circle(cx: float, cy: float, r: float) -> Shape:
    """A disc."""
    return lambda x, y: np.hypot(x - cx, y - cy) - r


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Shape:
    """An ellipse; the distance is scaled by the smaller radius (exact on the edge's sign, close in width)."""

    def distance(x: Field, y: Field) -> Field:
        dx, dy = (x - cx) / rx, (y - cy) / ry
        length = np.hypot(dx, dy)
        slope = np.hypot(dx / rx, dy / ry) + 1e-6
        field: Field = (length - 1.0) * length / slope
        return field

    return distance


def box(cx: float, cy: float, hx: float, hy: float, r: float = 0.0) -> Shape:
    """A rectangle of half sizes `hx`, `hy` with corners rounded by `r`."""

    def distance(x: Field, y: Field) -> Field:
        qx, qy = np.abs(x - cx) - (hx - r), np.abs(y - cy) - (hy - r)
        outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
        field: Field = outside + np.minimum(np.maximum(qx, qy), 0) - r
        return field

    return distance


def polygon(*points: tuple[float, float]) -> Shape:
    """A convex polygon, corners clockwise on screen (y down): the largest distance to its edges' lines."""
    edges = list(zip(points, points[1:] + points[:1], strict=True))

    def distance(x: Field, y: Field) -> Field:
        field: Field = np.full(np.broadcast_shapes(x.shape, y.shape), -np.inf, x.dtype)
        for (ax, ay), (bx, by) in edges:
            ex, ey = bx - ax, by - ay
            norm = float(np.hypot(ex, ey))
            field = np.maximum(field, ((x - ax) * ey - (y - ay) * ex) / norm)
        return field

    return distance


def star(radius: float, inner: float) -> Shape:
    """A five-pointed star: the plane folded into one tenth, where a single line is the edge."""
    tenth = np.pi / 5
    bx, by = inner * np.cos(tenth), inner * np.sin(tenth)
    ex, ey = bx - radius, by
    norm = float(np.hypot(ex, ey))

    def distance(x: Field, y: Field) -> Field:
        angle = np.arctan2(x, -y)
        folded = np.abs((angle + tenth) % (2 * tenth) - tenth)
        r = np.hypot(x, y)
        px, py = r * np.cos(folded), r * np.sin(folded)
        field: Field = ((px - radius) * ey - py * ex) / norm
        return field

    return distance


def _part(shape: Shape, paint: Paint = Paint.BODY) -> Part:
    return Part(shape=shape, paint=paint)


_BALL = Figure(parts=(_part(circle(0, 0, 0.98)), _part(box(0, 0, 0.97, 0.14), Paint.TINT)), aspect=1.0, faces=False)
_STAR = Figure(parts=(_part(star(1.05, 0.5)),), aspect=1.0, faces=False)
_CAR = Figure(
    parts=(
        _part(polygon((-0.75, -0.2), (-0.5, -0.95), (0.45, -0.95), (0.85, -0.2), (0.85, 0.1), (-0.75, 0.1))),
        _part(box(0, 0.18, 1.5, 0.42, 0.25)),
        _part(polygon((-0.52, -0.22), (-0.38, -0.76), (-0.05, -0.76), (-0.05, -0.22)), Paint.CREAM),
        _part(polygon((0.08, -0.22), (0.08, -0.76), (0.36, -0.76), (0.6, -0.22)), Paint.CREAM),
        _part(circle(-0.85, 0.6, 0.4), Paint.DARK),
        _part(circle(0.85, 0.6, 0.4), Paint.DARK),
    ),
    aspect=1.5,
    faces=True,
)
_BOAT = Figure(
    parts=(
        _part(box(0, -0.25, 0.05, 0.75), Paint.DARK),
        _part(polygon((0.1, -1.0), (0.95, 0.3), (0.1, 0.3)), Paint.TINT),
        _part(polygon((-0.1, -0.8), (-0.1, 0.3), (-0.75, 0.3)), Paint.TINT),
        _part(polygon((-1.25, 0.42), (1.25, 0.42), (0.85, 1.0), (-0.85, 1.0))),
    ),
    aspect=1.25,
    faces=True,
)
_FISH = Figure(
    parts=(
        _part(polygon((-1.5, -0.8), (-0.6, 0.0), (-1.5, 0.8), (-1.3, 0.0)), Paint.SHADE),
        _part(polygon((-0.4, -0.5), (0.2, -1.0), (0.45, -0.4)), Paint.SHADE),
        _part(ellipse(0.25, 0, 1.2, 0.75)),
        _part(circle(0.9, -0.18, 0.2), Paint.CREAM),
        _part(circle(0.95, -0.18, 0.1), Paint.DARK),
    ),
    aspect=1.45,
    faces=True,
)
_BIRD = Figure(
    parts=(
        _part(polygon((-0.5, 0.0), (-0.4, 0.4), (-1.4, 0.45), (-1.45, 0.0)), Paint.SHADE),
        _part(polygon((1.0, -0.5), (1.45, -0.28), (1.0, -0.12)), Paint.GLOW),
        _part(ellipse(-0.05, 0.3, 0.9, 0.55)),
        _part(circle(0.72, -0.3, 0.45)),
        _part(polygon((-0.75, -1.0), (0.35, 0.1), (-0.45, 0.4)), Paint.SHADE),
        _part(circle(0.85, -0.38, 0.1), Paint.DARK),
    ),
    aspect=1.45,
    faces=True,
)
_BALLOON = Figure(
    parts=(
        _part(polygon((-0.5, 0.1), (0.5, 0.1), (0.2, 0.75), (-0.2, 0.75)), Paint.SHADE),
        _part(ellipse(0, -0.3, 0.78, 0.7)),
        _part(ellipse(0, -0.3, 0.28, 0.7), Paint.TINT),
        _part(box(0, 0.82, 0.24, 0.18, 0.04), Paint.DARK),
    ),
    aspect=0.8,
    faces=False,
)
_ROCKET = Figure(
    parts=(
        _part(ellipse(0, 0.75, 0.2, 0.26), Paint.GLOW),
        _part(polygon((-0.2, 0.1), (-0.2, 0.65), (-0.7, 0.8), (-0.6, 0.4)), Paint.SHADE),
        _part(polygon((0.2, 0.1), (0.6, 0.4), (0.7, 0.8), (0.2, 0.65)), Paint.SHADE),
        _part(ellipse(0, -0.15, 0.42, 0.86)),
        _part(circle(0, -0.25, 0.2), Paint.CREAM),
    ),
    aspect=0.7,
    faces=False,
)

FIGURES: dict[Subject, Figure] = {
    Subject.BALL: _BALL,
    Subject.STAR: _STAR,
    Subject.CAR: _CAR,
    Subject.BOAT: _BOAT,
    Subject.FISH: _FISH,
    Subject.BIRD: _BIRD,
    Subject.BALLOON: _BALLOON,
    Subject.ROCKET: _ROCKET,
}
