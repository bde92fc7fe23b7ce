"""The subjects: what parts they are painted of.

Coordinates: x to the right, y down, the subject's height is 2 units and its centre the origin; it faces right.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from math import cos, pi, sin

from inference.pocket.world.scene import Subject
from inference.pocket.world.shapes import Shape, box, circle, ellipse, polygon, star, union


class Paint(Enum):
    """Which colour a part takes; the first three from the subject's own."""

    BODY = auto()
    SHADE = auto()
    TINT = auto()
    CREAM = auto()
    DARK = auto()
    GLOW = auto()
    WOOD = auto()
    LEAF = auto()


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

_CUBE = Figure(
    parts=(
        _part(polygon((-0.45, -0.95), (0.98, -0.95), (0.5, -0.45), (-0.95, -0.45)), Paint.TINT),
        _part(polygon((0.5, -0.45), (0.98, -0.95), (0.98, 0.45), (0.5, 0.96)), Paint.SHADE),
        _part(polygon((-0.95, -0.45), (0.5, -0.45), (0.5, 0.96), (-0.95, 0.96))),
    ),
    aspect=1.0,
    faces=False,
)
_HEART = Figure(
    parts=(
        _part(
            union(
                circle(-0.46, -0.36, 0.54),
                circle(0.46, -0.36, 0.54),
                polygon((-0.5, -0.5), (0.5, -0.5), (0.88, -0.02), (0.0, 0.98), (-0.88, -0.02)),
            )
        ),
    ),
    aspect=1.0,
    faces=False,
)
_HOUSE = Figure(
    parts=(
        _part(box(0.5, -0.62, 0.12, 0.3), Paint.DARK),
        _part(box(0, 0.4, 0.85, 0.58)),
        _part(polygon((0.0, -0.98), (1.1, -0.1), (-1.1, -0.1)), Paint.SHADE),
        _part(box(-0.35, 0.62, 0.2, 0.36), Paint.DARK),
        _part(box(0.4, 0.35, 0.22, 0.22), Paint.CREAM),
    ),
    aspect=1.1,
    faces=False,
)
_TREE = Figure(
    parts=(
        _part(box(0, 0.62, 0.15, 0.36), Paint.WOOD),
        _part(union(circle(0, -0.46, 0.52), circle(-0.46, -0.08, 0.42), circle(0.46, -0.08, 0.42))),
        _part(circle(-0.2, -0.42, 0.2), Paint.TINT),
    ),
    aspect=0.9,
    faces=False,
)
_CAT = Figure(
    parts=(
        _part(union(ellipse(-1.12, 0.0, 0.16, 0.62), circle(-1.1, -0.52, 0.18)), Paint.SHADE),
        _part(union(box(-0.75, 0.72, 0.16, 0.26, 0.08), box(0.3, 0.72, 0.16, 0.26, 0.08)), Paint.SHADE),
        _part(
            union(
                ellipse(-0.25, 0.32, 0.95, 0.48),
                circle(0.68, -0.22, 0.5),
                polygon((0.28, -1.0), (0.66, -0.6), (0.22, -0.25)),
                polygon((1.08, -1.0), (1.14, -0.25), (0.7, -0.6)),
            )
        ),
        _part(union(circle(0.52, -0.26, 0.1), circle(0.88, -0.26, 0.1)), Paint.DARK),
        _part(ellipse(0.72, 0.02, 0.16, 0.1), Paint.CREAM),
    ),
    aspect=1.3,
    faces=True,
)
_PETALS = [(0.44 * sin(2 * pi * i / 5), -0.34 - 0.44 * cos(2 * pi * i / 5)) for i in range(5)]
_FLOWER = Figure(
    parts=(
        _part(box(0, 0.5, 0.07, 0.48), Paint.LEAF),
        _part(union(ellipse(0.3, 0.62, 0.28, 0.13), ellipse(-0.28, 0.5, 0.26, 0.12)), Paint.LEAF),
        _part(union(*(circle(x, y, 0.31) for x, y in _PETALS))),
        _part(circle(0, -0.34, 0.22), Paint.WOOD),
    ),
    aspect=0.78,
    faces=False,
)
_BUTTERFLY = Figure(
    parts=(
        _part(union(ellipse(-0.5, 0.48, 0.42, 0.42), ellipse(0.5, 0.48, 0.42, 0.42)), Paint.SHADE),
        _part(union(ellipse(-0.64, -0.32, 0.6, 0.6), ellipse(0.64, -0.32, 0.6, 0.6))),
        _part(union(circle(-0.72, -0.38, 0.22), circle(0.72, -0.38, 0.22)), Paint.TINT),
        _part(ellipse(0, 0.02, 0.13, 0.78), Paint.DARK),
    ),
    aspect=1.25,
    faces=False,
)
_PLANE = Figure(
    parts=(
        _part(polygon((-1.5, -0.92), (-1.05, -0.92), (-0.6, 0.05), (-1.3, 0.1)), Paint.SHADE),
        _part(ellipse(0, 0.1, 1.5, 0.4)),
        _part(polygon((-0.2, 0.1), (0.4, 0.1), (-0.3, 0.98), (-0.8, 0.98)), Paint.SHADE),
        _part(union(circle(-0.25, -0.05, 0.11), circle(0.15, -0.05, 0.11), circle(0.55, -0.05, 0.11)), Paint.CREAM),
        _part(ellipse(1.08, -0.03, 0.22, 0.15), Paint.DARK),
    ),
    aspect=1.5,
    faces=True,
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
    Subject.CUBE: _CUBE,
    Subject.HEART: _HEART,
    Subject.HOUSE: _HOUSE,
    Subject.TREE: _TREE,
    Subject.CAT: _CAT,
    Subject.FLOWER: _FLOWER,
    Subject.BUTTERFLY: _BUTTERFLY,
    Subject.PLANE: _PLANE,
}
