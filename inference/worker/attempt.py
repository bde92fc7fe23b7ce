"""One claimed job: the engine's thread produces it, the loop tends its lease."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from inference.engines.port import Step, VideoEngine
from inference.errors import JobCancelled, LeaseLost, ServiceUnavailable
from inference.presets import Preset, PresetTable
from inference.protocols import Bell, BlobStore, Claim, ClipShelf, JobQueue, Silence
from inference.settings import WorkerSettings
from inference.types import Stage
from inference.worker.leftovers import blob_prefix
from inference.worker.package import Package, Packed
from inference.worker.progress import Meter, preview_webp
from inference.worker.reader import BlobReader
from inference.worker.reins import MustStop, Reins, Untended
from inference.worker.render import RenderedRecipe
from inference.worker.slot import Slot

PREVIEW_SECONDS = 1.0
"""At most one preview in this time: each is a write, and a fetch by every face."""

PROGRESS_SECONDS = 0.5
"""Progress is written this often: for each write every acknowledgement waits. A cancel is looked for more often."""


class LoadedEngine:
    """An engine, and which preset it holds."""

    def __init__(self, engine: VideoEngine) -> None:
        self.engine = engine
        self.preset: str | None = None

    def prepare(self, preset: Preset) -> None:
        """Load unless loaded. Raises ModelMissing, OutOfMemory."""
        if self.preset != preset.name:
            self.preset = None
            self.engine.load(preset)
            self.preset = preset.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a worker works with."""

    slot: Slot
    engine: LoadedEngine
    queue: JobQueue
    shelf: ClipShelf
    blobs: BlobStore
    presets: PresetTable
    settings: WorkerSettings
    #: Tells an idle worker of new jobs.
    bell: Bell = field(default_factory=Silence)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)


class Attempt:
    """`produce` runs in the engine's thread while `tend` runs in the loop; they share the reins and the meter."""

    def __init__(self, claim: Claim, tools: Tools, log: FilteringBoundLogger, usual: Mapping[Stage, float]) -> None:
        """`usual` are the seconds by stage of a job like this one."""
        self.claim = claim
        self.meter = Meter(claim.job.recipe, usual=usual)
        self.prefix = blob_prefix(claim)
        self._reins = Reins()
        self._beaten = -math.inf
        self._tools = tools
        self._log = log

    def produce(self) -> Packed:
        """Load, render and package; blocking. Raises what the engine raises and what the reins were pulled with."""
        recipe = self.claim.job.recipe
        self._tools.engine.prepare(self._tools.presets.get(recipe.preset))
        self._reins.check()
        self._log.info("rendering")
        self.meter.enter(Stage.ENCODING)
        rendered = RenderedRecipe(
            recipe, self._tools.engine.engine, BlobReader(self._tools.blobs), self._on_step, self.meter.begin_piece
        )
        with Package(recipe, self._tools.slot.scratch) as package:
            for batch in rendered.frames():
                self._reins.check()
                package.add(batch)
            self._log.info("packaging")
            self.meter.enter(Stage.PACKAGING)
            package.finish(rendered.latents)
            return package.store(self._tools.blobs, self.prefix, self._reins.check)

    async def tend(self, stop: asyncio.Event) -> None:
        """Keep the lease, save progress and previews; pull the reins on a cancel, a lost lease or a worker's end.

        Runs until cancelled, and in the loop: a busy device never delays it.
        """
        rhythm = min(self._tools.settings.poll_seconds, self._tools.settings.heartbeat_seconds)
        drained: float | None = None
        try:
            while await self._look():
                if stop.is_set():
                    drained = drained or time.monotonic() + self._tools.settings.drain_seconds
                    if time.monotonic() >= drained:
                        self._reins.pull(MustStop())
                await asyncio.sleep(rhythm)
        except Exception as error:  # noqa: BLE001  # the engine must hear of it, whatever it is
            self._reins.pull(Untended(repr(error)))
            self._log.exception("lease untended")

    async def _look(self) -> bool:
        """False where the job is no longer ours. A heartbeat when one is due, or when it would bring news."""
        rhythm = min(PROGRESS_SECONDS, self._tools.settings.heartbeat_seconds)
        try:
            if time.monotonic() - self._beaten < rhythm and await self._tools.queue.wanted(self.claim):
                return True
            self._beaten = time.monotonic()
            await self._store_preview()
            if await self._tools.queue.heartbeat(self.claim, self._tools.lease, self.meter.now()):
                self._reins.pull(JobCancelled())
        except LeaseLost as lost:
            self._reins.pull(lost)
            return False
        except ServiceUnavailable as error:
            # The fence keeps the job safe: either a later beat comes in time, or it says LeaseLost.
            self._log.warning("heartbeat failed", error=str(error))
        return True

    def _on_step(self, step: Step) -> None:
        self._reins.check()
        self.meter.step(step)

    async def _store_preview(self) -> None:
        frame = self.meter.take_preview(PREVIEW_SECONDS)
        if frame is not None:
            data = await asyncio.to_thread(preview_webp, frame)
            await asyncio.to_thread(self._tools.blobs.put, f"{self.prefix}preview.webp", data)
            self.meter.preview_stored()
