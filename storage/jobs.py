"""The job rows as the service and the workers use them: one class behind three ports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlmodel import col

from inference.protocols import AdmissionLimits, Candidate, Chooser, Claim, JobDraft, Outcome
from inference.types import Job, JobEvent, JobId, JobStatus, MemberId, Progress
from storage import admission, outbox, queue, settlement
from storage.database import Database
from storage.rows import fetch, load_jobs
from storage.tables import JobRow, TimingRow


class SqlJobs:
    """Implements JobBook, JobQueue and QueueWatch; each verb that writes is one transaction."""

    def __init__(self, database: Database, max_attempts: int = 3) -> None:
        self._database = database
        self._max_attempts = max_attempts

    # --- JobBook: the service's side

    async def admit(self, draft: JobDraft, limits: AdmissionLimits) -> Job:
        return await admission.admit(self._database, draft, limits)

    async def get(self, job: JobId) -> Job | None:
        standing = select(JobRow).where(col(JobRow.id) == job, col(JobRow.removed_at).is_(None))
        return await self._database.reading(partial(_first, standing))

    async def by_key(self, member: MemberId, idempotency_key: str) -> Job | None:
        asked = select(JobRow).where(col(JobRow.member_id) == member, col(JobRow.idempotency_key) == idempotency_key)
        return await self._database.reading(partial(_first, asked))

    async def waiting(self) -> Sequence[Candidate]:
        return await self._database.reading(queue.waiting)

    async def request_cancel(self, job: JobId) -> Job:
        return await settlement.request_cancel(self._database, job)

    async def events(self, after: int | None, limit: int = 500) -> Sequence[JobEvent]:
        return await self._database.reading(lambda connection: outbox.events(connection, after, limit))

    async def mark_delivered(self, job: JobId) -> None:
        await self._database.writing(lambda connection: outbox.mark_delivered(connection, job))

    # --- JobQueue: the worker's side

    async def claim(self, worker: str, choose: Chooser, loaded_preset: str | None, lease: timedelta) -> Claim | None:
        return await queue.claim(self._database, worker, choose, loaded_preset, lease)

    async def heartbeat(self, claim: Claim, lease: timedelta, progress: Progress | None = None) -> bool:
        return await queue.heartbeat(self._database, claim, lease, progress)

    async def wanted(self, claim: Claim) -> bool:
        return await queue.wanted(self._database, claim)

    async def settle(self, claim: Claim, outcome: Outcome) -> JobStatus:
        return await settlement.settle(self._database, claim, outcome, self._max_attempts)

    async def release(self, worker: str) -> int:
        return await queue.release(self._database, worker, self._max_attempts)

    async def sweep(self) -> int:
        return await queue.sweep(self._database, self._max_attempts)

    # --- QueueWatch: what the event feed and the metrics look at

    async def running(self) -> Sequence[Job]:
        under_way = select(JobRow).where(col(JobRow.status) == JobStatus.RUNNING).order_by(col(JobRow.started_at))
        return await self._database.reading(
            lambda connection: load_jobs(connection, fetch(connection, JobRow, under_way))
        )

    async def last_cursor(self) -> int:
        return await self._database.reading(outbox.last_cursor)

    async def device_seconds(self, preset: str, shape: str) -> float | None:
        average = select(col(TimingRow.seconds)).where(col(TimingRow.preset) == preset, col(TimingRow.shape) == shape)
        return await self._database.reading(lambda connection: connection.scalar(average))

    async def counts(self) -> dict[str, int]:
        by_status = select(col(JobRow.status), func.count()).group_by(col(JobRow.status))
        found = dict(await self._database.reading(lambda connection: connection.execute(by_status).all()))
        return {status: found.get(status, 0) for status in JobStatus}


def _first(statement: Select[*tuple[Any, ...]], connection: Connection) -> Job | None:
    return next(iter(load_jobs(connection, fetch(connection, JobRow, statement))), None)
