"""Keeps one worker's process alive. A CUDA fault kills the worker, never this process: nothing here knows torch.

A dead worker's lease is freed at once. A job that kills its worker each time ends after its attempts: the queue's rule.
"""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import structlog
from structlog.typing import FilteringBoundLogger

from inference.errors import ServiceUnavailable
from inference.process import pause
from inference.protocols import BlobStore, ClipShelf, JobQueue
from inference.types import WorkerSeen, WorkerState
from inference.worker.leftovers import clear
from inference.worker.slot import HeldSlot

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0
"""Seconds before a restart: doubled each time that a worker could not even start, or lost its device."""
DEVICE_LOST = 70
"""Exit code of a worker whose device can no longer be trusted."""
CALM_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}
"""OpenMP's threads else spin at each barrier: where the cores are shared, that made a forward pass 20 times slower."""
EXIT_SECONDS = 5.0
"""What a worker may take to leave, beside the time for its running job."""


class Supervisor:
    """One device's worker, started again whenever it dies."""

    def __init__(
        self,
        *,
        held: HeldSlot,
        command: Sequence[str],
        queue: JobQueue,
        shelf: ClipShelf,
        blobs: BlobStore,
        drain_seconds: float,
    ) -> None:
        """`command` starts the worker in this slot; it finds a pipe as its standard input, for `die_with_parent`."""
        self._held = held
        self._command = command
        self._queue = queue
        self._shelf = shelf
        self._blobs = blobs
        self._exit_seconds = drain_seconds + EXIT_SECONDS
        self._process: Process | None = None
        self._log: FilteringBoundLogger = structlog.get_logger().bind(worker=held.slot.name)

    @property
    def name(self) -> str:
        return self._held.slot.name

    @property
    def is_alive(self) -> bool:
        """Whether the worker's process runs now."""
        return self._process is not None and self._process.returncode is None

    @property
    def is_ready(self) -> bool:
        """Whether the worker has come as far as asking for work: its libraries take a while to import."""
        return self.is_alive and self._held.slot.was_used

    def seen(self) -> WorkerSeen:
        """The worker as it looks from here; what it does stands in the rows."""
        state = WorkerState.READY if self.is_ready else WorkerState.STARTING if self.is_alive else WorkerState.DOWN
        return WorkerSeen(name=self.name, state=state, device=self._held.slot.device)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, which the worker is told too. Returns when the worker is gone and its leases are free."""
        backoff = FIRST_BACKOFF
        await self._recover()
        while not stop.is_set():
            code = await self._live(stop)
            worked = self._held.slot.was_used and code != DEVICE_LOST
            await self._recover()
            if not stop.is_set():
                backoff = FIRST_BACKOFF if worked else min(backoff * 2, LONGEST_BACKOFF)
                self._log.error("worker died", exit_code=code, restart_seconds=backoff)
                await pause(stop, backoff)

    async def _live(self, stop: asyncio.Event) -> int:
        """One life of the worker; its exit code."""
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, pass_fds=(self._held.lock,), env=CALM_THREADS | os.environ
        )
        self._process = process
        self._log.info("worker started", pid=process.pid)
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await self._end(process, ended)
            return await ended
        finally:
            stopped.cancel()
            if process.returncode is None:
                process.kill()

    async def _end(self, process: Process, ended: asyncio.Task[int]) -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._exit_seconds):
                await asyncio.shield(ended)
        except TimeoutError:
            self._log.warning("worker killed", waited_seconds=self._exit_seconds)
            with suppress(ProcessLookupError):
                process.kill()

    async def _recover(self) -> None:
        """Free what a dead worker of this slot held, and delete what it left half done."""
        slot = self._held.slot
        try:
            freed = await self._queue.release(slot.name)
            if freed:
                self._log.warning("leases freed", jobs=freed)
            if noted := slot.noted():
                await clear(noted, self._shelf, self._blobs)
            await asyncio.to_thread(slot.clean)
        except ServiceUnavailable as error:
            # The leases run out by themselves, and the note waits for the next recovery.
            self._log.warning("recovery failed", error=str(error))
