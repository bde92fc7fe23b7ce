"""Durable events: one for each change of a job's status and for its removal, in order, until somebody has told it."""

from __future__ import annotations

from sqlalchemy import Connection, Select, func, select, update
from sqlmodel import col

from inference.types import JobEvent, JobId, JobStatus
from storage.rows import fetch, load_jobs
from storage.tables import JobRow, OutboxRow

FINAL = tuple(status for status in JobStatus if status.is_final)


def events(connection: Connection, after: int | None, limit: int) -> list[JobEvent]:
    """See `inference.protocols.JobBook.events`. A job's event shows the job as it is now."""
    marked = _undelivered() if after is None else _behind(after)
    marks = [(cursor, job) for cursor, job in connection.execute(marked.limit(limit))]
    wanted = select(JobRow).where(col(JobRow.id).in_({job for _, job in marks}))
    rows = fetch(connection, JobRow, wanted) if marks else []
    jobs = {job.id: job for job in load_jobs(connection, rows)}
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


def mark_delivered(connection: Connection, job: JobId) -> None:
    """The end of the job was told. Before its end there is nothing to mark."""
    ended = update(JobRow).where(col(JobRow.id) == job, col(JobRow.status).in_(FINAL)).values(delivered=True)
    connection.execute(ended)


def last_cursor(connection: Connection) -> int:
    """The newest event's cursor; 0 where there is none."""
    return connection.scalar(select(func.max(OutboxRow.id))) or 0
