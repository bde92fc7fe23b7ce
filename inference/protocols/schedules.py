"""Clips asked for in advance, and notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from inference.types import (
    Generate,
    JobId,
    MemberId,
    Notice,
    Requester,
    Schedule,
    ScheduleId,
    ScheduleState,
    When,
)


class Schedules(Protocol):
    """Faces to service. Every refusal is a `RequestRejected` and has cost nothing."""

    async def schedule(
        self,
        operation: Generate,
        when: When,
        requester: Requester,
        reply_to: str = "",
        idempotency_key: str | None = None,
    ) -> Schedule:
        """Have it submitted at that time, as this requester. The same key by the same identity: the first schedule.

        It is charged when it runs. What would be refused now is refused now.
        """
        ...

    async def schedules(self, requester: Requester) -> Sequence[Schedule]:
        """The requester's own that still run or are suspended, the next first."""
        ...

    async def cancel_schedule(self, schedule: ScheduleId, requester: Requester) -> Schedule:
        """It runs no more; what it has asked for already goes on. The requester's own only: NotFound. Idempotent."""
        ...


class Notices(Protocol):
    """What faces tell members unasked."""

    async def take_notices(self, platforms: Sequence[str], limit: int = 20) -> Sequence[Notice]:
        """For members of these platforms, oldest first. Each is handed out once: whoever takes it tells it."""
        ...

    async def return_notice(self, notice: int) -> None:
        """It was not told, and can be later: it is handed out again."""
        ...


# --- Service to rows ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDraft:
    """One that passed every check but how many there may be."""

    id: ScheduleId
    member: MemberId
    requester: Requester
    reply_to: str
    operation: Generate
    when: When
    zone: str
    next_at: datetime
    idempotency_key: str | None


class ScheduleBook(Protocol):
    """Rows of schedules, for their members."""

    async def now(self) -> datetime:
        """By the database's clock."""
        ...

    async def add(self, draft: ScheduleDraft, most: int | None) -> Schedule | None:
        """None where the member has `most` already. A known key returns its schedule."""
        ...

    async def of(self, member: MemberId) -> Sequence[Schedule]:
        """Active and suspended ones, the next first."""
        ...

    async def end(self, schedule: ScheduleId, member: MemberId) -> Schedule | None:
        """None where the member has none of this id."""
        ...

    async def tell_roles(self, member: MemberId, requester: Requester) -> None:
        """Their schedules in this server run with these roles and entitlements from now on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run that this process has claimed for a while, so that no other does it meanwhile."""

    schedule: Schedule
    at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    code: str
    fields: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a run."""

    schedule: ScheduleId
    #: Which run it was.
    at: datetime
    next_at: datetime | None
    state: ScheduleState
    refusals: int
    job: JobId | None = None
    notice: NoticeDraft | None = None


class DueBook(Protocol):
    """Rows of schedules and notices, for the clock and the faces."""

    async def claim_due(self, lease: timedelta, limit: int = 20) -> Sequence[Due]:
        """Runs whose time has come and that nobody has claimed. One that is not settled in time is claimed again.

        Their requesters hold the roles that the chat told last.
        """
        ...

    async def ran(self, run: Ran) -> bool:
        """Settle a run, and write its notice, in one transaction; False where it was settled already."""
        ...

    async def announce_month(self) -> int:
        """Write a notice for each member who ran out last month and made nothing yet in this one; how many are new."""
        ...

    async def take(self, platforms: Sequence[str], limit: int) -> Sequence[Notice]: ...

    async def give_back(self, notice: int) -> None: ...
