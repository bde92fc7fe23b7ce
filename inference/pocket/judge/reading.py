"""Reading a clip of the picture-book world: analysis by synthesis.

The place is the one whose drawing is nearest to the clip's median picture. What differs from that drawing is the
subject; its colour is counted, its way is tracked, and it is the figure whose drawing at that spot comes nearest.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.draw import COLOURS, draw_figure
from inference.pocket.world.scene import Canvas, Colour, Daytime, Look, Motion, Scene, Setting, Subject
from inference.pocket.world.settings import background
from inference.pocket.world.subjects import FIGURES

Video = NDArray[np.uint8]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Layouts tried for a place, then around the best.
_LAYOUTS, _CLOSER = 16, 8
#: A pixel belongs to the subject where its channels differ from the place by this in sum, 0..3.
_APART = 0.36
#: The least share of the picture that counts as a subject: a third of the smallest star.
_LEAST = 0.006
#: The share of frames in which it must be seen.
_ALWAYS = 0.8
#: Ways in shares of the free side: below, it stands; a bounce goes up and down by more than it gets anywhere.
_STILL, _TURNS = 0.10, 0.25
#: Sizes tried for a figure (shares of the canvas's unit), and shifts in pixels.
_SIZES = (0.34, 0.38, 0.42, 0.46)
_SHIFTS = (-4, 0, 4)
#: Frames that vote on the figure, how many guesses the first leaves, and how far they look around its middle.
_VOTES, _LIKELY, _REACH = 3, 12, 44
#: From this mean difference of the channels (0..1) on, a figure is none.
_UNLIKE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clip shows; None where no subject is seen."""

    setting: Setting
    daytime: Daytime
    subject: Subject | None
    colour: Colour | None
    motion: Motion | None
    look: Look | None
    #: Centre by frame in pixels, [frames, 2] as (x, y); NaN where it is not seen.
    track: NDArray[np.float64]
    #: Where the subject is, [frames, height, width].
    mask: Mask


def read(video: Video) -> Reading:
    """Read uint8 [frames, height, width, 3]."""
    frames: Image = video.astype(np.float32) / np.float32(255)
    canvas = Canvas(width=video.shape[2], height=video.shape[1], frames=len(video))
    place, still = _place(np.median(frames, axis=0).astype(np.float32), canvas)
    mask = np.stack([_solid(np.abs(frame - still).sum(axis=-1) > _APART) for frame in frames])
    track = _track(mask)
    seen = np.isfinite(track[:, 0])
    if seen.mean() < _ALWAYS:
        return Reading(
            setting=place.setting,
            daytime=place.daytime,
            subject=None,
            colour=None,
            motion=None,
            look=None,
            track=track,
            mask=mask,
        )
    colour = _colour(frames[mask])
    subject, look = _figure(frames, mask, replace(place, colour=colour), still)
    return Reading(
        setting=place.setting,
        daytime=place.daytime,
        subject=subject,
        colour=colour,
        motion=_motion(track[seen], canvas),
        look=look,
        track=track,
        mask=mask,
    )


# --- The place ---


def _scene(setting: Setting, daytime: Daytime, layout: float) -> Scene:
    return Scene(
        subject=Subject.BALL,
        colour=Colour.RED,
        motion=Motion.STILL,
        setting=setting,
        daytime=daytime,
        look=Look.STORYBOOK,
        size=0.4,
        lane=0.5,
        travel=0.8,
        offset=0.5,
        layout=layout,
    )


@functools.lru_cache(maxsize=8)
def _places(canvas: Canvas) -> list[tuple[Scene, Image]]:
    kinds = [(s, d) for s, d in product(Setting, Daytime) if s is not Setting.SPACE or d is Daytime.NIGHT]
    scenes = [_scene(s, d, (i + 0.5) / _LAYOUTS) for s, d in kinds for i in range(_LAYOUTS)]
    return [(scene, background(scene, canvas).astype(np.float32)) for scene in scenes]


def _off(picture: Image, drawn: Image) -> float:
    """Mean difference; one pixel counts no more than a little, for the subject may be in the way."""
    return float(np.minimum(np.abs(picture - drawn).sum(axis=-1), 0.5).mean())


def _place(picture: Image, canvas: Canvas) -> tuple[Scene, Image]:
    best, drawn = min(_places(canvas), key=lambda place: _off(picture, place[1]))
    around = np.linspace(-0.5, 0.5, _CLOSER + 1) / _LAYOUTS
    closer = [replace(best, layout=float(np.clip(best.layout + step, 0, 0.999))) for step in around]
    tries = [(best, drawn), *((scene, background(scene, canvas).astype(np.float32)) for scene in closer)]
    return min(tries, key=lambda place: _off(picture, place[1]))


# --- The subject ---


