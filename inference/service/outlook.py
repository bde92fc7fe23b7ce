"""What a job will take on the device, how many run before it and how long it waits."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from inference.operations import predicted_seconds
from inference.presets import PresetTable
from inference.protocols import Candidate, JobBook, QueueWatch
from inference.scheduler import Forecast
from inference.tiers import TierTable
from inference.types import Estimate, Job, JobId, JobStatus, Recipe

MEASURED_FOR = 10.0
"""Seconds for which a measured average is kept before it is read again."""

SECONDS_PER_WAITING_JOB = 0.004
"""A view of 100 waiting jobs serves for 0.4 s: short queues are told exactly, and telling the position of a newcomer in
a long one stays as cheap as in a short one."""


class JobRows(JobBook, QueueWatch, Protocol):
    """The two sides of the job rows that the service reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The queue as it was a moment ago, with the jobs admitted here since."""

    read_at: float
    forecast: Forecast
    running: int
    #: Device seconds that the running jobs still need.
    remaining: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at <= SECONDS_PER_WAITING_JOB * len(self.forecast)


class Outlook:
    """Estimates for the service. Told, never decided by."""

    def __init__(self, jobs: JobRows, presets: PresetTable, tiers: TierTable, workers: int) -> None:
        self._jobs = jobs
        self._presets = presets
        self._tiers = tiers
        self._workers = max(1, workers)
        self._measured: dict[tuple[str, str], tuple[float, float | None]] = {}
        self._view: _View | None = None
        self._reading = asyncio.Lock()

    async def render_seconds(self, recipe: Recipe) -> float:
        """The moving average for this preset and shape; before anything was measured, by the preset's own figure."""
        measured = await self._average(recipe.preset, recipe.shape_key)
        if measured is not None:
            return measured
        preset = self._presets.presets.get(recipe.preset)
        return predicted_seconds(recipe, preset) if preset else 0.0

    async def with_estimate(self, job: Job) -> Job:
        """The job with its estimate, where it is queued."""
        if job.status is not JobStatus.QUEUED:
            return job
        render_seconds = await self.render_seconds(job.recipe)
        view = await self._current()
        if job.id not in view.forecast:
            view.forecast.add(self._newcomer(job, render_seconds, view.forecast.least_virtual_time))
        ahead, seconds_ahead = view.forecast.ahead_of(job.id)
        has_free_worker = view.running + ahead < self._workers
        wait = 0.0 if has_free_worker else (view.remaining + seconds_ahead) / self._workers
        estimate = Estimate(ahead=ahead, wait_seconds=round(wait, 1), render_seconds=round(render_seconds, 1))
        return replace(job, estimate=estimate)

    async def next_in_line(self, count: int) -> list[JobId]:
        """The queued jobs that run next, as the queue is now."""
        async with self._reading:
            self._view = await self._read()
            return self._view.forecast.order()[:count]

    async def _average(self, preset: str, shape: str) -> float | None:
        read_at, seconds = self._measured.get((preset, shape), (-MEASURED_FOR, None))
        if time.monotonic() - read_at >= MEASURED_FOR:
            seconds = await self._jobs.device_seconds(preset, shape)
            self._measured[preset, shape] = (time.monotonic(), seconds)
        return seconds

    async def _current(self) -> _View:
        """The view, read anew where it is too old; one read serves all who ask meanwhile."""
        asked_at = time.monotonic()
        async with self._reading:
            view = self._view
            if view is None or not (view.is_fresh or view.read_at >= asked_at):
                view = self._view = await self._read()
            return view

    async def _read(self) -> _View:
        read_at = time.monotonic()
        waiting = await self._jobs.waiting()
        running = await self._jobs.running()
        remaining = [await self._remaining(job) for job in running]
        return _View(read_at=read_at, forecast=Forecast(waiting), running=len(running), remaining=sum(remaining))

    async def _remaining(self, job: Job) -> float:
        if job.progress is not None and job.progress.eta_seconds is not None:
            return job.progress.eta_seconds
        elapsed = (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0
        return max(0.0, await self.render_seconds(job.recipe) - elapsed)

    def _newcomer(self, job: Job, device_seconds: float, virtual_time: float) -> Candidate:
        """A job admitted since the view was read; its member's share is not known yet, so they start level."""
        tier = self._tiers.tiers.get(job.tier, self._tiers.lowest)
        return Candidate(
            job=job.id,
            member=job.member,
            preset=job.recipe.preset,
            weight=tier.weight,
            device_seconds=device_seconds,
            virtual_time=virtual_time,
            queued_at=job.created_at,
        )
