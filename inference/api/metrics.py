"""Figures for Prometheus: what the queue holds, how long admission and clips take, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from inference.types import Job, JobStatus, Stage

_ADMISSION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
_JOB_BUCKETS = (1, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1280)

REMEMBERED = 10_000
"""Jobs whose end was counted; an end is told within moments, and never so many later."""


class Metrics:
    """One registry per application, so that several can live in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._jobs = Gauge("threadreel_jobs", "Jobs by status", ["status"], registry=registry)
        self._queue = Gauge("threadreel_queue_length", "Jobs that wait for a worker", registry=registry)
        self._refusals = Counter("threadreel_refusals", "Requests refused, by code", ["code"], registry=registry)
        self._admission = Histogram(
            "threadreel_admission_seconds", "Seconds to admit or refuse", buckets=_ADMISSION_BUCKETS, registry=registry
        )
        self._clip = Histogram(
            "threadreel_clip_seconds", "From claim to finish", ["preset"], buckets=_JOB_BUCKETS, registry=registry
        )
        self._failures = Counter(
            "threadreel_failures", "Jobs that failed, by code", ["code", "preset"], registry=registry
        )
        self._wait = Histogram(
            "threadreel_wait_seconds", "From submit to claim", ["tier"], buckets=_JOB_BUCKETS, registry=registry
        )
        self._stage = Counter(
            "threadreel_stage_seconds", "Seconds seen in each stage", ["preset", "stage"], registry=registry
        )
        self._seen: dict[str, tuple[Stage, float]] = {}
        self._ended: dict[str, None] = {}

    def refused(self, code: str) -> None:
        self._refusals.labels(code).inc()

    @contextmanager
    def admission(self) -> Iterator[None]:
        """Time one admission, refused or not."""
        with self._admission.time():
            yield

    def counted(self, jobs: dict[str, int]) -> None:
        """Jobs by status, as they are now."""
        for status in JobStatus:
            self._jobs.labels(status.value).set(jobs.get(status, 0))
        self._queue.set(jobs.get(JobStatus.QUEUED, 0))

    def followed(self, job: Job) -> None:
        """The job looks like this now: its stages and its end are measured as they pass."""
        stage = job.progress.stage if job.status is JobStatus.RUNNING and job.progress else None
        self._follow_stage(job, stage)
        if not job.status.is_final or job.id in self._ended:
            return
        # Events that are read late all show the job as it is by now: its end is counted with the first.
        self._ended[job.id] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        if job.failure is not None:
            self._failures.labels(job.failure.code, job.recipe.preset).inc()
        if job.clip is not None:
            self._clip.labels(job.recipe.preset).observe(job.clip.seconds_taken)
        if job.started_at is not None:
            self._wait.labels(job.tier).observe((job.started_at - job.created_at).total_seconds())

    def _follow_stage(self, job: Job, stage: Stage | None) -> None:
        now = perf_counter()
        before = self._seen.pop(job.id, None)
        if before is not None:
            self._stage.labels(job.recipe.preset, before[0].value).inc(now - before[1])
        if stage is not None:
            self._seen[job.id] = (stage, now)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)