def _box_mean(values: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """The mean over a square around every pixel."""
    side = 2 * radius + 1
    padded = np.pad(values, radius).cumsum(axis=0).cumsum(axis=1)
    sums = np.pad(padded, ((1, 0), (1, 0)))
    mean: NDArray[np.float32] = (
        sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    ) / np.float32(side * side)
    return mean


def _solid(mask: Mask) -> Mask:
    """Without specks and thin lines, and only what is near the densest part."""
    dense = _box_mean(mask.astype(np.float32), 2) > 0.6
    if not dense.any():
        return dense
    heavy = _box_mean(dense.astype(np.float32), 14)
    row, column = divmod(int(heavy.argmax()), heavy.shape[1])
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    reach = mask.shape[0] * 0.36
    found: Mask = mask & dense & (np.hypot(rows - row, columns - column) < reach)
    return found


def _track(mask: Mask) -> NDArray[np.float64]:
    places = np.full((len(mask), 2), np.nan)
    for i, frame in enumerate(mask):
        rows, columns = np.nonzero(frame)
        if len(rows) >= _LEAST * frame.size:
            places[i] = columns.mean(), rows.mean()
    return places


def _colour(pixels: NDArray[np.float32]) -> Colour:
    """The colour that most pixels are nearest to, under any of the subject's shading."""
    shades = np.array([0.7, 0.85, 1.0, 1.1], np.float32)
    palette = np.clip(np.array(list(COLOURS.values()), np.float32)[:, None] * shades[:, None], 0, 1)
    some = pixels[:: max(1, len(pixels) // 4000)]
    distances = np.linalg.norm(some[:, None, None] - palette, axis=-1).min(axis=2)
    votes = np.bincount(distances.argmin(axis=1)[distances.min(axis=1) < 0.3], minlength=len(palette))
    return list(COLOURS)[int(votes.argmax())]


def _motion(track: NDArray[np.float64], canvas: Canvas) -> Motion:
    """The way between the medians of the ends, and how much of it was up and down."""
    ends = max(1, len(track) // 6)
    way = np.median(track[-ends:], axis=0) - np.median(track[:ends], axis=0)
    wide, high = way / (canvas.width * 0.6, canvas.height * 0.6)
    height = np.ptp(track[:, 1]) / (canvas.height * 0.6)
    if height > _TURNS and height > 1.6 * abs(high) and height > abs(wide):
        return Motion.BOUNCE
    if max(abs(wide), abs(high)) < _STILL:
        return Motion.STILL
    if abs(wide) > abs(high):
        return Motion.RIGHT if wide > 0 else Motion.LEFT
    return Motion.FALL if high > 0 else Motion.RISE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    subject: Subject
    look: Look
    size: float
    #: Left where it looks left.
    motion: Motion


def _guesses() -> Iterator[_Guess]:
    for subject, look, size in product(Subject, Look, _SIZES):
        for motion in (Motion.STILL, Motion.LEFT) if FIGURES[subject].faces else (Motion.STILL,):
            yield _Guess(subject=subject, look=look, size=size, motion=motion)


def _figure(frames: Image, mask: Mask, place: Scene, still: Image) -> tuple[Subject, Look] | tuple[None, None]:
    """The figure whose drawing comes nearest in the frames where most of it is seen; None where none comes near."""
    best = np.argsort(mask.sum(axis=(1, 2)))[::-1]
    chosen = best[: len(best) * 2 // 3 : max(1, len(best) * 2 // 3 // _VOTES)][:_VOTES]
    windows = [_window(frames[i], mask[i], still) for i in chosen]

    def misfit(guess: _Guess, views: list[_Window], shifts: tuple[int, ...]) -> float:
        scene = replace(place, subject=guess.subject, look=guess.look, size=guess.size, motion=guess.motion)
        return sum(view.misfit(scene, shifts) for view in views)

    likely = sorted(_guesses(), key=lambda guess: misfit(guess, windows[:1], (0,)))[:_LIKELY]
    off, found = min(((misfit(guess, windows, _SHIFTS), guess) for guess in likely), key=lambda pair: pair[0])
    return (found.subject, found.look) if off < _UNLIKE * len(windows) else (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The surroundings of what is seen in one frame."""

    seen: Image
    under: Image
    #: Middle of what is seen, in the window's pixels.
    x: float
    y: float
    unit: float

    def misfit(self, scene: Scene, shifts: tuple[int, ...]) -> float:
        """The least difference of the drawing over small shifts."""
        return min(
            float(np.abs(draw_figure(scene, self.under, (self.x + dx, self.y + dy), self.unit) - self.seen).mean())
            for dx, dy in product(shifts, shifts)
        )


def _window(frame: Image, mask: Mask, still: Image) -> _Window:
    rows, columns = np.nonzero(mask)
    x, y = float(columns.min() + columns.max() + 1) / 2, float(rows.min() + rows.max() + 1) / 2
    top, left = (int(max(0, c - _REACH)) for c in (y, x))
    cut = (slice(top, int(y) + _REACH), slice(left, int(x) + _REACH))
    return _Window(seen=frame[cut], under=still[cut], x=x - left, y=y - top, unit=float(min(mask.shape)))
