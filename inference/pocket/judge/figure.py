"""Which subject a clip shows, in which colour and look: the figure whose drawing comes nearest, in several frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from inference.pocket.judge.place import Image, Place
from inference.pocket.world.draw import COLOURS, draw_figure, growth
from inference.pocket.world.looks import PIXEL, finish
from inference.pocket.world.scene import Canvas, Colour, Look, Motion, Scene, Subject
from inference.pocket.world.subjects import FIGURES

Mask = NDArray[np.bool_]

#: Sizes tried for a figure (shares of the canvas's unit), and shifts in pixels.
_SIZES = (0.34, 0.38, 0.42, 0.46)
_SHIFTS = (-4, 0, 4)
#: Those that come within this factor of the best are told apart more finely: how many at most, and how.
_CLOSE, _FINALISTS = 1.35, 6
_BETWEEN, _FINE_SHIFTS = (-0.02, 0.0, 0.02), (-4, -2, 0, 2, 4)
#: Frames that vote on the figure, how many guesses the first leaves, how far they look around its middle (a multiple
#: of `PIXEL`), and how many colours are tried.
_VOTES, _LIKELY, _REACH, _COLOURS = 3, 12, 48, 2
#: How far below the middle of their thick part the middle of such figures is, in half heights: a stem may not be seen.
_THIN = {Subject.FLOWER: 0.34}
#: From this mean difference of the channels (0..1) on, a figure is none.
_UNLIKE = 0.15
#: Under any of the subject's shading.
_SHADES = np.array([0.7, 0.85, 1.0, 1.1], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was found."""

    subject: Subject
    colour: Colour
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    subject: Subject
    look: Look
    size: float
    #: Left where it looks left.
    motion: Motion


def likely_colours(pixels: Image) -> list[Colour]:
    """The colours that most pixels are nearest to, most first."""
    palette = np.clip(np.array(list(COLOURS.values()), np.float32)[:, None] * _SHADES[:, None], 0, 1)
    some = pixels[:: max(1, len(pixels) // 4000)]
    distances = np.linalg.norm(some[:, None, None] - palette, axis=-1).min(axis=2)
    votes = np.bincount(distances.argmin(axis=1)[distances.min(axis=1) < 0.3], minlength=len(palette))
    return [list(COLOURS)[int(i)] for i in np.argsort(votes)[::-1][:_COLOURS]]


def _looks(place: Look) -> tuple[Look, ...]:
    """Looks that a subject in such a place may have: two of them paint places much alike."""
    return (Look.REALISTIC, Look.ANIME) if place in (Look.REALISTIC, Look.ANIME) else (place,)


def _guesses(look: Look) -> Iterator[_Guess]:
    for subject, one, size in product(Subject, _looks(look), _SIZES):
        for motion in (Motion.STILL, Motion.LEFT) if FIGURES[subject].faces else (Motion.STILL,):
            yield _Guess(subject=subject, look=one, size=size, motion=motion)


def find_figure(frames: Image, mask: Mask, place: Place, canvas: Canvas) -> Figure | None:
    """The figure whose drawing comes nearest in frames where most of it is seen; None where none comes near."""
    colours = likely_colours(frames[mask])
    best = np.argsort(mask.sum(axis=(1, 2)))[::-1]
    chosen = best[: len(best) * 2 // 3 : max(1, len(best) * 2 // 3 // _VOTES)][:_VOTES]
    grown = growth(place.scene, canvas)
    windows = [_window(frames, mask, place, int(i), float(grown[i])) for i in chosen]

    def misfit(guess: _Guess, colour: Colour, views: list[_Window], shifts: tuple[int, ...]) -> float:
        scene = replace(place.scene, subject=guess.subject, colour=colour, look=guess.look, motion=guess.motion)
        return sum(view.misfit(scene, guess.size, shifts) for view in views)

    likely = sorted(_guesses(place.scene.look), key=lambda guess: misfit(guess, colours[0], windows[:1], (0,)))
    tries = product(likely[:_LIKELY], colours)
    ranked = sorted(
        ((misfit(guess, colour, windows, _SHIFTS), guess, colour) for guess, colour in tries), key=lambda t: t[0]
    )
    least = ranked[0][0]
    if least >= _UNLIKE * len(windows):
        return None
    # What nearly fits as well is looked at once more, at sizes and places between those that were tried.
    close = [(guess, colour) for off, guess, colour in ranked if off <= _CLOSE * least][:_FINALISTS]
    if len({guess.subject for guess, _ in close}) > 1:
        sized = [(replace(guess, size=guess.size + more), colour) for guess, colour in close for more in _BETWEEN]
        found, colour = min(sized, key=lambda one: misfit(one[0], one[1], windows, _FINE_SHIFTS))
    else:
        found, colour = close[0]
    return Figure(subject=found.subject, colour=colour, look=found.look)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The surroundings of what is seen in one frame."""

    seen: Image
    under: Image
    #: Middle of what is seen, in the window's pixels.
    x: float
    y: float
    #: The canvas's unit, as large as the camera makes it.
    unit: float

    def misfit(self, scene: Scene, size: float, shifts: tuple[int, ...]) -> float:
        """The least difference of the drawing over small shifts."""
        sized = replace(scene, size=size)
        hidden = _THIN.get(scene.subject, 0.0) * size * self.unit / 2
        return min(
            float(np.abs(self._draw(sized, (self.x + dx, self.y + lift + dy)) - self.seen).mean())
            for lift, dx, dy in product({0.0, hidden}, shifts, shifts)
        )

    def _draw(self, scene: Scene, centre: tuple[float, float]) -> Image:
        drawn: Image = finish(draw_figure(scene, self.under, centre, self.unit), scene.look).astype(np.float32)
        return drawn


def _window(frames: Image, mask: Mask, place: Place, number: int, grown: float) -> _Window:
    rows, columns = np.nonzero(mask[number])
    x, y = float(columns.min() + columns.max() + 1) / 2, float(rows.min() + rows.max() + 1) / 2
    top, left = (max(0, int(c - _REACH) // PIXEL * PIXEL) for c in (y, x))
    cut = (slice(top, top + 2 * _REACH), slice(left, left + 2 * _REACH))
    return _Window(
        seen=frames[number][cut],
        under=place.drawn[number][cut],
        x=x - left,
        y=y - top,
        unit=float(min(mask.shape[1:])) * grown,
    )
