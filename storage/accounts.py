"""Rows of members: identities, grants, settings, and their month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.errors import MemberChanged
from inference.protocols import Member, MonthUse
from inference.types import (
    AccountChange,
    ChangeSettings,
    Facts,
    Grant,
    GrantTier,
    Identity,
    Job,
    JobPage,
    JobQuery,
    MemberId,
    MemberSettings,
    SetStatus,
    Signature,
)
from storage import audit, ledger, listing
from storage.audit import Deed
from storage.database import Database
from storage.ledger import Month
from storage.remembering import Digests, is_remembered, recall
from storage.rows import fetch, load_jobs, moment, to_come
from storage.share import ACTIVE
from storage.status import status_columns, status_value
from storage.tables import IdentityRow, JobRow, MemberRow


class SqlAccounts:
    """Implements AccountBook."""

    def __init__(self, database: Database, key: bytes = b"") -> None:
        """`key` digests identities, as `storage.privacy` does, so that who was forgotten takes their use along."""
        self._database = database
        self._digests = Digests(key)

    async def member(self, identity: Identity) -> Member:
        digest = self._digests.of(identity)

        def look(connection: Connection) -> Member | None:
            """None where there is nobody, or somebody new who takes something along."""
            return None if is_remembered(connection, digest) else _find(connection, self._database, identity)

        return await self._database.reading(look) or await self._welcome(identity)

    async def find(self, identity: Identity) -> Member | None:
        return await self._database.reading(lambda connection: _find(connection, self._database, identity))

    async def change(self, member: MemberId, change: AccountChange, signed: Signature | None = None) -> None:
        def write(connection: Connection) -> None:
            now = self._database.time(connection)
            before = _governed(connection, member)
            values = _columns(change, now)
            connection.execute(update(MemberRow).where(col(MemberRow.id) == member).values(values))
            if signed is not None:
                was, became = _difference(before, _governed(connection, member))
                audit.enter(connection, now, signed, Deed(act=change.kind, member=member, before=was, after=became))

        await self._database.writing(write)

    async def month(self, member: MemberId) -> MonthUse:
        def look(connection: Connection) -> MonthUse:
            month = Month.at(self._database.time(connection))
            total = ledger.total(connection, member, month)
            return MonthUse(used=total.used, credit=total.credit, resets_at=month.ends_at)

        return await self._database.reading(look)

    async def reset(self, member: MemberId, signed: Signature) -> None:
        def begin_anew(connection: Connection) -> None:
            now = self._database.time(connection)
            month = Month.at(now)
            before = ledger.total(connection, member, month).credit
            given = ledger.begin_anew(connection, member, month, now)
            was: Facts = {"month": str(month), "credit": before}
            deed = Deed(act="reset", member=member, before=was, after=was | {"credit": before + given})
            audit.enter(connection, now, signed, deed)

        await self._database.writing(begin_anew)

    async def active_jobs(self, member: MemberId) -> Sequence[Job]:
        theirs = (
            select(JobRow)
            .where(col(JobRow.member_id) == member, col(JobRow.status).in_(ACTIVE))
            .order_by(col(JobRow.created_at), col(JobRow.id))
        )
        return await self._database.reading(lambda connection: load_jobs(connection, fetch(connection, JobRow, theirs)))

    async def jobs(self, member: MemberId, query: JobQuery) -> JobPage:
        return await self._database.reading(lambda connection: listing.page(connection, member, query))

    async def _welcome(self, identity: Identity) -> Member:
        def welcome(connection: Connection) -> Member:
            now = self._database.time(connection)
            member = audit.member_of(connection, identity, now)
            recall(connection, self._digests.of(identity), member, now)
            found = _find(connection, self._database, identity)
            assert found is not None
            return found

        return await self._database.writing(welcome)


def _columns(change: AccountChange, now: float) -> dict[str, Any]:
    """Raises InvalidValue for what would have ended already."""
    match change:
        case ChangeSettings(settings=settings):
            return {"settings": to_json(MemberSettings, settings)}
        case GrantTier(tier=tier, until=until):
            return {"tier_grant": tier, "tier_until": to_come(until, now), "tier_identity": None}
        case SetStatus(status=status):
            return status_columns(status)


def _governed(connection: Connection, member: MemberId) -> Facts:
    """What operators decide of a member, by its columns; times as people read them. Raises MemberChanged."""
    rows = fetch(connection, MemberRow, select(MemberRow).where(col(MemberRow.id) == member))
    if not rows:
        raise MemberChanged
    columns = rows[0].model_dump(exclude={"id", "created_at", "virtual_time", "tier_identity"})
    return {
        name: moment(value).isoformat() if name.endswith("_until") and value is not None else value
        for name, value in columns.items()
    }


def _difference(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """Only what changed."""
    names = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _find(connection: Connection, database: Database, identity: Identity) -> Member | None:
    owner = select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == identity).scalar_subquery()
    members = fetch(connection, MemberRow, select(MemberRow).where(col(MemberRow.id) == owner))
    if not members:
        return None
    mine = select(col(IdentityRow.identity), database.now()).where(col(IdentityRow.member_id) == members[0].id)
    found = connection.execute(mine.order_by(col(IdentityRow.created_at))).all()
    return _value(members[0], [identity for identity, _ in found], found[0][1])


def _value(row: MemberRow, identities: Sequence[str], now: float) -> Member:
    return Member(
        id=MemberId(row.id),
        identities=tuple(Identity(identity) for identity in identities),
        grant=_grant(row, now),
        settings=from_json(MemberSettings, row.settings),
        status=status_value(row, now),
    )


def _grant(row: MemberRow, now: float) -> Grant | None:
    """None where none was given, or where it has ended."""
    if row.tier_grant is None or (row.tier_until is not None and row.tier_until <= now):
        return None
    return Grant(tier=row.tier_grant, until=None if row.tier_until is None else moment(row.tier_until))
