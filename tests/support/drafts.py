"""Jobs ready to be admitted, for tests of what comes after the service."""

from __future__ import annotations

import itertools

from inference.protocols import AdmissionLimits, JobDraft
from inference.types import (
    Generate,
    Identity,
    JobId,
    MemberId,
    Operation,
    Piece,
    Place,
    Recipe,
    RenderPlan,
    Requester,
    Size,
    Terms,
)

NATIVE = Size(width=64, height=32)
DELIVERED = Size(width=128, height=64)
PLENTY = AdmissionLimits(clips_per_month=1000, max_jobs=1000)
_numbers = itertools.count(1)


def plan(*, num_frames: int = 13, steps: int = 4, seed: int = 7, preset: str = "tiny") -> RenderPlan:
    return RenderPlan(
        preset=preset,
        prompt="a red ball",
        size=NATIVE,
        num_frames=num_frames,
        fps=12,
        steps=steps,
        guidance=2.0,
        seed=seed,
    )


def recipe(*pieces: Piece, num_frames: int = 12, size: Size = DELIVERED, watermark: bool = False) -> Recipe:
    return Recipe(
        preset="tiny",
        pieces=pieces or (plan(),),
        size=size,
        fps=12,
        num_frames=num_frames,
        watermark=watermark,
        seed=7,
        prompt="a red ball",
    )


def draft(
    member: MemberId,
    *,
    wanted: Recipe | None = None,
    operation: Operation | None = None,
    reply_to: str = "",
    clips: int = 1,
    terms: Terms | None = None,
) -> JobDraft:
    """A job of `member`; each draft has an id of its own."""
    return JobDraft(
        id=JobId(f"clip_{next(_numbers):04}"),
        member=member,
        requester=Requester(identity=Identity("cli:local"), display_name="Ada", place=Place(platform="cli")),
        reply_to=reply_to,
        operation=operation or Generate(prompt="a red ball"),
        recipe=wanted or recipe(),
        tier="pro",
        weight=4,
        idempotency_key=None,
        clips=clips,
        device_seconds=1.0,
        private=False,
        terms=terms,
    )
