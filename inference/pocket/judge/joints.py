"""Where clips are joined: the seam of a loop, and the joint of an extension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inference.pocket.judge.reading import Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """One place where frames meet."""

    #: Mean absolute difference of the pixels that were given to what the clip shows there, 0..255.
    given: float
    #: Step over the joint against the clip's usual step from frame to frame; 1 is not to be noticed.
    jump: float


def step(before: Video, after: Video) -> float:
    """Mean absolute difference of two frames, 0..255."""
    return float(np.abs(before.astype(int) - after).mean())


def usual_step(video: Video) -> float:
    """Between neighbouring frames; at least that of a grain of noise, for clips that stand still."""
    return max(0.5, float(np.mean([step(a, b) for a, b in pairwise(video)])))


def loop_seam(frame: Video, looped: Video) -> Joint:
    """Of a clip whose first and last frame were given as `frame` [1, height, width, 3]; the last one is dropped."""
    off = (step(frame[0], looped[0]) + step(frame[0], looped[-1])) / 2
    return Joint(given=off, jump=step(looped[-2], looped[0]) / usual_step(looped[:-1]))


def extension_joint(tail: Video, extended: Video) -> Joint:
    """Of a clip that begins with a source's `tail`; of the join, the source's own frames are shown up to its end."""
    count = len(tail)
    off = float(np.mean([step(a, b) for a, b in zip(tail, extended[:count], strict=True)]))
    return Joint(given=off, jump=step(tail[-1], extended[count]) / usual_step(tail))


def summary(joints: Sequence[Joint]) -> dict[str, float]:
    """Medians."""
    return {
        "count": float(len(joints)),
        "given frames off by": float(np.median([j.given for j in joints])),
        "jump": float(np.median([j.jump for j in joints])),
    }
