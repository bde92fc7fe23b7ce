"""How a tracked subject moves: the motion whose drawn paths come nearest to the one seen."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inference.pocket.judge.place import empty_scene
from inference.pocket.world.motion import centre_track
from inference.pocket.world.scene import Canvas, Daytime, Look, Motion, Setting, Speed, Subject, Weather

Track = NDArray[np.float64]

#: Random paths drawn of every motion.
_PATHS = 96
#: Below this share of the canvas's unit (root mean square around the middle) a subject stands.
_STILL = 0.035
#: A drawn path may be shorter or longer than the one seen by this.
_SHORTER, _LONGER = 0.75, 1.35


@functools.lru_cache(maxsize=32)
def _drawn(canvas: Canvas, subject: Subject) -> tuple[tuple[Motion, ...], Track]:
    """Paths round their middle, [paths, frames, 2]."""
    rng, names, paths = np.random.default_rng(8), [], []
    place = empty_scene(Setting.SEA, Daytime.DAY, Look.REALISTIC, Weather.CLEAR, 0.5)
    for motion in Motion:
        for i in range(_PATHS if motion is not Motion.STILL else 0):
            scene = replace(
                place,
                subject=subject,
                motion=motion,
                speed=list(Speed)[i % 3],
                mirrored=i % 2 == 0,
                size=float(rng.uniform(0.34, 0.46)),
                lane=float(rng.uniform()),
                travel=float(rng.uniform(0.75, 1.0)),
                offset=float(rng.uniform()),
            )
            names.append(motion)
            paths.append(centre_track(scene, canvas).astype(np.float64))
    return tuple(names), np.stack(paths)


def motion_of(track: Track, canvas: Canvas, subject: Subject) -> Motion:
    """Of centres [frames, 2] in pixels, NaN where the subject is not seen (in few frames)."""
    seen = np.isfinite(track[:, 0])
    way = track[seen] - track[seen].mean(axis=0)
    if np.sqrt(np.square(way).sum(axis=1).mean()) < _STILL * canvas.unit:
        return Motion.STILL
    names, paths = _drawn(canvas, subject)
    paths = paths[:, seen] - paths[:, seen].mean(axis=1, keepdims=True)
    scale = np.clip((paths * way).sum((1, 2)) / np.square(paths).sum((1, 2)), _SHORTER, _LONGER)
    off = np.square(paths * scale[:, None, None] - way).sum((1, 2))
    return names[int(off.argmin())]
