"""What a remix changed, and what it kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pocket.judge.reading import Reading, Video, read
from inference.pocket.world.scene import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one remix that asked for another colour."""

    seed: int
    asked: Colour
    seen: Colour | None
    #: The subject is still what it was.
    same_subject: bool
    #: The largest distance between the two ways as a share of the width; NaN where either is not seen.
    drift: float
    #: Mean absolute change of the pixels that belong to neither subject, 0..255.
    background: float

    @property
    def right(self) -> bool:
        """The colour is the one asked for."""
        return self.seen is self.asked

    @property
    def near(self) -> bool:
        """The way stayed within a tenth of the width."""
        return self.drift <= 0.1


def compare(seed: int, asked: Colour, parent: tuple[Video, Reading], child: Video) -> Verdict:
    """Judge one remix; both clips are uint8 [frames, height, width, 3]."""
    before, was = parent
    now = read(child)
    return Verdict(
        seed=seed,
        asked=asked,
        seen=now.colour,
        same_subject=now.subject is was.subject,
        drift=_drift(was.track, now.track) / before.shape[2],
        background=float(np.abs(before.astype(int) - child).mean(axis=-1)[~(was.mask | now.mask)].mean()),
    )


def _drift(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    distance = np.linalg.norm(before - after, axis=1)
    return float(np.nanmax(distance)) if np.isfinite(distance).any() else float("nan")


def summary(verdicts: list[Verdict]) -> dict[str, float]:
    """Shares 0..1, the median drift as a share of the width, and the background's change of 255."""
    return {
        "remixes": len(verdicts),
        "colour": float(np.mean([v.right for v in verdicts])),
        "path": float(np.mean([v.near for v in verdicts])),
        "subject kept": float(np.mean([v.same_subject for v in verdicts])),
        "median drift": float(np.nanmedian([v.drift for v in verdicts])),
        "background change": float(np.mean([v.background for v in verdicts])),
    }
