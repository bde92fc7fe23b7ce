"""Requests on their way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inference.types.ask import Operation
from inference.types.clip import Clip
from inference.types.plan import Recipe
from inference.types.who import JobId, MemberId, Requester


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


class Stage(StrEnum):
    """What a running job is at. `render` and the metrics use the same words."""

    LOADING = "loading"
    ENCODING = "encoding"
    DENOISING = "denoising"
    DECODING = "decoding"
    PACKAGING = "packaging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a running job is. Kept for looking at, never for deciding."""

    stage: Stage
    step: int = 0
    total: int = 0
    #: 0 to 1 over the whole job.
    fraction: float = 0.0
    eta_seconds: float | None = None
    #: Counts the previews made so far; 0 means there is none yet.
    preview: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Told before the job starts, from measured seconds per preset and shape."""

    #: Jobs that will run before this one.
    ahead: int
    #: Until it starts.
    wait_seconds: float
    #: On the device.
    render_seconds: float
    #: No worker can work yet: both numbers count from when one can.
    is_worker_starting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What the ledger holds for a job, and where that leaves the member's month."""

    clips: int
    #: Used this month, this job included.
    used: int
    limit: int
    #: `YYYY-MM` in UTC, fixed at reservation from the database's clock.
    month: str
    resets_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """Why a job did not end well: a code of `inference.errors` and its fields. `render` finds the words."""

    code: str
    fields: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request on its way, as anyone who may see it sees it."""

    id: JobId
    member: MemberId
    requester: Requester
    #: Opaque to the service; the face finds its conversation by it. Empty: nobody awaits a post.
    reply_to: str
    operation: Operation
    recipe: Recipe
    tier: str
    status: JobStatus
    charge: Charge
    attempt: int
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: Only while queued.
    estimate: Estimate | None = None
    #: Only while running.
    progress: Progress | None = None
    #: Only when failed.
    failure: JobFailure | None = None
    #: Only when succeeded, and not where it was deleted since.
    clip: Clip | None = None
    #: Deleted after its end, with its clip where it had one: what shows it is to say so.
    removed: bool = False
    #: Whoever asked for it is forgotten: where it was told is to be forgotten too.
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """The job looks like this now.

    Changes of status are durable and each has its own cursor. Progress is transient: it bears the cursor
    of the newest durable event, so that resuming after it repeats nothing and loses nothing durable.
    """

    cursor: int
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which of the requester's own jobs to list, of every status, newest first (oldest first if `ascending`)."""

    #: Id of the last job of the page before.
    after: JobId | None = None
    limit: int = 20
    ascending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    jobs: tuple[Job, ...]
    has_more: bool
