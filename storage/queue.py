"""The queue as workers see it: claim, heartbeat, rescue."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, Select, func, select, update
from sqlmodel import col

from inference.codec import to_json
from inference.errors import AttemptsExhausted, LeaseLost
from inference.protocols import Candidate, Chooser, Claim
from inference.types import JobFailure, JobId, JobStatus, MemberId, Progress
from storage import share
from storage.database import Database
from storage.rows import fetch, known_job, moment
from storage.tables import JobRow, MemberRow
from storage.transitions import move

_Queued = Select[str, str, str, float, float, float, float]
_OLDEST_FIRST = (col(JobRow.created_at), col(JobRow.id))


def _queued() -> _Queued:
    """What the scheduler wants to know of queued jobs, and no more: recipes stay where they are."""
    return (
        select(
            col(JobRow.id),
            col(JobRow.member_id),
            col(JobRow.preset),
            col(JobRow.weight),
            col(JobRow.device_seconds),
            col(MemberRow.virtual_time),
            col(JobRow.created_at),
        )
        .join(MemberRow, col(MemberRow.id) == col(JobRow.member_id))
        .where(col(JobRow.status) == JobStatus.QUEUED)
    )


def _candidates(connection: Connection, statement: _Queued) -> list[Candidate]:
    return [
        Candidate(
            job=JobId(job),
            member=MemberId(member),
            preset=preset,
            weight=weight,
            device_seconds=device_seconds,
            virtual_time=virtual_time,
            queued_at=moment(created_at),
        )
        for job, member, preset, weight, device_seconds, virtual_time, created_at in connection.execute(statement)
    ]


def waiting(connection: Connection) -> list[Candidate]:
    """All queued jobs, oldest first."""
    return _candidates(connection, _queued().order_by(*_OLDEST_FIRST))


def _heads(connection: Connection) -> list[Candidate]:
    """The oldest queued job of each member."""
    place = func.row_number().over(partition_by=col(JobRow.member_id), order_by=_OLDEST_FIRST).label("place")
    ranked = _queued().add_columns(place).subquery()
    columns = [column for column in ranked.c if column.name != "place"]
    return _candidates(connection, select(*columns).where(ranked.c.place == 1))


async def claim(
    database: Database, worker: str, choose: Chooser, loaded_preset: str | None, lease: timedelta
) -> Claim | None:
    """See `inference.protocols.JobQueue.claim`."""
    # Choosing reads every member's head: that is not done in the writer's turn, for which acknowledgements wait.
    # Where another worker took the chosen job meanwhile, or holds its row, there is something else to choose from.
    passed: set[JobId] = set()
    while candidates := [head for head in await database.reading(_heads) if head.job not in passed]:
        chosen = choose(candidates, loaded_preset)
        if chosen is None:
            return None
        claimed = await database.writing(partial(_claim, database, chosen, worker, lease))
        if claimed is not None:
            return claimed
        passed.add(chosen)
    return None


def _claim(database: Database, chosen: JobId, worker: str, lease: timedelta, connection: Connection) -> Claim | None:
    """None where the job is no longer queued, or its row is held: no claim waits for a row while all wait for it."""
    queued = select(JobRow).where(col(JobRow.id) == chosen, col(JobRow.status) == JobStatus.QUEUED)
    found = fetch(connection, JobRow, queued.with_for_update(skip_locked=True))
    if not found:
        return None
    job = found[0]
    now = database.time(connection)
    news = {"fence": job.fence + 1, "attempt": job.attempt + 1, "lease_until": now + lease.total_seconds()}
    move(connection, job, JobStatus.RUNNING, now, worker=worker, **news)
    share.charge(connection, job)
    return Claim(job=known_job(connection, chosen), worker=worker, fence=job.fence + 1)


async def heartbeat(database: Database, claim: Claim, lease: timedelta, progress: Progress | None) -> bool:
    """See `inference.protocols.JobQueue.heartbeat`."""
    news = {} if progress is None else {"progress": to_json(Progress, progress)}
    statement = (
        update(JobRow)
        .where(col(JobRow.id) == claim.job.id, col(JobRow.fence) == claim.fence)
        .where(col(JobRow.status) == JobStatus.RUNNING)
        .values(lease_until=database.now() + lease.total_seconds(), **news)
        .returning(col(JobRow.cancel_requested))
    )
    stop = await database.alone(statement)
    if stop is None:
        raise LeaseLost(job=claim.job.id)
    return bool(stop)


async def wanted(database: Database, claim: Claim) -> bool:
    """See `inference.protocols.JobQueue.wanted`."""
    ours = select(col(JobRow.cancel_requested)).where(
        col(JobRow.id) == claim.job.id, col(JobRow.fence) == claim.fence, col(JobRow.status) == JobStatus.RUNNING
    )
    return await database.reading(lambda connection: connection.scalar(ours)) is False


async def release(database: Database, worker: str, max_attempts: int) -> int:
    """Rescue all jobs of a worker that is known dead."""
    return await _rescue(database, col(JobRow.worker) == worker, max_attempts, skip_locked=False)


async def sweep(database: Database, max_attempts: int) -> int:
    """Rescue all jobs whose lease has run out. Idempotent; any number may sweep."""
    # A job whose lease is just being extended is skipped: whoever does that lives.
    return await _rescue(database, col(JobRow.lease_until) < database.now(), max_attempts, skip_locked=True)


async def _rescue(database: Database, lost: ColumnElement[bool], max_attempts: int, *, skip_locked: bool) -> int:
    theirs = select(JobRow).where(col(JobRow.status) == JobStatus.RUNNING, lost)

    def rescue(connection: Connection) -> int:
        now = database.time(connection)
        rows = fetch(connection, JobRow, theirs.with_for_update(skip_locked=skip_locked))
        for row in rows:
            exhausted = AttemptsExhausted(attempts=row.attempt)
            give_up(connection, row, now, JobFailure(code=exhausted.code, fields=exhausted.values()), max_attempts)
        return len(rows)

    # Mostly there is nobody to rescue: look before taking the writer's turn.
    return await database.writing(rescue) if await database.reading(lambda db: fetch(db, JobRow, theirs)) else 0


def give_up(connection: Connection, job: JobRow, now: float, failure: JobFailure, max_attempts: int) -> JobStatus:
    """End this attempt of a running job: queue it again, unless nobody wants it any more or it was the last."""
    if job.cancel_requested:
        return move(connection, job, JobStatus.CANCELLED, now)
    if job.attempt < max_attempts:
        return move(connection, job, JobStatus.QUEUED, now)
    return fail(connection, job, now, failure)


def fail(connection: Connection, job: JobRow, now: float, failure: JobFailure) -> JobStatus:
    told = {"failure": to_json(JobFailure, failure), "failure_code": failure.code}
    return move(connection, job, JobStatus.FAILED, now, **told)
