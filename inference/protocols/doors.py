"""Faces to service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from inference.protocols.linking import Linking
from inference.protocols.opened import OpenedClip
from inference.protocols.operations import Operations
from inference.protocols.privacy import Privacy
from inference.protocols.schedules import Notices, Schedules
from inference.types import (
    Account,
    AccountChange,
    ClipLink,
    ClipPage,
    ClipQuery,
    Decisions,
    Family,
    Identity,
    Job,
    JobEvent,
    JobId,
    JobPage,
    JobQuery,
    MemberStanding,
    Offer,
    Operation,
    Place,
    Policy,
    Requester,
    ServerChange,
    Variant,
)


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


class ClipLinks(Protocol):
    """The way to a clip that no chat takes."""

    async def link(self, clip: JobId, requester: Requester) -> ClipLink | None:
        """An address that opens the clip for whoever holds it, until it expires; None where none can be given out.

        Raises NotFound.
        """
        ...


class SharedClips(Protocol):
    """The other end of those links: for the API alone, which has no requester there."""

    def open_shared(self, clip: JobId, expires: str, signature: str) -> AbstractAsyncContextManager[OpenedClip]:
        """Raises LinkInvalid, LinkExpired, NotFound."""
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


class Catalogue(Protocol):
    """What there is to ask for."""

    async def offer(self) -> Offer:
        """The models and tiers of this deployment; the same until it is started anew."""
        ...


class HouseRules(Protocol):
    """What a server's managers decide there."""

    async def policy(self, place: Place) -> Policy:
        """What holds in a channel of a server."""
        ...

    async def govern(self, change: ServerChange, requester: Requester) -> None:
        """Change what holds in the requester's server. Managers and operators only.

        Raises NotAllowed; InvalidValue; ServerNotTrusted for tiers, and months, that the operator kept to themselves.
        """
        ...

    async def standing(self, member: Requester, requester: Requester) -> MemberStanding:
        """A member of the requester's server, as the face knows them. Managers and operators only: NotAllowed."""
        ...

    async def decisions(self, requester: Requester) -> Decisions:
        """All that holds in the requester's server by its managers' word. Managers and operators only: NotAllowed."""
        ...


class PostingDoors(GenerationService, ClipLinks, HouseRules, Catalogue, Notices, Protocol):
    """What whoever posts clips asks of the service."""


class AskingDoors(Library, Catalogue, Linking, Privacy, Schedules, Protocol):
    """What whoever answers members asks of the service."""


class GoverningDoors(HouseRules, Operations, Protocol):
    """What whoever answers managers and operators asks of the service."""


class Doors(
    GenerationService,
    ClipLinks,
    HouseRules,
    Library,
    Catalogue,
    Linking,
    Privacy,
    Operations,
    Schedules,
    Notices,
    Protocol,
):
    """All that a face may ask of the service."""
