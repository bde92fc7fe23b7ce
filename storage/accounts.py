"""Rows of members: identities, grants, settings, and their month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Select, func, insert, select, update
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.errors import InvalidValue, MemberChanged
from inference.protocols import Member, MonthUse
from inference.types import (
    AccountChange,
    ChangeSettings,
    Grant,
    GrantTier,
    Identity,
    Job,
    JobPage,
    JobQuery,
    JobStatus,
    MemberId,
    MemberSettings,
    SetStatus,
    UsageRow,
)
from storage import ledger, listing
from storage.database import Database, affected
from storage.ledger import Month
from storage.remembering import Digests, recall_status, recall_use
from storage.rows import fetch, load_jobs, moment
from storage.share import ACTIVE
from storage.status import status_columns, status_value
from storage.tables import IdentityRow, JobRow, MemberRow, QuotaMonthRow


class SqlAccounts:
    """Implements AccountBook."""

    def __init__(self, database: Database, key: bytes = b"") -> None:
        """`key` digests identities, as `storage.privacy` does, so that who was forgotten takes their use along."""
        self._database = database
        self._digests = Digests(key)

    async def member(self, identity: Identity) -> Member:
        return await self.find(identity) or await self._welcome(identity)

    async def find(self, identity: Identity) -> Member | None:
        return await self._database.reading(lambda connection: _find(connection, self._database, identity))

    async def change(self, member: MemberId, change: AccountChange) -> None:
        values: dict[str, str | float | None]
        match change:
            case ChangeSettings(settings=settings):
                values = {"settings": to_json(MemberSettings, settings)}
            case GrantTier(tier=tier, until=until):
                values = {"tier_grant": tier, "tier_until": None if until is None else until.timestamp()}
            case SetStatus(status=status):
                values = status_columns(status)

        def write(connection: Connection) -> None:
            if isinstance(change, GrantTier) and change.until is not None:
                _check_end(change.until, self._database.time(connection))
            if not affected(connection, update(MemberRow).where(col(MemberRow.id) == member).values(values)):
                raise MemberChanged

        await self._database.writing(write)

    async def month(self, member: MemberId) -> MonthUse:
        def look(connection: Connection) -> MonthUse:
            month = Month.at(self._database.time(connection))
            total = ledger.total(connection, member, month)
            return MonthUse(used=total.used, credit=total.credit, resets_at=month.ends_at)

        return await self._database.reading(look)

    async def reset(self, member: MemberId) -> None:
        await self._database.writing(
            lambda connection: ledger.give_back(connection, member, Month.at(self._database.time(connection)))
        )

    async def active_jobs(self, member: MemberId) -> Sequence[Job]:
        theirs = (
            select(JobRow)
            .where(col(JobRow.member_id) == member, col(JobRow.status).in_(ACTIVE))
            .order_by(col(JobRow.created_at), col(JobRow.id))
        )
        return await self._database.reading(lambda connection: load_jobs(connection, fetch(connection, JobRow, theirs)))

    async def jobs(self, member: MemberId, query: JobQuery) -> JobPage:
        return await self._database.reading(lambda connection: listing.page(connection, member, query))

    async def usage(self, month: str | None = None) -> Sequence[UsageRow]:
        """What each member used in `month` (`YYYY-MM`; None: the current one). Raises InvalidValue for another form."""
        asked = _month(month)
        return await self._database.reading(
            lambda connection: _usage(connection, asked or Month.at(self._database.time(connection)))
        )

    async def _welcome(self, identity: Identity) -> Member:
        def welcome(connection: Connection) -> Member:
            known = _find(connection, self._database, identity)
            if known is not None:
                return known
            now = self._database.time(connection)
            member = MemberRow(id=uuid4().hex, created_at=now)
            digest = self._digests.of(identity)
            recall_status(connection, digest, member)
            connection.execute(insert(MemberRow).values(member.model_dump()))
            recall_use(connection, digest, member.id, now)
            connection.execute(insert(IdentityRow).values(identity=identity, member_id=member.id, created_at=now))
            return _value(member, [identity], now)

        return await self._database.writing(welcome)


def _check_end(until: datetime, now: float) -> None:
    """Raises InvalidValue."""
    if until.timestamp() <= now:
        raise InvalidValue(name="until", value=until.isoformat(), allowed="a time that is still to come")


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


def _month(text: str | None) -> Month | None:
    try:
        return None if text is None else Month.parse(text)
    except ValueError as error:
        raise InvalidValue(name="month", value=text or "", allowed="a month as YYYY-MM") from error


def _usage(connection: Connection, month: Month) -> list[UsageRow]:
    """One row for each member with a total in `month`, most used first."""
    totals = select(col(QuotaMonthRow.member_id), col(QuotaMonthRow.used)).where(col(QuotaMonthRow.month) == str(month))
    order = totals.order_by(col(QuotaMonthRow.used).desc(), col(QuotaMonthRow.member_id))
    used = (connection.execute(order)).all()
    identities: dict[str, list[Identity]] = defaultdict(list)
    for member, identity in connection.execute(select(col(IdentityRow.member_id), col(IdentityRow.identity))):
        identities[member].append(Identity(identity))
    tallies: dict[str, dict[JobStatus, int]] = defaultdict(dict)
    tally = select(col(JobRow.member_id), col(JobRow.status), func.count()).where(col(JobRow.month) == str(month))
    for member, status, number in connection.execute(tally.group_by(col(JobRow.member_id), col(JobRow.status))):
        tallies[member][JobStatus(status)] = number
    tiers = dict((connection.execute(_last_tiers(month))).all())
    return [
        UsageRow(
            member=MemberId(member),
            identities=tuple(identities[member]),
            month=str(month),
            tier=tiers.get(member, ""),
            used=clips,
            jobs=tallies[member],
        )
        for member, clips in used
    ]


def _last_tiers(month: Month) -> Select[str, str]:
    """Tier of each member's newest job of the month."""
    newest_first = func.row_number().over(partition_by=col(JobRow.member_id), order_by=col(JobRow.created_at).desc())
    ranked = (
        select(col(JobRow.member_id), col(JobRow.tier), newest_first.label("place"))
        .where(col(JobRow.month) == str(month))
        .subquery()
    )
    return select(ranked.c.member_id, ranked.c.tier).where(ranked.c.place == 1)
