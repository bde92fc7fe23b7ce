"""Rows of schedules: what members keep, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.protocols import Due, Ran, ScheduleDraft
from inference.types import Generate, JobId, MemberId, Notice, Requester, Schedule, ScheduleId, ScheduleState, When
from storage import notices
from storage.database import Database, affected
from storage.rows import fetch, moment
from storage.schedule_tables import ScheduleRow
from storage.tables import IdentityRow, JobRow

RECENT_JOBS = 20
"""Of a member's that are looked through for the roles that the chat told last."""
KEY = "schedule:"
"""How the idempotency keys of scheduled jobs begin: their requesters bear roles that were told before."""
_STANDING = col(ScheduleRow.state).in_((ScheduleState.ACTIVE, ScheduleState.SUSPENDED))


class SqlSchedules:
    """Implements ScheduleBook and DueBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- ScheduleBook

    async def now(self) -> datetime:
        return moment(await self._database.reading(self._database.time))

    async def add(self, draft: ScheduleDraft, most: int | None) -> Schedule | None:
        return await self._database.writing(partial(_add, self._database, draft, most))

    async def of(self, member: MemberId) -> Sequence[Schedule]:
        order = (col(ScheduleRow.next_at).is_(None), col(ScheduleRow.next_at), col(ScheduleRow.id))
        own = select(ScheduleRow).where(_of(member), _STANDING).order_by(*order)
        rows = await self._database.reading(lambda connection: fetch(connection, ScheduleRow, own))
        return [_value(row) for row in rows]

    async def end(self, schedule: ScheduleId, member: MemberId) -> Schedule | None:
        own = (col(ScheduleRow.id) == schedule, _of(member))

        def end(connection: Connection) -> Schedule | None:
            ended = {"state": ScheduleState.ENDED, "next_at": None, "claimed_until": None}
            connection.execute(update(ScheduleRow).where(*own).values(ended))
            found = fetch(connection, ScheduleRow, select(ScheduleRow).where(*own))
            return _value(found[0]) if found else None

        return await self._database.writing(end)

    async def tell_roles(self, member: MemberId, requester: Requester) -> None:
        theirs = select(ScheduleRow).where(_of(member), _STANDING)

        def tell(connection: Connection) -> None:
            now = self._database.time(connection)
            for row in fetch(connection, ScheduleRow, theirs):
                known = from_json(Requester, row.requester)
                if _is_there(known, requester):
                    told = to_json(Requester, _with_roles(known, requester))
                    one = update(ScheduleRow).where(col(ScheduleRow.id) == row.id)
                    connection.execute(one.values(requester=told, told_at=now))

        await self._database.writing(tell)

    # --- DueBook

    async def claim_due(self, lease: timedelta, limit: int = 20) -> Sequence[Due]:
        # Mostly nothing is due: look before taking the writer's turn.
        if not await self._database.reading(partial(_due, self._database, 1)):
            return []
        return await self._database.writing(partial(_claim, self._database, lease, limit))

    async def ran(self, run: Ran) -> bool:
        return await self._database.writing(partial(_ran, self._database, run))

    async def announce_month(self) -> int:
        return await notices.announce_month(self._database)

    async def take(self, platforms: Sequence[str], limit: int) -> Sequence[Notice]:
        return await notices.take(self._database, platforms, limit)

    async def give_back(self, notice: int) -> None:
        await notices.give_back(self._database, notice)


def _add(database: Database, draft: ScheduleDraft, most: int | None, connection: Connection) -> Schedule | None:
    now = database.time(connection)
    if draft.idempotency_key is not None:
        same = select(ScheduleRow).where(
            col(ScheduleRow.identity) == draft.requester.identity,
            col(ScheduleRow.idempotency_key) == draft.idempotency_key,
        )
        if known := fetch(connection, ScheduleRow, same):
            return _value(known[0])
    own = select(func.count()).select_from(ScheduleRow).where(_of(draft.member), _STANDING)
    if most is not None and (connection.scalar(own) or 0) >= most:
        return None
    row = ScheduleRow(
        id=draft.id,
        identity=draft.requester.identity,
        requester=to_json(Requester, draft.requester),
        told_at=now,
        reply_to=draft.reply_to,
        operation=to_json(Generate, draft.operation),
        rule=to_json(When, draft.when),
        zone=draft.zone,
        state=ScheduleState.ACTIVE,
        next_at=draft.next_at.timestamp(),
        idempotency_key=draft.idempotency_key,
        created_at=now,
    )
    connection.execute(insert(ScheduleRow).values(row.model_dump()))
    return _value(row)


def _due(database: Database, limit: int, connection: Connection) -> list[ScheduleRow]:
    now = database.now()
    free = col(ScheduleRow.claimed_until).is_(None) | (col(ScheduleRow.claimed_until) <= now)
    due = (
        select(ScheduleRow)
        .where(col(ScheduleRow.state) == ScheduleState.ACTIVE, col(ScheduleRow.next_at) <= now, free)
        .order_by(col(ScheduleRow.next_at), col(ScheduleRow.id))
        .limit(limit)
    )
    return fetch(connection, ScheduleRow, due)


def _claim(database: Database, lease: timedelta, limit: int, connection: Connection) -> list[Due]:
    rows = _due(database, limit, connection)
    now = database.time(connection)
    mine = update(ScheduleRow).where(col(ScheduleRow.id).in_([row.id for row in rows]))
    connection.execute(mine.values(claimed_until=now + lease.total_seconds()))
    claimed = [_as_told_last(connection, _value(row)) for row in rows]
    return [Due(schedule=one, at=one.next_at, now=moment(now)) for one in claimed if one.next_at is not None]


def _as_told_last(connection: Connection, schedule: Schedule) -> Schedule:
    """With the roles of the member's newest request there, where that came after the schedule was told its own."""
    recent = (
        select(col(JobRow.requester), col(JobRow.created_at), col(JobRow.idempotency_key))
        .join(IdentityRow, col(IdentityRow.member_id) == col(JobRow.member_id))
        .where(col(IdentityRow.identity) == schedule.requester.identity)
        .order_by(col(JobRow.created_at).desc())
        .limit(RECENT_JOBS)
    )
    for requester, created_at, key in connection.execute(recent):
        asked = from_json(Requester, requester)
        if created_at <= schedule.told_at.timestamp():
            break
        if _is_there(schedule.requester, asked) and not (key or "").startswith(KEY):
            return replace(schedule, requester=_with_roles(schedule.requester, asked), told_at=moment(created_at))
    return schedule


