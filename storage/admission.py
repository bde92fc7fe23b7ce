"""Admission: limits checked, clips reserved, the job inserted and announced, in one transaction."""

from __future__ import annotations

import math

from sqlalchemy import Connection, Select, String, func, insert, literal, select
from sqlmodel import col

from inference.codec import to_json
from inference.errors import MemberChanged, NotFound, RateExceeded, TierEnded, TooManyJobs
from inference.protocols import AdmissionLimits, JobDraft, ScheduledRun
from inference.types import Job, JobStatus, Operation, Recipe, Requester, ScheduleState, Terms
from storage import ledger, share
from storage.database import Database
from storage.ledger import Month
from storage.needed import read_by
from storage.rows import job_value, known_job
from storage.schedule_tables import ScheduleRow
from storage.share import ACTIVE
from storage.status import may_ask
from storage.tables import IdentityRow, JobRow, MemberRow
from storage.transitions import announce

RATE_SECONDS = 60.0
"""In which requests are counted: those of the last minute at any moment, not of the minute on the clock."""


async def admit(database: Database, draft: JobDraft, limits: AdmissionLimits) -> Job:
    """See `inference.protocols.JobBook.admit`. Five statements or six, none of which grows with the past."""
    row = _row(draft, limits)  # serialised before the transaction, which others wait for
    return await database.writing(lambda connection: _admit(connection, database, draft, limits, row))


def _admit(connection: Connection, database: Database, draft: JobDraft, limits: AdmissionLimits, row: JobRow) -> Job:
    now, earlier, active, since, asking = connection.execute(_standing(database, draft, limits)).one()
    if earlier is not None:
        return known_job(connection, earlier)
    if draft.run is not None and not _is_to_come(connection, draft.run):
        raise NotFound(what="schedule", id=draft.run.schedule)
    if asking is None:
        raise MemberChanged
    if limits.until is not None and now >= limits.until.timestamp():
        raise TierEnded(tier=draft.tier)
    _require_sources(connection, draft)
    if active >= limits.max_jobs:
        raise TooManyJobs(tier=draft.tier, limit=limits.max_jobs, running=active)
    if not active:
        share.join(connection, row.member_id)
    month = Month.at(now)
    row.created_at = now
    row.month = str(month)
    total = ledger.reserve(
        connection, row.member_id, month, clips=draft.clips, limit=limits.clips_per_month, tier=draft.tier
    )
    # Last, so that whoever has no clip left is told that rather than to wait; what was reserved is rolled back.
    if limits.requests_per_minute is not None and since is not None and now < since + RATE_SECONDS:
        rest = max(1, math.ceil(since + RATE_SECONDS - now))
        raise RateExceeded(tier=draft.tier, limit=limits.requests_per_minute, retry_after=rest)
    row.used_then, row.limit_then = total.used, limits.clips_per_month + total.credit
    connection.execute(insert(JobRow), row.model_dump())
    ledger.record_reserve(connection, row, now)
    announce(connection, row.id, JobStatus.QUEUED, now)
    return job_value(row)


def _require_sources(connection: Connection, draft: JobDraft) -> None:
    """Raises NotFound where a clip whose blobs the job will read was deleted since the service saw it.

    Whatever is deleted from now on keeps those blobs: the job's row says that it reads them.
    """
    owners = {blob.partition("/")[0] for blob in read_by(draft.recipe)} - {draft.id}
    if owners:
        deleted = select(col(JobRow.id)).where(col(JobRow.id).in_(owners), col(JobRow.removed_at).is_not(None))
        if (gone := connection.scalar(deleted.limit(1))) is not None:
            raise NotFound(what="rendition", id=gone)


def _is_to_come(connection: Connection, run: ScheduledRun) -> bool:
    """Whoever claimed it read it before: it may have been cancelled since, or its member forgotten."""
    kept = select(col(ScheduleRow.id)).where(
        col(ScheduleRow.id) == run.schedule,
        col(ScheduleRow.state) == ScheduleState.ACTIVE,
        col(ScheduleRow.next_at) == run.at.timestamp(),
    )
    return connection.scalar(kept) is not None


def _standing(database: Database, draft: JobDraft, limits: AdmissionLimits) -> Select[float, str, int, float, str]:
    """The time, the job that bears this idempotency key, the member's jobs under way, a time, and the member.

    The second time is that of the job which, counted back, is the last that may lie within a minute; None where there
    are fewer. The member is None where the requester is them no more, or may not ask for anything.
    """
    mine = col(JobRow.member_id) == draft.member
    # Compared as an SQL value: Python's None would become IS NULL, and match every job without a key.
    key = literal(draft.idempotency_key, String())
    earlier = select(col(JobRow.id)).where(mine, col(JobRow.idempotency_key) == key)
    active = select(func.count()).select_from(JobRow).where(mine, col(JobRow.status).in_(ACTIVE))
    # Not a count since a minute ago: PostgreSQL would guess that this is a third of all, and look at each.
    back = (limits.requests_per_minute or 1) - 1
    since = select(col(JobRow.created_at)).where(mine).order_by(col(JobRow.created_at).desc()).offset(back).limit(1)
    asking = (
        select(col(MemberRow.id))
        .join(IdentityRow, col(IdentityRow.member_id) == col(MemberRow.id))
        .where(col(IdentityRow.identity) == draft.requester.identity, col(MemberRow.id) == draft.member)
        .where(may_ask(database.now()))
    )
    return select(
        database.now(),
        earlier.scalar_subquery(),
        active.scalar_subquery(),
        since.scalar_subquery(),
        asking.scalar_subquery(),
    )


def _row(draft: JobDraft, limits: AdmissionLimits) -> JobRow:
    """The row, but for what only the transaction knows: time, month, and what is used."""
    return JobRow(
        id=draft.id,
        member_id=draft.member,
        requester=to_json(Requester, draft.requester),
        reply_to=draft.reply_to,
        operation=to_json(Operation, draft.operation),
        recipe=to_json(Recipe, draft.recipe),
        preset=draft.recipe.preset,
        tier=draft.tier,
        weight=draft.weight,
        device_seconds=draft.device_seconds,
        private=draft.private,
        terms=None if draft.terms is None else to_json(Terms, draft.terms),
        platform=draft.requester.place.platform,
        workspace=draft.requester.place.workspace,
        idempotency_key=draft.idempotency_key,
        clips=draft.clips,
        month="",
        used_then=0,
        limit_then=limits.clips_per_month,
        status=JobStatus.QUEUED,
        delivered=draft.reply_to == "",
        created_at=0.0,
    )
