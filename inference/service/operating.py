"""What operators look at and put right; managers of a server the same, of their server alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from inference.errors import InvalidValue, NotAllowed
from inference.protocols import Figures, OperationsBook
from inference.service.operators import Operators, check_reason, signature
from inference.service.outlook import JobRows, Outlook
from inference.service.servers import Servers
from inference.types import (
    AuditPage,
    AuditQuery,
    Job,
    JobStatus,
    Overview,
    Place,
    QueuedJob,
    Refund,
    Refunded,
    Requester,
    RunningJob,
    UsageQuery,
    UsageReport,
    WorkerNow,
    WorkerSeen,
    WorkerState,
)

DAYS = 30
"""How far back the overview looks."""
NEXT = 50
"""Waiting jobs that the overview shows."""
MAX_PAGE = 200
MAX_REFUND = 500
"""Jobs and members of one refund."""

_log = structlog.get_logger(__name__)
Workers = Callable[[], Sequence[WorkerSeen]]
Plot = Callable[[UsageReport], bytes]


class Operating:
    """Implements Operations for the service."""

    def __init__(
        self,
        *,
        book: OperationsBook,
        jobs: JobRows,
        outlook: Outlook,
        operators: Operators,
        servers: Servers,
        workers: Workers,
        plot: Plot,
    ) -> None:
        """`workers` are those of this machine; `plot` makes a PNG of a report, and is called in a thread."""
        self._book = book
        self._jobs = jobs
        self._outlook = outlook
        self._operators = operators
        self._servers = servers
        self._workers = workers
        self._plot = plot

    async def usage(self, query: UsageQuery, requester: Requester) -> UsageReport:
        return await self._book.usage(query, self._scope(requester, "see the usage of"))

    async def plot(self, query: UsageQuery, requester: Requester) -> bytes:
        return await asyncio.to_thread(self._plot, await self.usage(query, requester))

    async def audit(self, query: AuditQuery, requester: Requester) -> AuditPage:
        place = self._scope(requester, "see the acts of")
        if not 1 <= query.limit <= MAX_PAGE:
            raise InvalidValue(name="limit", value=str(query.limit), allowed=f"1 to {MAX_PAGE}")
        if query.after is not None and query.after.tzinfo is None:
            raise InvalidValue(name="after", value=str(query.after), allowed="a time, with its zone")
        return await self._book.audit(query, place)

    async def refund(self, refund: Refund, requester: Requester) -> Refunded:
        place = self._scope(requester, "give back what was spent by")
        if place is not None:
            self._servers.given_at_most(requester)
        check_reason(refund.reason, needed=True)
        if not 1 <= len(refund.jobs) + len(refund.members) <= MAX_REFUND:
            raise InvalidValue(name="refund", value="", allowed=f"1 to {MAX_REFUND} jobs and members")
        refunded = await self._book.refund(refund, signature(requester, refund.reason), place)
        _log.info("refunded", jobs=len(refunded.jobs), clips=refunded.clips, by=requester.identity)
        return refunded

    async def overview(self, requester: Requester) -> Overview:
        self._operators.require(requester, "look after")
        figures = await self._book.figures(DAYS)
        now = datetime.now(UTC)
        return Overview(
            at=now,
            month=figures.month,
            waiting=figures.waiting,
            queue=tuple(await self._queue(now)),
            workers=tuple(await self._now_working(figures, now)),
            clips=tuple(figures.clips),
            failures=tuple(figures.failures),
            presets=tuple(figures.presets),
            tiers=tuple(figures.tiers),
        )

    def _scope(self, requester: Requester, action: str) -> Place | None:
        """None: everything, for operators. Their own server, for its managers. Raises NotAllowed."""
        if self._operators.include(requester):
            return None
        if requester.manages and requester.place.workspace:
            return replace(requester.place, channel="")
        raise NotAllowed(action=f"{action} all members", who="an operator")

    async def _queue(self, now: datetime) -> list[QueuedJob]:
        """The next ones, in the queue's own order."""
        found = [await self._jobs.get(job) for job in await self._outlook.next_in_line(NEXT)]
        waiting = [job for job in found if job is not None and job.status is JobStatus.QUEUED]
        return [_queued(await self._outlook.with_estimate(job), number, now) for number, job in enumerate(waiting)]

    async def _now_working(self, figures: Figures, now: datetime) -> list[WorkerNow]:
        running = [await self._outlook.with_estimate(job) for job in await self._jobs.running()]
        jobs = {figures.held.get(job.id, ""): _running(job, now) for job in running}
        here = [_at_work(seen, jobs.pop(seen.name, None)) for seen in self._workers()]
        elsewhere = [
            WorkerNow(name=name, state=WorkerState.BUSY, device="", job=job)
            for name, job in sorted(jobs.items())
            if name
        ]
        return [*here, *elsewhere]


def _at_work(seen: WorkerSeen, job: RunningJob | None) -> WorkerNow:
    state = WorkerState.BUSY if job is not None and seen.state is WorkerState.READY else seen.state
    return WorkerNow(name=seen.name, state=state, device=seen.device, job=job)


def _queued(job: Job, number: int, now: datetime) -> QueuedJob:
    return QueuedJob(
        job=job.id,
        member=job.member,
        name=job.requester.display_name,
        identity=job.requester.identity,
        preset=job.recipe.preset,
        tier=job.tier,
        ahead=number,
        waited_seconds=round(max(0.0, (now - job.created_at).total_seconds()), 1),
        wait_seconds=job.estimate.wait_seconds if job.estimate else 0.0,
    )


def _running(job: Job, now: datetime) -> RunningJob:
    progress = job.progress
    began = job.started_at or now
    return RunningJob(
        job=job.id,
        name=job.requester.display_name,
        identity=job.requester.identity,
        preset=job.recipe.preset,
        tier=job.tier,
        attempt=job.attempt,
        running_seconds=round(max(0.0, (now - began).total_seconds()), 1),
        stage=progress.stage if progress else None,
        fraction=progress.fraction if progress else 0.0,
        eta_seconds=progress.eta_seconds if progress else None,
    )
