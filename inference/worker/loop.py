"""The worker: claims a job, has it rendered and packaged, settles it, and so on until it is told to stop.

The engine blocks, so it lives in one thread of its own; the loop keeps the lease alive meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from structlog.typing import FilteringBoundLogger

from inference.errors import EngineError, JobCancelled, LeaseLost, RequestRejected, ServiceUnavailable
from inference.presets import Preset
from inference.process import pause, pause_for
from inference.protocols import Chooser, Claim, Outcome, Succeeded
from inference.timing import Paces, predicted_seconds
from inference.types import JobStatus, Recipe
from inference.worker.attempt import Attempt, Tools
from inference.worker.child import step_behind
from inference.worker.finish import clip_of, outcome_of
from inference.worker.leftovers import clear
from inference.worker.progress import TYPICAL_SECONDS
from inference.worker.reins import MustStop

NOBODYS_FAULT = (JobCancelled, LeaseLost, MustStop, RequestRejected)
"""Ends that need no traceback in the log."""

UNAVAILABLE_SECONDS = 1.0
"""Pause before the database is asked again after it could not be reached."""


LISTENING_SECONDS = 5.0
"""How often an idle worker looks for work where new jobs are told to it besides."""


class Worker:
    """One device's worker."""

    def __init__(self, *, tools: Tools, choose: Chooser) -> None:
        self._tools = tools
        self._choose = choose
        self._paces = Paces()
        self._rung = asyncio.Event()
        tools.bell.on_ring(self._hear)
        self._log: FilteringBoundLogger = structlog.get_logger().bind(worker=tools.slot.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; a running job then has `drain_seconds` to end before it is given back.

        Raises an EngineError that makes this process unfit for its device, after its job was settled.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="engine", initializer=step_behind) as thread:
            try:
                self._tools.slot.note("")
                self._log.info("ready")
                while not stop.is_set():
                    claim = await self._claim(stop)
                    if claim is not None:
                        await self._work(claim, thread, stop)
            finally:
                await asyncio.get_running_loop().run_in_executor(thread, self._tools.engine.engine.close)

    async def _claim(self, stop: asyncio.Event) -> Claim | None:
        tools = self._tools
        self._rung.clear()  # before looking: a job that comes meanwhile is not slept over
        try:
            claim = await tools.queue.claim(tools.slot.name, self._choose, tools.engine.preset, tools.lease)
        except ServiceUnavailable as error:
            self._log.warning("claim failed", error=str(error))
            await pause(stop, UNAVAILABLE_SECONDS)
            return None
        if claim is None:
            often = tools.settings.poll_seconds
            await pause_for(max(often, LISTENING_SECONDS) if tools.bell.is_listening else often, stop, self._rung)
        return claim

    def _hear(self, status: str) -> None:
        """Of a job that waits now, or of who knows what was missed."""
        if status in {JobStatus.QUEUED, ""}:
            self._rung.set()

    async def _work(self, claim: Claim, thread: ThreadPoolExecutor, stop: asyncio.Event) -> None:
        job = claim.job
        log = self._log.bind(
            job=job.id, fence=claim.fence, preset=job.recipe.preset, platform=job.requester.place.platform
        )
        log.info("claimed", attempt=job.attempt)
        preset = self._preset(job.recipe)
        usual = TYPICAL_SECONDS if preset is None else self._paces.usual(job.recipe, preset)
        attempt = Attempt(claim, self._tools, log, usual)
        self._tools.slot.note(attempt.prefix)
        began = time.monotonic()
        outcome, error = await self._attempt(attempt, thread, stop)
        log.info("finishing")
        ended = None if outcome is None else await self._settle(claim, outcome, log)
        _report(attempt, ended, error, log, time.monotonic() - began)
        await clear(attempt.prefix, self._tools.shelf, self._tools.blobs)
        self._tools.slot.note("")
        if isinstance(error, EngineError) and error.fatal:
            raise error

    async def _attempt(
        self, attempt: Attempt, thread: ThreadPoolExecutor, stop: asyncio.Event
    ) -> tuple[Outcome | None, Exception | None]:
        """How it ended, None where the job is no longer ours; and the exception that ended it."""
        job = attempt.claim.job
        began = time.monotonic()
        tending = asyncio.create_task(attempt.tend(stop))
        try:
            packed = await asyncio.get_running_loop().run_in_executor(thread, attempt.produce)
            seconds = time.monotonic() - began
            clip = await clip_of(
                job,
                made=packed.made,
                video_bytes=packed.video_bytes,
                seconds_taken=seconds,
                shelf=self._tools.shelf,
            )
        except Exception as error:  # noqa: BLE001  # whatever an engine throws must end in the job's row
            return outcome_of(error), error
        finally:
            tending.cancel()
        preset = self._preset(job.recipe)
        if preset is not None:
            self._paces.learn(job.recipe, preset, attempt.meter.seconds())
        made = Succeeded(
            clip=clip,
            blobs=packed.blobs,
            marked=packed.made.watermark,
            device_seconds=attempt.meter.device_seconds,
            shape_key=job.recipe.shape_key,
            predicted_seconds=0.0 if preset is None else predicted_seconds(job.recipe, preset),
        )
        return made, None

    def _preset(self, recipe: Recipe) -> Preset | None:
        """None where the table of this worker has lost it since admission: the attempt then fails, saying so."""
        return self._tools.presets.presets.get(recipe.preset)

    async def _settle(self, claim: Claim, outcome: Outcome, log: FilteringBoundLogger) -> JobStatus | None:
        """The job's status then; None where it is no longer ours. Asks until the database answers."""
        while True:
            try:
                ended = await self._tools.queue.settle(claim, outcome)
            except LeaseLost:
                return None
            except ServiceUnavailable as error:
                log.warning("settling failed", error=str(error))
                await asyncio.sleep(UNAVAILABLE_SECONDS)
            else:
                if isinstance(outcome, Succeeded) and ended is JobStatus.FAILED:
                    made = outcome.clip
                    log.error("the clip breaks its terms", size=str(made.size), frames=made.num_frames, fps=made.fps)
                return ended


def _report(
    attempt: Attempt, ended: JobStatus | None, error: Exception | None, log: FilteringBoundLogger, seconds: float
) -> None:
    """The job in one line: how it ended and the seconds of each stage; and for the operator, what went wrong."""
    stages = {f"{stage}_seconds": round(spent, 3) for stage, spent in attempt.meter.seconds().items()}
    log.info("ended", outcome=ended or "lost", seconds=round(seconds, 3), **stages)
    if error is not None and not isinstance(error, NOBODYS_FAULT):
        log.error("attempt failed", error=str(error), exc_info=error)
