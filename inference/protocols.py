"""The doors: what each part asks of the others. Standard library and `inference.types` only.

GenerationService, Library    faces -> service       (implemented by `inference.service` and `inference.client`)
JobBook, JobQueue             service, worker -> rows (implemented by `storage.jobs`)
ClipShelf, AccountBook        service -> rows         (implemented by `storage.clips`, `storage.accounts`)
BlobStore                     service, worker -> bytes (implemented by `storage.blobs`)

The door between worker and model, `VideoEngine`, stands in `inference.engines.port`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from inference.types import (
    Account,
    AccountChange,
    Clip,
    ClipPage,
    ClipQuery,
    Family,
    Identity,
    Job,
    JobEvent,
    JobFailure,
    JobId,
    JobPage,
    JobQuery,
    MediaRef,
    MemberId,
    MemberSettings,
    Operation,
    Progress,
    Recipe,
    Requester,
    UsageRow,
    Variant,
)

# --- Faces to service ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedClip:
    """Bytes of one rendition, and what a face needs to post them."""

    #: Read with `read(n)`; blocking, local or spooled.
    stream: BinaryIO = field(repr=False)
    length: int
    media_type: str
    filename: str


class GenerationService(Protocol):
    """Ask for clips and follow them. Every refusal is a `RequestRejected` and has cost nothing."""

    async def submit(
        self, operation: Operation, requester: Requester, reply_to: str = "", idempotency_key: str | None = None
    ) -> Job:
        """Admit, charge and queue. The same key by the same member returns the first job, whatever its state."""
        ...

    async def get(self, job: JobId, requester: Requester) -> Job:
        """Raises NotFound, also for another member's private job."""
        ...

    async def cancel(self, job: JobId, requester: Requester) -> Job:
        """Ends a queued job at once (refunded), asks a running one to stop within a step, leaves an ended one."""
        ...

    def events(self, after: int | None = None) -> AsyncIterator[JobEvent]:
        """Changes of all jobs, without end.

        `after` a cursor: every durable event behind it, then live ones. None: the newest event of every job whose
        result was not marked delivered, then live ones. A face picks its own by `job.requester.place.platform`.
        """
        ...

    def open_clip(
        self, job: JobId, requester: Requester, variant: Variant = Variant.VIDEO, max_bytes: int | None = None
    ) -> AbstractAsyncContextManager[OpenedClip]:
        """Bytes of a rendition; a smaller one is made where `max_bytes` asks for it. Raises NotFound."""
        ...

    async def mark_delivered(self, job: JobId) -> None:
        """The job's end has been told where it belongs; it is not replayed again. Idempotent."""
        ...


class Library(Protocol):
    """Clips made and accounts held."""

    async def jobs(self, query: JobQuery, requester: Requester) -> JobPage:
        """The requester's own jobs, waiting and failed ones too; not those that were deleted."""
        ...

    async def clips(self, query: ClipQuery, requester: Requester) -> ClipPage: ...

    async def clip(self, clip: JobId, requester: Requester) -> Family:
        """The clip with all its relatives that the requester may see. Raises NotFound."""
        ...

    async def delete(self, clip: JobId, requester: Requester) -> None:
        """A clip, or a job that failed or was cancelled: rows hidden, blobs removed. Its owner or an operator only.

        Raises NotAllowed; InvalidValue while it is under way; NotFound, as every verb does from then on.
        """
        ...

    async def account(self, requester: Requester, identity: Identity | None = None) -> Account:
        """The requester's own; another identity's for operators only."""
        ...

    async def change_account(
        self, change: AccountChange, requester: Requester, identity: Identity | None = None
    ) -> Account:
        """Own settings; grants by operators only."""
        ...

    async def usage(self, requester: Requester, month: str | None = None) -> Sequence[UsageRow]:
        """What each member used in `month` (`YYYY-MM`; None: the current one), for operators only: NotAllowed."""
        ...


