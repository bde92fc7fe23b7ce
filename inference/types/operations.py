"""What an operator looks at: who used what, and how the deployment is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inference.types.job import JobStatus, Stage
from inference.types.who import Identity, JobId, MemberId

# --- Use ---


class UsageBy(StrEnum):
    """What a row of the report stands for."""

    MEMBER = "member"
    SERVER = "server"
    MONTH = "month"
    TIER = "tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    by: UsageBy = UsageBy.MEMBER
    #: `YYYY-MM`, UTC. None: the current one, and by month the newest two years.
    month: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one member, server, month or tier used."""

    #: The member's id, the server as `PLATFORM:SERVER` (`PLATFORM:` for direct messages), `YYYY-MM`, or the tier.
    key: str
    #: Of the member, where the row stands for one.
    identities: tuple[Identity, ...] = ()
    #: Of the member's newest job, where the row stands for one.
    tier: str = ""
    #: Clips reserved or spent, and not given back by a refund.
    clips: int
    #: Jobs admitted, by status.
    jobs: dict[JobStatus, int]
    #: How many members asked.
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """Most used first; by month, the newest first."""

    by: UsageBy
    #: Empty by month.
    month: str
    #: The only server that it is about, as `PLATFORM:SERVER`; empty: all.
    server: str = ""
    rows: tuple[UsageRow, ...]


# --- How it is doing ---


class WorkerState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    #: Its process is gone; it is started again.
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A worker of the service's own machine, as its supervisor sees it."""

    name: str
    state: WorkerState
    #: Such as `cpu`, or a graphics card's name; empty while it is not known.
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    job: JobId
    member: MemberId
    #: What the member is called where they asked.
    name: str
    identity: Identity
    preset: str
    tier: str
    #: Jobs that run before it, by the queue's own order.
    ahead: int
    waited_seconds: float
    #: Until it starts, as it was told.
    wait_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    job: JobId
    name: str
    identity: Identity
    preset: str
    tier: str
    attempt: int
    running_seconds: float
    #: None before the first heartbeat.
    stage: Stage | None
    #: 0 to 1.
    fraction: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerNow:
    """A worker with what it does. One on another machine is only known while it holds a job."""

    name: str
    state: WorkerState
    device: str
    job: RunningJob | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTally:
    """A day, UTC, and how many of each."""

    day: date
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetSeconds:
    """How long a preset's newest clips took, from claim to finish."""

    preset: str
    clips: int
    median: float
    #: Nine of ten were not slower.
    ninth_decile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The deployment at one moment."""

    at: datetime
    month: str
    #: How many wait in all; `queue` holds the next ones.
    waiting: int
    queue: tuple[QueuedJob, ...]
    workers: tuple[WorkerNow, ...]
    #: The last 30 days, oldest first: clips made, by preset.
    clips: tuple[DayTally, ...]
    #: The same days: jobs that failed, by code.
    failures: tuple[DayTally, ...]
    presets: tuple[PresetSeconds, ...]
    #: This month's use, by tier.
    tiers: tuple[UsageRow, ...]
