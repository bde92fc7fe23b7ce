"""What a job will take on the device, how many run before it and how long it waits."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from inference.presets import PresetTable
from inference.protocols import ALL_SHAPES, Candidate, JobBook, QueueWatch
from inference.scheduler import Forecast
from inference.tiers import TierTable
from inference.timing import predicted_seconds
from inference.types import Estimate, Job, JobId, JobStatus, Recipe, Stage

MEASURED_FOR = 2.0
"""Seconds for which a measured average is kept before it is read again."""

SECONDS_PER_WAITING_JOB = 0.004
"""A view of 100 waiting jobs serves for 0.4 s: short queues are told exactly, and telling the position of a newcomer in
a long one stays as cheap as in a short one."""


CLOCK_TRUSTED_AT = 0.5
"""Fraction of a job from which on its own pace alone tells its end; before, what such jobs took counts too."""

FORGETFUL_AT = 1000
"""Jobs whose last told rest is kept before those that ended are forgotten."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The least rest that was told of a job, in seconds."""

    #: 0 while it waits.
    attempt: int = 0
    seconds: float = math.inf

    def holds_for(self, job: Job) -> bool:
        """Not any more where its worker died: then it begins anew."""
        return self.attempt in (0, job.attempt if job.status is JobStatus.RUNNING else 0)


class Outlook:
    """Estimates for the service. Told, never decided by.

    Everything that is told of a job's rest goes through `with_estimate`: so all faces say the same, and it never rises.
    """

    def __init__(
        self,
        jobs: JobRows,
        presets: PresetTable,
        tiers: TierTable,
        workers: int,
        is_worker_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """`is_worker_ready` says whether any worker can work by now."""
        self._is_worker_ready = is_worker_ready
        self._told: dict[JobId, _Told] = {}
        #: Of jobs that wait: what they were thought to take at admission may be known better by now.
        self._recipes: dict[JobId, Recipe] = {}
        self._jobs = jobs
        self._presets = presets
        self._tiers = tiers
        self._workers = max(1, workers)
        self._measured: dict[tuple[str, str], tuple[float, float | None]] = {}
        self._view: _View | None = None
        self._reading = asyncio.Lock()

    async def render_seconds(self, recipe: Recipe) -> float:
        """The moving average for this preset and shape, of the whole attempt but for loading the model.

        For a shape that was never measured: the preset's own figures, at the pace of its other shapes here.
        """
        measured = await self._average(recipe.preset, recipe.shape_key)
        if measured is not None:
            return measured
        preset = self._presets.presets.get(recipe.preset)
        if preset is None:
            return 0.0
        pace = await self._average(recipe.preset, ALL_SHAPES)
        return predicted_seconds(recipe, preset) * (1.0 if pace is None else pace)

    async def with_estimate(self, job: Job) -> Job:
        """The job as it is told: with its estimate while it waits, with its rest while it runs."""
        match job.status:
            case JobStatus.QUEUED:
                return replace(job, estimate=await self._estimate(job))
            case JobStatus.RUNNING if job.progress is not None:
                rest = self._least(job, await self._remaining(job))
                return replace(job, progress=replace(job.progress, eta_seconds=round(rest, 1)))
            case _:
                return job

    async def _estimate(self, job: Job) -> Estimate:
        render_seconds = await self.render_seconds(job.recipe)
        self._recipes[job.id] = job.recipe
        view = await self._current()
        if job.id not in view.forecast:
            view.forecast.add(self._newcomer(job, render_seconds, view.forecast.least_virtual_time))
        ahead, seconds_ahead = view.forecast.ahead_of(job.id)
        has_free_worker = view.running + ahead < self._workers
        wait = 0.0 if has_free_worker else (view.remaining + seconds_ahead) / self._workers
        rest = self._least(job, wait + render_seconds)
        render_seconds = min(render_seconds, rest)
        return Estimate(
            ahead=ahead,
            wait_seconds=round(rest - render_seconds, 1),
            render_seconds=round(render_seconds, 1),
            is_worker_starting=not self._is_worker_ready(),
        )

    def _least(self, job: Job, seconds: float) -> float:
        """The rest to be told: never more than was told before."""
        before = self._told.get(job.id, _Told())
        least = min(seconds, before.seconds) if before.holds_for(job) else seconds
        attempt = job.attempt if job.status is JobStatus.RUNNING else 0
        self._told[job.id] = _Told(attempt=attempt, seconds=least)
        return least

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
        self._forget_others([*(one.job for one in waiting), *(job.id for job in running)])
        recipes = {one.job: self._recipes[one.job] for one in waiting if one.job in self._recipes}
        seconds = {id_: await self.render_seconds(recipe) for id_, recipe in recipes.items()}
        forecast = Forecast(waiting, seconds)
        return _View(read_at=read_at, forecast=forecast, running=len(running), remaining=sum(remaining))

    async def _remaining(self, job: Job) -> float:
        """Seconds to the end of a running job: what such jobs take, and more and more its own pace."""
        expected = await self.render_seconds(job.recipe)
        progress = job.progress
        if progress is None or progress.stage is Stage.LOADING:
            return expected
        rest = expected * (1 - progress.fraction)
        if progress.eta_seconds is None:
            return rest
        trust = min(1.0, progress.fraction / CLOCK_TRUSTED_AT)
        return trust * progress.eta_seconds + (1 - trust) * rest

    def _forget_others(self, alive: Iterable[JobId]) -> None:
        """Drop what is kept of jobs that neither wait nor run any more."""
        if max(len(self._told), len(self._recipes)) < FORGETFUL_AT:
            return
        kept = set(alive)
        self._told = {id_: told for id_, told in self._told.items() if id_ in kept}
        self._recipes = {id_: recipe for id_, recipe in self._recipes.items() if id_ in kept}

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