def _ran(database: Database, run: Ran, connection: Connection) -> bool:
    same = (col(ScheduleRow.id) == run.schedule, col(ScheduleRow.next_at) == run.at.timestamp())
    rows = fetch(connection, ScheduleRow, select(ScheduleRow).where(*same))
    if not rows:
        return False
    changes = {
        "state": run.state,
        "next_at": None if run.next_at is None else run.next_at.timestamp(),
        "claimed_until": None,
        "refusals": run.refusals,
        "last_job": run.job or rows[0].last_job,
    }
    settled = affected(connection, update(ScheduleRow).where(*same).values(changes)) == 1
    if settled and run.notice is not None:
        notices.write(
            connection,
            once=f"{KEY}{run.schedule}:{run.at.isoformat()}",
            requester=from_json(Requester, rows[0].requester),
            reply_to=rows[0].reply_to,
            draft=run.notice,
            now=database.time(connection),
        )
    return settled


def _of(member: MemberId) -> ColumnElement[bool]:
    """By identity: a schedule goes with the person who made it, whomever they are linked with by now."""
    theirs = select(col(IdentityRow.identity)).where(col(IdentityRow.member_id) == member)
    return col(ScheduleRow.identity).in_(theirs)


def _is_there(known: Requester, asked: Requester) -> bool:
    """Whether the same person asks in the same server."""
    here, there = known.place, asked.place
    return known.identity == asked.identity and (here.platform, here.workspace) == (there.platform, there.workspace)


def _with_roles(known: Requester, asked: Requester) -> Requester:
    return replace(known, roles=asked.roles, entitlements=asked.entitlements, display_name=asked.display_name)


def _value(row: ScheduleRow) -> Schedule:
    return Schedule(
        id=ScheduleId(row.id),
        requester=from_json(Requester, row.requester),
        told_at=moment(row.told_at),
        reply_to=row.reply_to,
        operation=from_json(Generate, row.operation),
        when=from_json(When, row.rule),
        zone=row.zone,
        state=ScheduleState(row.state),
        next_at=None if row.next_at is None else moment(row.next_at),
        refusals=row.refusals,
        created_at=moment(row.created_at),
        last_job=None if row.last_job is None else JobId(row.last_job),
    )
