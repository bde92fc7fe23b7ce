"""Rows of notices: each is written once, and handed out once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.protocols import NoticeDraft
from inference.types import Notice, Requester
from storage.database import Database
from storage.ledger import Month
from storage.member_tables import ForgettingRow
from storage.rows import fetch, moment
from storage.schedule_tables import NoticeRow
from storage.status import may_ask
from storage.tables import JobRow, MemberRow, QuotaMonthRow

KEPT_SECONDS = 30 * 86400.0
"""How long a notice is known, so that none is written twice."""
NEWS_SECONDS = 3 * 86400.0
"""How long after a month's turn it is news that clips are back, and how long a notice waits for somebody to tell it."""


def write(
    connection: Connection, *, once: str, requester: Requester, reply_to: str, draft: NoticeDraft, now: float
) -> bool:
    """False where there is a notice about `once` already."""
    if connection.scalar(select(col(NoticeRow.id)).where(col(NoticeRow.once) == once)) is not None:
        return False
    connection.execute(
        insert(NoticeRow).values(
            once=once,
            identity=requester.identity,
            platform=requester.place.platform,
            requester=to_json(Requester, requester),
            reply_to=reply_to,
            code=draft.code,
            fields=json.dumps(draft.fields),
            created_at=now,
        )
    )
    return True


async def take(database: Database, platforms: Sequence[str], limit: int) -> list[Notice]:
    """See `inference.protocols.Notices.take_notices`."""
    waiting = (
        select(NoticeRow)
        .where(col(NoticeRow.taken_at).is_(None), col(NoticeRow.platform).in_(platforms))
        .where(col(NoticeRow.created_at) > database.now() - NEWS_SECONDS)
        .order_by(col(NoticeRow.id))
        .limit(limit)
    )

    def claim(connection: Connection) -> list[Notice]:
        rows = fetch(connection, NoticeRow, waiting)
        taken = update(NoticeRow).where(col(NoticeRow.id).in_([row.id for row in rows]))
        connection.execute(taken.values(taken_at=database.time(connection)))
        return [_value(row) for row in rows]

    found = await database.reading(lambda connection: fetch(connection, NoticeRow, waiting))
    return await database.writing(claim) if found else []


async def give_back(database: Database, notice: int) -> None:
    """See `inference.protocols.Notices.return_notice`."""
    untold = update(NoticeRow).where(col(NoticeRow.id) == notice).values(taken_at=None)
    await database.writing(lambda connection: connection.execute(untold))


async def announce_month(database: Database) -> int:
    """See `inference.protocols.DueBook.announce_month`. Forgets notices that are no news any more, besides."""

    def announce(connection: Connection) -> int:
        now = database.time(connection)
        connection.execute(delete(NoticeRow).where(_is_old(database)))
        # Read here: whoever is forgotten in this very moment is told nothing.
        return sum(
            write(
                connection,
                once=f"clips_are_back:{member}:{month}",
                requester=from_json(Requester, requester),
                reply_to=reply_to,
                draft=NoticeDraft(code="clips_are_back", fields={"month": month}),
                now=now,
            )
            for member, requester, reply_to, month in _back_again(database, connection)
        )

    # Mostly there is nothing to do: look before taking the writer's turn.
    return await database.writing(announce) if await database.reading(partial(_is_due, database)) else 0


def _is_old(database: Database) -> ColumnElement[bool]:
    return col(NoticeRow.created_at) < database.now() - KEPT_SECONDS


def _is_due(database: Database, connection: Connection) -> bool:
    old = connection.scalar(select(col(NoticeRow.id)).where(_is_old(database)).limit(1))
    return old is not None or bool(_back_again(database, connection))


def _back_again(database: Database, connection: Connection) -> list[tuple[str, str, str, str]]:
    """Member, their last request's requester and place, and the new month; none where that is no news any more."""
    now = database.time(connection)
    month = Month.at(now)
    begun = datetime.fromisoformat(f"{month}-01T00:00:00+00:00").timestamp()
    if now >= begun + NEWS_SECONDS:
        return []
    return [
        (member, requester, reply_to, str(month))
        for member, requester, reply_to in connection.execute(_ran_out(database, begun, month))
    ]


def _ran_out(database: Database, begun: float, month: Month) -> Select[str, str, str]:
    """Who had used up last month's clips by its end, as their last job then was told, and has made none since."""
    last_month = str(Month.at(begun - 1))
    newest_first = func.row_number().over(partition_by=col(JobRow.member_id), order_by=col(JobRow.created_at).desc())
    last = (
        select(
            col(JobRow.member_id),
            col(JobRow.requester),
            col(JobRow.reply_to),
            col(JobRow.limit_then),
            newest_first.label("place"),
        )
        # Whoever was forgotten is told nothing more.
        .where(col(JobRow.month) == last_month, col(JobRow.forgotten_at).is_(None))
        .where(col(JobRow.member_id).not_in(select(col(ForgettingRow.member_id))))
        .subquery()
    )
    this = aliased(QuotaMonthRow)
    return (
        select(last.c.member_id, last.c.requester, last.c.reply_to)
        .join(QuotaMonthRow, col(QuotaMonthRow.member_id) == last.c.member_id)
        .join(MemberRow, col(MemberRow.id) == last.c.member_id)
        .where(last.c.place == 1, last.c.reply_to != "", col(QuotaMonthRow.month) == last_month)
        .where(col(QuotaMonthRow.used) >= last.c.limit_then, may_ask(database.now()))
        .where(~exists().where(col(this.member_id) == last.c.member_id, col(this.month) == str(month)))
        .where(~exists().where(col(NoticeRow.once) == "clips_are_back:" + last.c.member_id + ":" + str(month)))
    )


def _value(row: NoticeRow) -> Notice:
    return Notice(
        id=row.id,
        requester=from_json(Requester, row.requester),
        reply_to=row.reply_to,
        code=row.code,
        fields=json.loads(row.fields),
        created_at=moment(row.created_at),
    )
