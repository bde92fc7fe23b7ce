"""Service to the rows of clips, members and servers, and to the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from inference.types import (
    AccountChange,
    BlockMember,
    Clip,
    ClipPage,
    ClipQuery,
    Decisions,
    GiveTier,
    Grant,
    Identity,
    Job,
    JobId,
    JobPage,
    JobQuery,
    MediaRef,
    MemberId,
    MemberSettings,
    MemberStatus,
    Place,
    Policy,
    PolicyWish,
    Signature,
)


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
    #: What an operator granted, while it holds.
    grant: Grant | None
    settings: MemberSettings
    #: What holds now: of a suspension that has ended there is nothing left.
    status: MemberStatus = field(default_factory=MemberStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthUse:
    """A member's month in the ledger."""

    #: Clips reserved or spent.
    used: int
    #: Clips given back, on top of the tier's.
    credit: int
    resets_at: datetime


class AccountBook(Protocol):
    """Rows of members, and their month in the ledger."""

    async def member(self, identity: Identity) -> Member:
        """The member of this identity, made at first sight."""
        ...

    async def find(self, identity: Identity) -> Member | None: ...

    async def change(self, member: MemberId, change: AccountChange, signed: Signature | None = None) -> None:
        """Written down where it is signed: members' own choices are not.

        Raises InvalidValue for a grant that would have ended already; MemberChanged where this member is no more.
        """
        ...

    async def month(self, member: MemberId) -> MonthUse:
        """Their month by the database's clock."""
        ...

    async def reset(self, member: MemberId, signed: Signature) -> None:
        """Give back what the member spent this month; what is only reserved still counts. Idempotent."""
        ...

    async def active_jobs(self, member: MemberId) -> Sequence[Job]:
        """Queued and running, oldest first."""
        ...

    async def jobs(self, member: MemberId, query: JobQuery) -> JobPage:
        """The member's jobs of every status, but those that were removed. An unknown `after`: an empty page."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A tier that holds in one server."""

    tier: str
    #: Whom no setting bounds.
    by_operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRules:
    """What a server's managers decided, for one requester in one place."""

    policy: Policy = field(default_factory=Policy)
    #: Given to the member, and to the roles that they hold.
    member_gift: Gift | None = None
    role_gifts: tuple[Gift, ...] = ()
    is_blocked: bool = False
    block_reason: str = ""
    blocked_until: datetime | None = None


class ServerBook(Protocol):
    """Rows of what servers' managers decided, each change signed. A place's `workspace` is never empty here."""

    async def rules(self, place: Place, member: Identity | None = None, roles: Sequence[str] = ()) -> ServerRules: ...

    async def change_policy(self, place: Place, wish: PolicyWish, signed: Signature) -> None:
        """Of the channel, or of the whole server where the place names none."""
        ...

    async def give_tier(self, place: Place, gift: GiveTier, signed: Signature, *, by_operator: bool) -> None:
        """Raises InvalidValue for one that would have ended already."""
        ...

    async def block(self, place: Place, change: BlockMember, signed: Signature) -> None:
        """Raises InvalidValue likewise."""
        ...

    async def decisions(self, place: Place) -> Decisions: ...


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