# --- Service to rows -----------------------------------------------------------------------------


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
    #: Clips to reserve this month; 0 for what needs no GPU.
    clips: int
    #: Predicted seconds on the device.
    device_seconds: float
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """What the admitting transaction itself must enforce, for only it can do so exactly."""

    clips_per_month: int
    max_jobs: int


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
        """Reserve and insert in one transaction. Raises QuotaExceeded or TooManyJobs; a known key returns its job."""
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


# --- Worker to rows ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lease on a job. Every write carries the fence, so that a stale worker cannot commit."""

    job: Job
    worker: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Blobs are already stored under `{job}/{fence}/…`; these names become the clip's."""

    clip: Clip
    #: Names by rendition: `video`, `thumbnail`, `spritesheet`, `master`, `latents`.
    blobs: dict[str, str]
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

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """One transaction: status, clip, ledger settlement, outbox row. Raises LeaseLost for a stale fence."""
        ...

    async def release(self, worker: str) -> int:
        """The worker is known dead: queue its jobs again, or fail and refund those out of attempts; how many."""
        ...

    async def sweep(self) -> int:
        """The same for every job whose lease has run out."""
        ...


# --- Clips, accounts, bytes ----------------------------------------------------------------------


class ClipShelf(Protocol):
    """Rows of finished clips."""

    async def get(self, clip: JobId) -> Clip | None: ...

    async def family(self, root: JobId) -> Sequence[Clip]: ...

    async def search(self, query: ClipQuery, member: MemberId | None) -> ClipPage:
        """`member` None: everyone's. Private clips of others are never among them."""
        ...

    async def blob(self, clip: JobId, name: str) -> MediaRef | None:
        """Where a rendition of the clip lies, by the names of `Succeeded.blobs`."""
        ...

    async def remove(self, clip: JobId) -> Sequence[str]:
        """Hide the clip, or the job that has none; returns the blobs that nothing needs any more. Raises NotFound."""
        ...

    async def leftovers(self) -> Sequence[JobId]:
        """Removed jobs whose blobs, all under `{job}/`, nothing needs any more and may not all be deleted yet."""
        ...

    async def purged(self, job: JobId) -> None:
        """Its blobs are deleted: it is among `leftovers` no more. Idempotent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An account as storage knows it; the service adds the tier."""

    id: MemberId
    identities: tuple[Identity, ...]
    #: Name of the granted tier, if any.
    grant: str | None
    settings: MemberSettings


class AccountBook(Protocol):
    """Rows of members, and their month in the ledger."""

    async def member(self, identity: Identity) -> Member:
        """The member of this identity, made at first sight."""
        ...

    async def find(self, identity: Identity) -> Member | None: ...

    async def change(self, member: MemberId, change: AccountChange) -> None: ...

    async def used(self, member: MemberId) -> tuple[int, datetime]:
        """Clips used this month by the database's clock, and when it resets."""
        ...

    async def active_jobs(self, member: MemberId) -> Sequence[Job]:
        """Queued and running, oldest first."""
        ...

    async def jobs(self, member: MemberId, query: JobQuery) -> JobPage:
        """The member's jobs of every status, but those that were removed. An unknown `after`: an empty page."""
        ...

    async def usage(self, month: str | None = None) -> Sequence[UsageRow]:
        """What each member used in `month`, most used first. Raises InvalidValue where it is not `YYYY-MM`."""
        ...


class BlobStore(Protocol):
    """Bytes by name. Blocking: call it from a thread. Names are ours: `{job}/{fence}/video.mp4`."""

    def put(self, name: str, source: Path | bytes) -> int:
        """Store durably and atomically; returns the length."""
        ...

    def open(self, name: str) -> BinaryIO:
        """A seekable stream. Raises FileNotFoundError."""
        ...

    def length(self, name: str) -> int: ...

    def delete(self, name: str) -> None:
        """Idempotent."""
        ...

    def names(self, prefix: str) -> Sequence[str]: ...
