"""What operators look at and put right, on the rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlmodel import col

from inference.codec import from_json
from inference.errors import NotFound
from inference.protocols import Figures
from inference.types import (
    AuditPage,
    AuditQuery,
    Identity,
    JobId,
    MemberId,
    Place,
    Refund,
    Refunded,
    Requester,
    Signature,
    UsageQuery,
    UsageReport,
)
from storage import audit, ledger, usage
from storage.audit import Deed
from storage.database import Database
from storage.figures import figures
from storage.ledger import Month
from storage.rows import fetch_job
from storage.tables import IdentityRow, JobRow


class SqlOperations:
    """Implements OperationsBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, query: UsageQuery, place: Place | None = None) -> UsageReport:
        return await self._database.reading(
            lambda connection: usage.report(connection, query, self._database.time(connection), place)
        )

    async def refund(self, refund: Refund, signed: Signature, place: Place | None = None) -> Refunded:
        def give_back(connection: Connection) -> Refunded:
            now = self._database.time(connection)
            jobs = [_named(connection, job, place) for job in dict.fromkeys(refund.jobs)]
            spent = (_spent(connection, member, Month.at(now), place) for member in dict.fromkeys(refund.members))
            every = {job.id: job for job in (*jobs, *(job for theirs in spent for job in theirs))}.values()
            for job in every:
                _return(connection, job, signed, now)
            return Refunded(jobs=tuple(JobId(job.id) for job in every), clips=sum(job.clips for job in every))

        return await self._database.writing(give_back)

    async def audit(self, query: AuditQuery, place: Place | None = None) -> AuditPage:
        return await self._database.reading(lambda connection: audit.page(connection, query, place))

    async def figures(self, days: int) -> Figures:
        return await self._database.reading(
            lambda connection: figures(connection, self._database.time(connection), days)
        )


def _named(connection: Connection, job: JobId, place: Place | None) -> JobRow:
    """Raises NotFound, also for a job of another place."""
    found = fetch_job(connection, job)
    if found is None or not _is_of(found, place):
        raise NotFound(what="job", id=job)
    return found


def _is_of(job: JobRow, place: Place | None) -> bool:
    if place is None:
        return True
    asked = from_json(Requester, job.requester).place
    return (asked.platform, asked.workspace) == (place.platform, place.workspace)


def _spent(connection: Connection, member: Identity, month: Month, place: Place | None) -> Sequence[JobRow]:
    """What a member spent this month and was not given back. Raises NotFound."""
    found = connection.scalar(select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == member))
    if found is None:
        raise NotFound(what="member", id=member)
    jobs = (fetch_job(connection, job) for job in ledger.spent_jobs(connection, found, month))
    return [job for job in jobs if job is not None and _is_of(job, place)]


def _return(connection: Connection, job: JobRow, signed: Signature, now: float) -> None:
    month = Month.parse(job.month)
    before = ledger.total(connection, job.member_id, month).used
    ledger.give_back(connection, job, now)
    deed = Deed(
        act="refund",
        member=MemberId(job.member_id),
        subject=job.id,
        before={"month": job.month, "used": before},
        after={"month": job.month, "used": before - job.clips},
    )
    audit.enter(connection, now, signed, deed)
