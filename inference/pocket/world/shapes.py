"""Shapes as signed distance functions, in a subject's own coordinates.

x to the right, y down; a distance is negative inside. Distances are exact near the edges, which is all that
anti-aliasing and outlines need.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
Shape = Callable[[Field, Field], Field]


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


def union(*shapes: Shape) -> Shape:
    """All of them as one, with one outline."""
    return lambda x, y: reduce(np.minimum, (shape(x, y) for shape in shapes))
