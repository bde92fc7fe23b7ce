"""Every limit of a tier, compared with a request: the one place that knows which tier allows what.

What a request asks for is looked at here, before it costs anything. What depends on what else the member has under
way (the month, jobs at once, requests a minute) is compared in the transaction that charges, by what `admission_limits`
says, for only there it is exact. And what came out is compared once more where the job ends (`Terms`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime

from inference.errors import (
    InvalidValue,
    LimitExceeded,
    OperationNotInTier,
    QuotaExceeded,
    RateExceeded,
    ReferencesExceeded,
    ResolutionExceeded,
    SecondsExceeded,
    TooManyJobs,
    TooManySchedules,
    UploadBytesExceeded,
    UploadTooLarge,
)
from inference.protocols import AdmissionLimits
from inference.tier_file import RULES
from inference.tiers import Allowed, TierTable
from inference.types import Ceiling, Generate, Operation, OperationKind, Recipe, RenderPlan, Terms, Tier

CHARGED_SECONDS = 20
"""A clip of the month is charged for every started so many seconds."""


# --- What is asked for -----------------------------------------------------------------------------


def check_operation(kind: OperationKind, *, tier: Tier, tiers: TierTable) -> None:
    """Raises OperationNotInTier."""
    if kind not in tier.operations:
        lifted_by = tiers.lifted_by(lambda other: kind in other.operations)
        raise OperationNotInTier(tier=tier.name, operation=kind, lifted_by=lifted_by)


def check_seconds(
    seconds: float, *, tier: Tier, tiers: TierTable, kind: OperationKind = OperationKind.GENERATE
) -> None:
    """A story may be longer than other clips. Raises SecondsExceeded."""

    def most(other: Tier) -> float | None:
        return other.story_seconds if kind is OperationKind.STORY else other.max_seconds

    limit = most(tier)
    if limit is not None and seconds > limit:
        lifted_by = tiers.lifted_by(lambda other: kind in other.operations and _within(seconds, most(other)))
        raise SecondsExceeded(tier=tier.name, limit=limit, asked=seconds, lifted_by=lifted_by)


def check_resolution(short_side: int, *, tier: Tier, tiers: TierTable) -> None:
    """Raises ResolutionExceeded."""
    if short_side > tier.max_resolution:
        lifted_by = tiers.lifted_by(lambda other: short_side <= other.max_resolution)
        raise ResolutionExceeded(tier=tier.name, limit=tier.max_resolution, asked=short_side, lifted_by=lifted_by)


def references_of(operation: Operation) -> int:
    """How many images and clips the operation was asked for with, beside the clip that it changes."""
    return 1 if isinstance(operation, Generate) and operation.image is not None else 0


def check_references(count: int, *, tier: Tier, tiers: TierTable) -> None:
    """Raises ReferencesExceeded."""
    if tier.max_references is not None and count > tier.max_references:
        lifted_by = tiers.lifted_by(lambda other: _within(count, other.max_references))
        raise ReferencesExceeded(tier=tier.name, limit=tier.max_references, asked=count, lifted_by=lifted_by)


def check_upload(length: int, *, most: int, tier: Tier, tiers: TierTable) -> None:
    """`most` is the deployment's own limit, which no tier lifts. Raises UploadTooLarge, UploadBytesExceeded."""
    if length > most:
        raise UploadTooLarge(size=length, limit=most)
    if tier.max_upload_bytes is not None and length > tier.max_upload_bytes:
        lifted_by = tiers.lifted_by(lambda other: _within(length, other.max_upload_bytes))
        raise UploadBytesExceeded(tier=tier.name, limit=tier.max_upload_bytes, asked=length, lifted_by=lifted_by)


def _within(asked: float, limit: float | None) -> bool:
    return limit is None or asked <= limit


# --- What the month is charged ---------------------------------------------------------------------


def clips_charged(recipe: Recipe) -> int:
    """A clip for every started 20 seconds of what is delivered; none where no frame is new, as in a re-cut."""
    if not any(isinstance(piece, RenderPlan) for piece in recipe.pieces):
        return 0
    return -(-recipe.num_frames // (CHARGED_SECONDS * recipe.fps))


# --- What only the charging transaction can compare ------------------------------------------------


def terms_of(recipe: Recipe, kind: OperationKind, tier: Tier) -> Terms:
    """What the clip may come out as, kept with the job: the tier may be another one when it is done."""
    longest = tier.story_seconds if kind is OperationKind.STORY else tier.max_seconds
    return Terms(
        max_seconds=recipe.seconds if longest is None else longest,
        max_resolution=tier.max_resolution,
        watermark=tier.watermark,
        num_frames=recipe.num_frames,
    )


def admission_limits(tier: Tier, until: datetime | None) -> AdmissionLimits:
    """`until`: when the tier ends, where it was granted for a time only."""
    return AdmissionLimits(
        clips_per_month=tier.clips_per_month,
        max_jobs=tier.max_jobs,
        requests_per_minute=tier.requests_per_minute,
        until=until,
    )


_FIELDS: dict[type[LimitExceeded], str] = {
    QuotaExceeded: "clips_per_month",
    TooManyJobs: "max_jobs",
    RateExceeded: "requests_per_minute",
    SecondsExceeded: "max_seconds",
    ResolutionExceeded: "max_resolution",
    UploadBytesExceeded: "max_upload_bytes",
    ReferencesExceeded: "max_references",
    TooManySchedules: "max_schedules",
}
"""Of a tier, by the refusal that it is the reason of."""


@contextmanager
def told_as_of(allowed: Allowed) -> Iterator[None]:
    """Let every refusal say whether it is the server that lowers the limit."""
    try:
        yield
    except LimitExceeded as refusal:
        refusal.in_server = _is_lowered(refusal, allowed)
        raise


def _is_lowered(refusal: LimitExceeded, allowed: Allowed) -> bool:
    if isinstance(refusal, OperationNotInTier):
        return refusal.operation in allowed.elsewhere.operations
    name = _FIELDS.get(type(refusal), "")
    return bool(name) and getattr(allowed.tier, name) != getattr(allowed.elsewhere, name)


def check_ceiling(ceiling: Ceiling) -> None:
    """What may be lowered, and to what. Raises InvalidValue."""
    for field in fields(ceiling):
        value = getattr(ceiling, field.name)
        if value is None:
            continue
        shown = sorted(value) if field.name == "operations" else value
        if not RULES[field.name].allows(shown):
            raise InvalidValue(name=field.name, value=str(shown), allowed=RULES[field.name].said)
        if value is False:
            raise InvalidValue(name=field.name, value="false", allowed="true: a ceiling takes no watermark away")


def lifted_by(refusal: LimitExceeded, own: Tier, tiers: TierTable) -> str:
    """Name of the least tier that would have admitted what the transaction refused; empty where none would."""
    match refusal:
        case QuotaExceeded(limit=limit, used=used, asked=asked):
            needed = used + asked - (limit - own.clips_per_month)
            return tiers.lifted_by(lambda tier: tier.clips_per_month >= needed)
        case TooManyJobs(running=running):
            return tiers.lifted_by(lambda tier: tier.max_jobs > running)
        case RateExceeded(limit=limit):
            return tiers.lifted_by(lambda tier: _within(limit + 1, tier.requests_per_minute))
        case _:
            return refusal.lifted_by
