"""Durable events: one for each change of a job's status, in order, until somebody has told the end of it."""

from __future__ import annotations

from sqlalchemy import Select, func, select, update
from sqlmodel import col

from inference.types import JobEvent, JobId, JobStatus
from storage.database import Database
from storage.rows import fetch, load_jobs
from storage.tables import JobRow, OutboxRow

FINAL = tuple(status for status in JobStatus if status.is_final)


async def events(database: Database, after: int | None, limit: int) -> list[JobEvent]:
    """See `inference.protocols.JobBook.events`. A job's event shows the job as it is now."""
    async with database.read() as connection:
        newest_first = _undelivered() if after is None else _behind(after)
        marks = [(cursor, job) for cursor, job in await connection.execute(newest_first.limit(limit))]
        wanted = select(JobRow).where(col(JobRow.id).in_({job for _, job in marks}))
        rows = await fetch(connection, JobRow, wanted) if marks else []
        jobs = {job.id: job for job in await load_jobs(connection, rows)}
    return [JobEvent(cursor=cursor, job=jobs[JobId(job)]) for cursor, job in marks]


def _behind(cursor: int) -> Select[int, str]:
    return (
        select(col(OutboxRow.id), col(OutboxRow.job_id)).where(col(OutboxRow.id) > cursor).order_by(col(OutboxRow.id))
    )


def _undelivered() -> Select[int, str]:
    newest = func.max(col(OutboxRow.id)).label("newest")
    return (
        select(newest, col(OutboxRow.job_id))
        .join(JobRow, col(JobRow.id) == col(OutboxRow.job_id))
        .where(col(JobRow.delivered).is_(False))
        .group_by(col(OutboxRow.job_id))
        .order_by(newest)
    )


async def mark_delivered(database: Database, job: JobId) -> None:
    """The end of the job was told. Before its end there is nothing to mark."""
    ended = update(JobRow).where(col(JobRow.id) == job, col(JobRow.status).in_(FINAL)).values(delivered=True)
    async with database.write() as connection:
        await connection.execute(ended)


async def last_cursor(database: Database) -> int:
    """The newest event's cursor; 0 where there is none."""
    async with database.read() as connection:
        return await connection.scalar(select(func.max(col(OutboxRow.id)))) or 0
