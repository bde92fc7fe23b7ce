"""A tier's limits: what may be asked for, how much of it, and which tier lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors.base import RequestRejected


@dataclass(eq=False, kw_only=True)
class LimitExceeded(RequestRejected):
    """A tier's limit; `lifted_by` is the least tier that allows it, or empty where none does."""

    code: ClassVar[str] = "limit_exceeded"
    template: ClassVar[str] = "The tier {tier} does not allow this."

    tier: str
    lifted_by: str = ""
    #: The limit is lower in this server than elsewhere.
    in_server: bool = False

    def __str__(self) -> str:
        lift = f" The tier {self.lifted_by} allows it." if self.lifted_by else ""
        lowered = " That is lower in this server than elsewhere." if self.in_server else ""
        return self.template.format(**self.values()) + lowered + lift


@dataclass(eq=False, kw_only=True)
class QuotaExceeded(LimitExceeded):
    code: ClassVar[str] = "quota_exceeded"
    template: ClassVar[str] = (
        "The tier {tier} has {limit} clips a month; {used} are used and this one costs {asked}."
        " It resets at {resets_at}."
    )

    limit: int
    used: int
    asked: int
    #: ISO 8601, UTC.
    resets_at: str


@dataclass(eq=False, kw_only=True)
class TooManyJobs(LimitExceeded):
    code: ClassVar[str] = "too_many_jobs"
    template: ClassVar[str] = "The tier {tier} has {limit} jobs at once; {running} are queued or running."

    limit: int
    running: int


@dataclass(eq=False, kw_only=True)
class SecondsExceeded(LimitExceeded):
    code: ClassVar[str] = "seconds_exceeded"
    template: ClassVar[str] = "The tier {tier} makes clips of at most {limit:g} s; {asked:g} s were asked for."

    limit: float
    asked: float


@dataclass(eq=False, kw_only=True)
class ResolutionExceeded(LimitExceeded):
    code: ClassVar[str] = "resolution_exceeded"
    template: ClassVar[str] = "The tier {tier} makes clips of at most {limit}p; {asked}p was asked for."

    limit: int
    asked: int


@dataclass(eq=False, kw_only=True)
class UploadBytesExceeded(LimitExceeded):
    code: ClassVar[str] = "upload_bytes_exceeded"
    template: ClassVar[str] = "The tier {tier} takes files of at most {limit} bytes; this one has {asked}."

    limit: int
    asked: int


@dataclass(eq=False, kw_only=True)
class ReferencesExceeded(LimitExceeded):
    code: ClassVar[str] = "references_exceeded"
    template: ClassVar[str] = "The tier {tier} takes at most {limit} references for a clip; {asked} were given."

    limit: int
    asked: int


@dataclass(eq=False, kw_only=True)
class RateExceeded(LimitExceeded):
    """Too many requests within a minute; the only limit that lifts itself by waiting a moment."""

    code: ClassVar[str] = "rate_exceeded"
    template: ClassVar[str] = "The tier {tier} takes {limit} requests a minute. Try again in {retry_after} s."

    limit: int
    #: Seconds until one more is taken.
    retry_after: int


@dataclass(eq=False, kw_only=True)
class TooManySchedules(LimitExceeded):
    code: ClassVar[str] = "too_many_schedules"
    template: ClassVar[str] = "The tier {tier} keeps {limit} schedules; cancel one first."

    limit: int


@dataclass(eq=False, kw_only=True)
class OperationNotInTier(LimitExceeded):
    code: ClassVar[str] = "operation_not_in_tier"
    template: ClassVar[str] = "The tier {tier} does not include {operation}."

    operation: str
