"""What an instruction, or another word in a prompt, changed, and what it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pocket.judge.reading import Reading, Video
from inference.pocket.world.orders import Change, move_elsewhere, recolour, redirect, relight, restyle
from inference.pocket.world.scene import Scene

#: What is read of every clip, in the table's order.
ATTRIBUTES = ("colour", "subject", "motion", "setting", "daytime", "look")
#: The instructions that are judged, by the attribute they change.
KINDS: dict[str, Change] = {
    "colour": recolour,
    "motion": redirect,
    "setting": move_elsewhere,
    "daytime": relight,
    "look": restyle,
}
#: A way is kept that stays within this share of the width.
_NEAR = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one instruction."""

    #: The attribute that was to change.
    kind: str
    #: It is what was asked for.
    effect: bool
    #: Every other attribute is as it was read before.
    kept: bool
    #: The largest distance between the two ways as a share of the width; NaN where either is not seen.
    drift: float
    #: Mean absolute change of the pixels that belong to neither subject, 0..255.
    background: float


def right(scene: Scene, seen: Reading) -> dict[str, bool]:
    """Which attributes are as asked."""
    return {name: getattr(seen, name) == getattr(scene, name) for name in ATTRIBUTES}


def compare(kind: str, wanted: Scene, before: tuple[Video, Reading], after: tuple[Video, Reading]) -> Verdict:
    """Judge one change of attribute `kind` to that of `wanted`; clips are uint8 [frames, height, width, 3]."""
    (clip, was), (changed, now) = before, after
    rest = ~(was.mask | now.mask)
    return Verdict(
        kind=kind,
        effect=getattr(now, kind) == getattr(wanted, kind),
        kept=all(getattr(now, name) == getattr(was, name) for name in ATTRIBUTES if name != kind),
        drift=_drift(was.track, now.track) / clip.shape[2],
        background=float(np.abs(clip.astype(int) - changed).mean(axis=-1)[rest].mean()),
    )


def _drift(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    distance = np.linalg.norm(before - after, axis=1)
    return float(np.nanmax(distance)) if np.isfinite(distance).any() else float("nan")


def summary(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Shares 0..1 of all and by kind; of recolourings also the path, and the background's change of 255."""
    shares = {
        "count": float(len(verdicts)),
        "effect": float(np.mean([v.effect for v in verdicts])),
        "kept": float(np.mean([v.kept for v in verdicts])),
    }
    for kind in KINDS:
        some = [v for v in verdicts if v.kind == kind]
        if some:
            shares[f"{kind} effect"] = float(np.mean([v.effect for v in some]))
            shares[f"{kind} kept"] = float(np.mean([v.kept for v in some]))
    coloured = [v for v in verdicts if v.kind == "colour"]
    if coloured:
        shares["path kept"] = float(np.mean([v.drift <= _NEAR for v in coloured]))
        shares["background change"] = float(np.mean([v.background for v in coloured]))
    return shares
