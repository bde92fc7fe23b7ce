"""What each member has been given of the devices: the virtual time of start-time fair queueing (Goyal et al. 1996).

The scheduler serves the member with the least of it. It rises with what is claimed, by weight, and a member who comes
back from a pause joins level with the others, so that nobody brings credit for having stayed away.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from inference.types import JobStatus
from storage.tables import JobRow, MemberRow

ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


def join(connection: Connection, member: str) -> None:
    """A member without jobs under way queues one: level with the least served who has some, or who ever had."""
    active = select(col(JobRow.member_id)).where(col(JobRow.status).in_(ACTIVE))
    least = select(func.min(col(MemberRow.virtual_time))).where(col(MemberRow.id).in_(active)).scalar_subquery()
    most = select(func.max(col(MemberRow.virtual_time))).scalar_subquery()
    level = connection.scalar(select(func.coalesce(least, most)))
    behind = update(MemberRow).where(col(MemberRow.id) == member, col(MemberRow.virtual_time) < level)
    connection.execute(behind.values(virtual_time=level))


def charge(connection: Connection, job: JobRow) -> None:
    """The job was claimed. A repeated attempt costs nothing: its member did not make the worker die."""
    if job.attempt:
        return
    given = update(MemberRow).where(col(MemberRow.id) == job.member_id)
    connection.execute(given.values(virtual_time=col(MemberRow.virtual_time) + job.device_seconds / job.weight))
