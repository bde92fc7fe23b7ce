"""What operators and managers did: signed, with what was so before and after. And giving back what was spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inference.types.who import Identity, JobId, MemberId, Place

Fact = str | int | float | bool | None
Facts = dict[str, Fact]
"""A few named scalars: what an act changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who acts, where from, and why: written down in the transaction of the act itself."""

    by: Identity
    #: A server for what is decided there; without a workspace for the whole deployment.
    place: Place
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member in the log. Who was forgotten since has no identities left."""

    member: MemberId
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act. Never changed, never deleted."""

    id: int
    at: datetime
    #: The kind of the change, or `refund`.
    act: str
    by: Person
    place: Place
    #: Whom it was done to, if a member.
    whom: Person | None
    #: What else it was done to: a role, a channel, a job.
    subject: str
    reason: str
    before: Facts
    after: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which acts, newest first."""

    #: Who did it, or to whom it was done.
    member: Identity | None = None
    after: datetime | None = None
    #: Id of the last entry of the page before.
    behind: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    entries: tuple[AuditEntry, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Give back what was spent, each job once and to its own month: all of it, or nothing."""

    jobs: tuple[JobId, ...] = ()
    #: All that these spent this month.
    members: tuple[Identity, ...] = ()
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """What was given back."""

    jobs: tuple[JobId, ...]
    clips: int
