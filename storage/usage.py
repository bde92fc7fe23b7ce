"""Who used what, from the jobs themselves: an index that holds all of these columns is read, and no job's row."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, text
from sqlmodel import col

from inference.errors import InvalidValue
from inference.types import Identity, JobStatus, Place, UsageBy, UsageQuery, UsageReport, UsageRow
from storage.ledger import Entry, Month
from storage.tables import IdentityRow, JobRow, LedgerRow

MONTHS = 24
"""Shown by month."""
SPENT = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.SUCCEEDED)
"""Their clips count; those of failed and cancelled jobs were refunded."""

_KEYS: dict[UsageBy, tuple[Any, ...]] = {
    UsageBy.MEMBER: (col(JobRow.member_id),),
    UsageBy.SERVER: (col(JobRow.platform), col(JobRow.workspace)),
    UsageBy.MONTH: (col(JobRow.month),),
    UsageBy.TIER: (col(JobRow.tier),),
}


def report(connection: Connection, query: UsageQuery, now: float, place: Place | None = None) -> UsageReport:
    """See `inference.protocols.OperationsBook.usage`."""
    asked = _month(query.month)
    by_month = query.by is UsageBy.MONTH
    month = "" if by_month and asked is None else str(asked or Month.at(now))
    where = [_in(month, now, JobRow.month), *_at(place)]
    # By the ledger's month, so that its index is read first.
    returned = _returned(_KEYS[query.by], [_in(month, now, LedgerRow.month), *_at(place)])
    rows = _rows(connection, query.by, where, returned)
    if query.by is UsageBy.MEMBER:
        rows = _named(connection, rows, month, place)
    newest = sorted(rows, key=lambda row: row.key, reverse=True)
    most = sorted(rows, key=lambda row: (-row.clips, -sum(row.jobs.values()), row.key))
    server = f"{place.platform}:{place.workspace}" if place else ""
    return UsageReport(by=query.by, month=month, server=server, rows=tuple(newest if by_month else most))


def _month(asked: str | None) -> Month | None:
    try:
        return None if asked is None else Month.parse(asked)
    except ValueError as error:
        raise InvalidValue(name="month", value=asked or "", allowed="a month as YYYY-MM") from error


def _in(month: str, now: float, column: Any) -> ColumnElement[bool]:
    """In the month; empty: in the newest ones."""
    return col(column) == month if month else col(column) > str(_months_before(Month.at(now), MONTHS))


def _at(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [col(JobRow.platform) == place.platform, col(JobRow.workspace) == place.workspace]


def _months_before(month: Month, count: int) -> Month:
    number = month.year * 12 + month.month - 1 - count
    return Month(year=number // 12, month=number % 12 + 1)


def _rows(
    connection: Connection, by: UsageBy, where: list[ColumnElement[bool]], back: Select[*tuple[Any, ...]]
) -> list[UsageRow]:
    keys = _KEYS[by]
    clips = func.sum(case((col(JobRow.status).in_(SPENT), col(JobRow.clips)), else_=0))
    grouped = select(*keys, col(JobRow.status), func.count(), clips).where(*where).group_by(*keys, col(JobRow.status))
    jobs: dict[str, dict[JobStatus, int]] = defaultdict(dict)
    used: dict[str, int] = defaultdict(int)
    for *key, status, count, spent in connection.execute(grouped):
        jobs[":".join(key)][JobStatus(status)] = count
        used[":".join(key)] += spent
    for *key, returned in connection.execute(back):
        used[":".join(key)] -= returned
    asked = _members(connection, keys, where) if by is not UsageBy.MEMBER else {}
    return [UsageRow(key=key, clips=used[key], jobs=jobs[key], members=asked.get(key, 1)) for key in jobs]


def _members(connection: Connection, keys: tuple[Any, ...], where: list[ColumnElement[bool]]) -> dict[str, int]:
    """How many asked."""
    counted = select(*keys, func.count(col(JobRow.member_id).distinct())).where(*where).group_by(*keys)
    return {":".join(key): count for *key, count in connection.execute(counted)}


def _returned(keys: tuple[Any, ...], where: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Few jobs are given back: the index of just these finds them, where its condition stands here as it is."""
    given_back = text("ledger_entries.kind IN ('credit', 'return')")
    returned = select(*keys, col(LedgerRow.clips)).join(LedgerRow, col(LedgerRow.job_id) == col(JobRow.id))
    # Not grouped here: SQLite would walk some index of jobs for their order.
    return returned.where(given_back, col(LedgerRow.kind) == Entry.RETURN, *where)


def _named(connection: Connection, rows: list[UsageRow], month: str, place: Place | None) -> list[UsageRow]:
    """With identities (managers are told those of their own platform only) and the tier of the newest job."""
    identities: dict[str, list[Identity]] = defaultdict(list)
    known = select(col(IdentityRow.member_id), col(IdentityRow.identity)).order_by(col(IdentityRow.created_at))
    if place is not None:
        known = known.where(col(IdentityRow.identity).startswith(f"{place.platform}:", autoescape=True))
    for member, identity in connection.execute(known):
        identities[member].append(Identity(identity))
    tiers = dict(connection.execute(_newest_tiers(month, place)).all())
    return [
        UsageRow(
            key=row.key,
            identities=tuple(identities[row.key]),
            tier=tiers.get(row.key, ""),
            clips=row.clips,
            jobs=row.jobs,
            members=1,
        )
        for row in rows
    ]


def _newest_tiers(month: str, place: Place | None) -> Select[str, str]:
    """Tier of each member's newest job of the month."""
    newest_first = func.row_number().over(partition_by=col(JobRow.member_id), order_by=col(JobRow.created_at).desc())
    theirs = select(col(JobRow.member_id), col(JobRow.tier), newest_first.label("place"))
    ranked = theirs.where(col(JobRow.month) == month, *_at(place)).subquery()
    return select(ranked.c.member_id, ranked.c.tier).where(ranked.c.place == 1)
