"""What each member has been given of the devices: the virtual time of start-time fair queueing (Goyal et al. 1996).

The scheduler serves the member with the least of it. It rises with what is claimed, by weight, and a member who comes
back from a pause joins level with what began last, so that nobody brings credit for having stayed away.
"""

from __future__ import annotations

from sqlalchemy import Connection, ScalarSelect, func, select, update
from sqlmodel import col

from inference.types import JobStatus
from storage.tables import JobRow, MemberRow

ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


def join(connection: Connection, member: str) -> None:
    """A member without jobs under way queues one, and starts level with the job that was dispatched last.

    So whoever comes upon somebody's long queue waits for what runs, and for nothing behind it. Everybody does so once
    at most before the others are served again, for their own count rises then: nobody is starved by newcomers.
    """
    level = connection.scalar(select(func.coalesce(_dispatched_last(), _least_waiting(), _most_ever())))
    behind = update(MemberRow).where(col(MemberRow.id) == member, col(MemberRow.virtual_time) < level)
    connection.execute(behind.values(virtual_time=level))


def _dispatched_last() -> ScalarSelect[float]:
    """Where the newest of the running jobs began: what its member had been given before. None where nothing runs."""
    before = col(MemberRow.virtual_time) - col(JobRow.device_seconds) / col(JobRow.weight)
    running = select(before).join(JobRow, col(JobRow.member_id) == col(MemberRow.id))
    running = running.where(col(JobRow.status) == JobStatus.RUNNING)
    return running.order_by(col(JobRow.started_at).desc(), col(JobRow.id)).limit(1).scalar_subquery()


def _least_waiting() -> ScalarSelect[float | None]:
    queued = select(col(JobRow.member_id)).where(col(JobRow.status) == JobStatus.QUEUED)
    return select(func.min(col(MemberRow.virtual_time))).where(col(MemberRow.id).in_(queued)).scalar_subquery()


def _most_ever() -> ScalarSelect[float | None]:
    """Who was served most: an empty queue forgets nobody."""
    return select(func.max(col(MemberRow.virtual_time))).scalar_subquery()


def charge(connection: Connection, job: JobRow) -> None:
    """The job was claimed. A repeated attempt costs nothing: its member did not make the worker die."""
    if job.attempt:
        return
    given = update(MemberRow).where(col(MemberRow.id) == job.member_id)
    connection.execute(given.values(virtual_time=col(MemberRow.virtual_time) + job.device_seconds / job.weight))
