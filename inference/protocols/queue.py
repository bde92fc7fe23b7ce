"""Service and workers to the rows of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from inference.types import (
    Clip,
    Job,
    JobEvent,
    JobFailure,
    JobId,
    JobStatus,
    MemberId,
    Operation,
    Progress,
    Recipe,
    Requester,
    ScheduleId,
    Terms,
)

# --- Service to rows ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRun:
    """Which run of a schedule a request is: admitted while that one is still to come, and not afterwards."""

    schedule: ScheduleId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDraft:
    """A request that passed every check which needs no transaction."""

    id: JobId
    member: MemberId
    requester: Requester
    reply_to: str
    operation: Operation
    recipe: Recipe
    tier: str
    weight: float
    idempotency_key: str | None
    #: Clips to reserve this month; 0 for what needs no GPU. By `inference.limits.clips_charged`.
    clips: int
    #: Predicted seconds on the device.
    device_seconds: float
    private: bool
    #: What the clip may come out as; None: whatever it does.
    terms: Terms | None = None
    #: None: it was asked for just now.
    run: ScheduledRun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """What the admitting transaction itself must enforce, for only it can do so exactly."""

    clips_per_month: int
    max_jobs: int
    #: Jobs admitted within any 60 seconds; None: no limit.
    requests_per_minute: int | None = None
    #: When the tier that they are of ends; None: it stays.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The head of one member's queue, as the scheduler sees it."""

    job: JobId
    member: MemberId
    preset: str
    weight: float
    device_seconds: float
    #: Device seconds per weight that the member has been given so far (start-time fair queueing).
    virtual_time: float
    queued_at: datetime


class Chooser(Protocol):
    """The scheduler's decision, made before the claiming transaction, for which others wait."""

    def __call__(self, candidates: Sequence[Candidate], loaded_preset: str | None) -> JobId | None: ...


class JobBook(Protocol):
    """The service's side of the job rows."""

    async def admit(self, draft: JobDraft, limits: AdmissionLimits) -> Job:
        """Reserve and insert in one transaction; a known key returns its job.

        Raises QuotaExceeded, TooManyJobs, RateExceeded; TierEnded where the limits have ended by the database's clock;
        MemberChanged where the member is no more, or may ask for nothing by now.
        """
        ...

    async def get(self, job: JobId) -> Job | None:
        """None also for a job that was removed, or whose clip was."""
        ...

    async def by_key(self, member: MemberId, idempotency_key: str) -> Job | None:
        """The job that the member asked for with this key."""
        ...

    async def waiting(self) -> Sequence[Candidate]:
        """All queued jobs (not only heads), oldest first."""
        ...

    async def request_cancel(self, job: JobId) -> Job:
        """Queued: cancelled and refunded in this transaction. Running: flagged. Ended: unchanged. Raises NotFound."""
        ...

    async def events(self, after: int | None, limit: int = 500) -> Sequence[JobEvent]:
        """Durable events behind a cursor; None: the newest of each undelivered job. Running progress is `running`."""
        ...

    async def mark_delivered(self, job: JobId) -> None: ...


ALL_SHAPES = "*"
"""In place of a shape key: how a preset's jobs compare to its own figures, whatever their shape."""


class QueueWatch(Protocol):
    """What the event feed and the metrics look at."""

    async def running(self) -> Sequence[Job]:
        """All running jobs with their progress."""
        ...

    async def last_cursor(self) -> int: ...

    async def device_seconds(self, preset: str, shape: str) -> float | None:
        """Moving average of measured seconds for this preset and shape key; None where nothing was measured.

        Under `ALL_SHAPES`: of measured over predicted seconds, a ratio, for shapes that were never measured.
        """
        ...

    async def counts(self) -> dict[str, int]:
        """Jobs by status."""
        ...


# --- Worker to rows ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lease on a job. Every write carries the fence, so that a stale worker cannot commit."""

    job: Job
    worker: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Blobs are already stored under `{job}/{fence}/…`; these names become the clip's.

    A clip that breaks the job's terms ends it as failed all the same.
    """

    clip: Clip
    #: Names by rendition: `video`, `thumbnail`, `spritesheet`, `master`, `latents`.
    blobs: dict[str, str]
    #: Whether the visible mark was found in the delivered mp4. The clip's own figures are measured, too.
    marked: bool = False
    #: Measured on the device, for the estimates.
    device_seconds: float
    #: Key of the shape under which `device_seconds` is averaged.
    shape_key: str
    #: What the preset's own figures say of `device_seconds`; 0 where nothing is to be learnt about them.
    predicted_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    failure: JobFailure
    #: Queue again while attempts are left, instead of ending the job.
    retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """The worker was told to stop: queue the job again, and do not count the attempt."""


Outcome = Succeeded | Failed | Cancelled | GivenBack


class JobQueue(Protocol):
    """The worker's side of the job rows."""

    async def claim(self, worker: str, choose: Chooser, loaded_preset: str | None, lease: timedelta) -> Claim | None:
        """Lease the chosen queued job: running, fence and attempt raised. None where nothing waits."""
        ...

    async def heartbeat(self, claim: Claim, lease: timedelta, progress: Progress | None = None) -> bool:
        """Extend the lease and save progress; True where the job shall stop. Raises LeaseLost."""
        ...

    async def wanted(self, claim: Claim) -> bool:
        """False where the job shall stop: cancelled, or no longer this claim's. Writes nothing."""
        ...

    async def settle(self, claim: Claim, outcome: Outcome) -> JobStatus:
        """One transaction: status, clip, ledger settlement, outbox row; the status that the job has now.

        A success becomes a cancellation where that was wished meanwhile, and a failure (OverLimit) where the clip
        breaks the job's terms. Raises LeaseLost for a stale fence.
        """
        ...

    async def release(self, worker: str) -> int:
        """The worker is known dead: queue its jobs again, or fail and refund those out of attempts; how many."""
        ...

    async def sweep(self) -> int:
        """The same for every job whose lease has run out."""
        ...
