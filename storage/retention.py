"""What is kept no longer: clips whose time has run out, and blobs that no row accounts for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, delete, false, or_, select
from sqlmodel import col

from inference.types import JobId, JobStatus
from storage.database import Database, affected
from storage.needed import needed
from storage.tables import ClipBlobRow, ClipRow, JobRow, LeftoverRow

JOBS_AT_ONCE = 500
"""Jobs looked up in one statement: databases bound the number of its parameters."""
DAY = 86400.0
UPLOAD_SECONDS = 7 * DAY
"""How long an image is kept that a job began with which made no clip: its member may look it up, and try again."""


class _Known(Protocol):
    """What of a job's row decides."""

    status: str
    fence: int
    removed_at: float | None
    finished_at: float | None


class SqlRetention:
    """Implements RetentionBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orphans(self, blobs: Sequence[str]) -> Sequence[str]:
        by_job: dict[str, list[str]] = {}
        for blob in blobs:
            job, _, rest = blob.partition("/")
            if rest:  # all of ours lie below a job
                by_job.setdefault(job, []).append(blob)
        jobs = sorted(by_job)
        found: list[str] = []
        for start in range(0, len(jobs), JOBS_AT_ONCE):
            some = {job: by_job[job] for job in jobs[start : start + JOBS_AT_ONCE]}
            found += await self._database.reading(partial(_orphans, self._database, some))
        return found

    async def expired(self, keep_days: Mapping[str, int], limit: int = 200) -> Sequence[JobId]:
        oldest = (
            select(col(ClipRow.id))
            .join(JobRow, col(JobRow.id) == col(ClipRow.id))
            .where(col(ClipRow.removed_at).is_(None), self._outlived(keep_days))
            .order_by(col(ClipRow.created_at), col(ClipRow.id))
            .limit(limit)
        )
        found = await self._database.reading(lambda connection: connection.scalars(oldest).all())
        return [JobId(clip) for clip in found]

    async def forget_latents(self, keep_days: Mapping[str, int]) -> int:
        old = select(col(ClipRow.id)).join(JobRow, col(JobRow.id) == col(ClipRow.id)).where(self._outlived(keep_days))
        theirs = (col(ClipBlobRow.name).startswith("latents"), col(ClipBlobRow.clip_id).in_(old))
        known = select(col(ClipBlobRow.clip_id)).where(*theirs).limit(1)
        if await self._database.reading(lambda connection: connection.scalar(known)) is None:
            return 0
        forgotten = delete(ClipBlobRow).where(*theirs)
        return await self._database.writing(lambda connection: affected(connection, forgotten))

    def _outlived(self, keep_days: Mapping[str, int]) -> ColumnElement[bool]:
        """Of a clip and its job: older than the tier keeps it. A tier that is not named keeps for ever."""
        now = self._database.now()
        return or_(
            false(),
            *(
                and_(col(JobRow.tier) == tier, col(ClipRow.created_at) < now - days * DAY)
                for tier, days in keep_days.items()
                if days
            ),
        )


def _orphans(database: Database, by_job: dict[str, list[str]], connection: Connection) -> list[str]:
    """One look at one state of the rows."""
    jobs = select(
        col(JobRow.id), col(JobRow.status), col(JobRow.fence), col(JobRow.removed_at), col(JobRow.finished_at)
    ).where(col(JobRow.id).in_(by_job))
    known: dict[str, _Known] = {row.id: row for row in connection.execute(jobs)}
    of_clips = (
        select(col(ClipBlobRow.blob))
        .join(ClipRow, col(ClipRow.id) == col(ClipBlobRow.clip_id))
        .where(col(ClipBlobRow.clip_id).in_(by_job), col(ClipRow.removed_at).is_(None))
    )
    # These are purged as soon as nothing reads them, each in one go.
    left_over = set(connection.scalars(select(col(LeftoverRow.job_id)).where(col(LeftoverRow.job_id).in_(by_job))))
    kept = set(connection.scalars(of_clips)) | needed(connection)
    now = database.time(connection)
    return [
        blob
        for job, blobs in by_job.items()
        if job not in left_over
        for blob in blobs
        if blob not in kept and not _accounted_for(known.get(job), blob, now)
    ]


def _accounted_for(job: _Known | None, blob: str, now: float) -> bool:
    """Whether the job's row speaks for a blob that neither its clip nor another job claims."""
    if job is None or job.removed_at is not None:
        return False
    part = blob.split("/")[1]
    if part.isdigit():  # an attempt's: it counts while it runs
        return job.status == JobStatus.RUNNING and int(part) >= job.fence
    made_nothing = job.status in {JobStatus.FAILED, JobStatus.CANCELLED}
    return not (made_nothing and job.finished_at is not None and job.finished_at < now - UPLOAD_SECONDS)
