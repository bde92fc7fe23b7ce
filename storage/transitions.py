"""The one place where a job's status changes, with all that hangs on it: ledger settlement and outbox row."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, func, insert, update
from sqlmodel import col

from inference.errors import LeaseLost
from inference.types import JobStatus
from storage import ledger
from storage.bell import CHANNEL
from storage.database import affected
from storage.ledger import Entry
from storage.tables import JobRow, OutboxRow

TRANSITIONS: dict[tuple[JobStatus, JobStatus], Entry | None] = {
    (JobStatus.QUEUED, JobStatus.RUNNING): None,
    (JobStatus.QUEUED, JobStatus.CANCELLED): Entry.REFUND,
    (JobStatus.RUNNING, JobStatus.QUEUED): None,
    (JobStatus.RUNNING, JobStatus.SUCCEEDED): Entry.COMMIT,
    (JobStatus.RUNNING, JobStatus.FAILED): Entry.REFUND,
    (JobStatus.RUNNING, JobStatus.CANCELLED): Entry.REFUND,
}
"""Every move that there is, and the ledger entry that it writes. A rescue (running to queued) keeps the reservation."""


def move(connection: Connection, job: JobRow, to: JobStatus, now: float, **changes: Any) -> JobStatus:
    """Move `job`, read in this transaction, to the status `to`, which it returns, and set `changes` beside it.

    Raises LeaseLost where the row no longer has the status and fence of `job`, and KeyError for a move that is not
    in the table.
    """
    entry = TRANSITIONS[JobStatus(job.status), to]
    statement = (
        update(JobRow)
        .where(col(JobRow.id) == job.id, col(JobRow.status) == job.status, col(JobRow.fence) == job.fence)
        .values(status=to, **_beside(job, to, now), **changes)
    )
    if affected(connection, statement) != 1:
        raise LeaseLost(job=job.id)
    if entry is not None:
        ledger.settle(connection, job, entry, now)
    announce(connection, job.id, to, now)
    return to


def _beside(job: JobRow, to: JobStatus, now: float) -> dict[str, Any]:
    """Columns that follow from the new status alone."""
    if to is JobStatus.RUNNING:
        return {"started_at": now}
    idle: dict[str, Any] = {"worker": None, "lease_until": None, "progress": None}
    return idle | {"finished_at": now, "delivered": job.reply_to == ""} if to.is_final else idle


def announce(connection: Connection, job: str, status: JobStatus | Literal["removed"], now: float) -> None:
    """Write the durable event: the job has this status now, or was removed after its end."""
    told = insert(OutboxRow).values(job_id=job, status=status, created_at=now)
    if connection.dialect.name == "postgresql":
        # In the same statement: it costs no round trip, and listeners hear of it when it is committed.
        told = told.returning(func.pg_notify(CHANNEL, str(status)))
    connection.execute(told)
