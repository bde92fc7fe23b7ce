"""Two members become one: everything that was said of the one is said of the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.types import MemberSettings
from storage import purses
from storage.member_tables import LinkCodeRow
from storage.rows import fetch
from storage.tables import (
    FormerMemberRow,
    IdentityRow,
    JobRow,
    LedgerRow,
    MemberRow,
    MonthPurseRow,
    QuotaMonthRow,
    Row,
)

_COUNTED = (QuotaMonthRow.__tablename__, MonthPurseRow.__tablename__, LinkCodeRow.__tablename__)
"""Tables in which a row of each cannot simply become a second one of the other's."""


def join(connection: Connection, *, keep: str, gone: str, now: float, ranks: Sequence[str]) -> None:
    """All of `gone` belongs to `keep`, and there is no `gone` any more. `ranks`: the tiers, the least first."""
    _free_keys(connection, keep, gone)
    for member in (keep, gone):
        _say_whose_grant(connection, member)
    purses.join(connection, keep, gone)
    connection.execute(update(LedgerRow).where(col(LedgerRow.member_id) == gone).values(member_id=keep))
    for table in Row.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is MemberRow.__table__.c.id and table.name not in _COUNTED:  # type: ignore[attr-defined]
                connection.execute(update(table).where(key.parent == gone).values({key.parent: keep}))
    _merge(connection, keep, gone, now, ranks)
    connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id) == gone))
    connection.execute(delete(MemberRow).where(col(MemberRow.id) == gone))
    connection.execute(update(FormerMemberRow).where(col(FormerMemberRow.member_id) == gone).values(member_id=keep))
    connection.execute(insert(FormerMemberRow).values(id=gone, member_id=keep))


def _free_keys(connection: Connection, keep: str, gone: str) -> None:
    """Where both asked with the same idempotency key, the first job of the two answers to it from now on."""
    theirs = aliased(JobRow)
    pairs = select(col(JobRow.id), col(JobRow.created_at), theirs.id, theirs.created_at).where(  # type: ignore[call-overload]
        col(JobRow.member_id) == keep,
        theirs.member_id == gone,
        col(JobRow.idempotency_key) == theirs.idempotency_key,
    )
    for one, begun, other, other_begun in connection.execute(pairs).all():
        later = other if (begun, one) < (other_begun, other) else one
        connection.execute(update(JobRow).where(col(JobRow.id) == later).values(idempotency_key=None))


def _say_whose_grant(connection: Connection, member: str) -> None:
    """So that it is theirs again when the accounts are taken apart."""
    oldest = select(col(IdentityRow.identity)).where(col(IdentityRow.member_id) == member)
    oldest = oldest.order_by(col(IdentityRow.created_at), col(IdentityRow.identity)).limit(1)
    nobodys = (col(MemberRow.tier_grant).is_not(None), col(MemberRow.tier_identity).is_(None))
    whose = update(MemberRow).where(col(MemberRow.id) == member, *nobodys)
    connection.execute(whose.values(tier_identity=oldest.scalar_subquery()))


def _merge(connection: Connection, keep: str, gone: str, now: float, ranks: Sequence[str]) -> None:
    """The settings of `keep`, where it has some; the better grant; the later turn in the queue.

    Neither is suspended or banned: nobody joins those with others.
    """
    both = select(MemberRow).where(col(MemberRow.id).in_((keep, gone)))
    rows = {row.id: row for row in fetch(connection, MemberRow, both)}
    ours, theirs = rows[keep], rows[gone]
    settings = from_json(MemberSettings, ours.settings).or_else(from_json(MemberSettings, theirs.settings))
    better = max((ours, theirs), key=lambda row: _worth(row, now, ranks))
    merged = {
        "settings": to_json(MemberSettings, settings),
        "tier_grant": better.tier_grant,
        "tier_until": better.tier_until,
        "tier_identity": better.tier_identity,
        "virtual_time": max(ours.virtual_time, theirs.virtual_time),
        "created_at": min(ours.created_at, theirs.created_at),
    }
    connection.execute(update(MemberRow).where(col(MemberRow.id) == keep).values(merged))


def _worth(row: MemberRow, now: float, ranks: Sequence[str]) -> tuple[int, float]:
    """Of a grant: its tier first, then how long it lasts. One that has ended, or names no tier, is worth nothing."""
    ends = math.inf if row.tier_until is None else row.tier_until
    return (ranks.index(row.tier_grant), ends) if row.tier_grant in ranks and ends > now else (-1, 0.0)
