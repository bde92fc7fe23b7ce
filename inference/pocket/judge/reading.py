"""Reading a clip of the picture-book world: analysis by synthesis.

The place is the one whose drawing is nearest to the clip's pictures. What differs from that drawing is the subject; its
way is compared with drawn ways, and it is the figure whose drawing at that spot comes nearest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pocket.judge.figure import find_figure
from inference.pocket.judge.path import motion_of
from inference.pocket.judge.place import find_place
from inference.pocket.world.scene import Camera, Canvas, Colour, Daytime, Look, Motion, Setting, Subject, Weather

Video = NDArray[np.uint8]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: A pixel belongs to the subject where its channels differ from the place by this in sum, 0..3; by less where a subject
#: with the colours of its place would not be seen otherwise.
_APART = (0.36, 0.2)
#: The least share of the picture that counts as a subject: a third of the smallest star.
_LEAST = 0.006
#: The share of frames in which it must be seen.
_ALWAYS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clip shows; None where no subject is seen."""

    setting: Setting
    daytime: Daytime
    weather: Weather
    camera: Camera
    look: Look
    subject: Subject | None
    colour: Colour | None
    motion: Motion | None
    #: Centre by frame in pixels, [frames, 2] as (x, y); NaN where it is not seen.
    track: NDArray[np.float64]
    #: Where the subject is, [frames, height, width].
    mask: Mask


def read(video: Video, fps: int = 24) -> Reading:
    """Read uint8 [frames, height, width, 3]."""
    frames: Image = video.astype(np.float32) / np.float32(255)
    canvas = Canvas(width=video.shape[2], height=video.shape[1], frames=len(video), fps=fps)
    place = find_place(frames, canvas)
    mask, track = _follow(np.abs(frames - place.drawn).sum(axis=-1))
    found = np.isfinite(track[:, 0]).mean() >= _ALWAYS
    figure = find_figure(frames, mask, place, canvas) if found else None
    return Reading(
        setting=place.scene.setting,
        daytime=place.scene.daytime,
        weather=place.scene.weather,
        camera=place.scene.camera,
        look=figure.look if figure else place.scene.look,
        subject=figure.subject if figure else None,
        colour=figure.colour if figure else None,
        motion=motion_of(track, canvas, figure.subject) if figure else None,
        track=track,
        mask=mask,
    )


def _follow(difference: Image) -> tuple[Mask, NDArray[np.float64]]:
    """Where the subject is and its centres, from what differs from the place."""
    for least in _APART:
        mask = np.stack([_solid(frame > least) for frame in difference])
        track = _track(mask)
        if np.isfinite(track[:, 0]).mean() >= _ALWAYS:
            break
    return mask, track


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
    reach = min(mask.shape) * 0.36
    found: Mask = mask & dense & (np.hypot(rows - row, columns - column) < reach)
    return found


def _track(mask: Mask) -> NDArray[np.float64]:
    places = np.full((len(mask), 2), np.nan)
    for i, frame in enumerate(mask):
        rows, columns = np.nonzero(frame)
        if len(rows) >= _LEAST * frame.size:
            places[i] = columns.mean(), rows.mean()
    return places
