"""What is done every so often: leases rescued, and what is kept no longer deleted.

Any number of processes may do it on the same rows and blobs, and any may die in the middle: each chore looks at the
rows anew, and what it does it could do again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from inference.clock import Chore
from inference.errors import NotFound
from inference.protocols import BlobStore, ClipShelf, JobQueue, RetentionBook
from inference.service.service import Service
from inference.tiers import TierTable

SWEEP_SECONDS = 2.0
"""How often leases that ran out are looked for."""
SCHEDULE_SECONDS = 1.0
"""How often is looked for what was asked for in advance and is due."""
MONTH_SECONDS = 300.0
"""How often is looked for members whose clips are back with a new month."""
PURGE_SECONDS = 30.0
"""How often blobs are looked for that were kept for others when their clip was deleted."""
FORGET_SECONDS = 30.0
"""How often what is left of members who asked to be forgotten is looked for."""
RETENTION_SECONDS = 600.0
"""How often is looked for clips that are kept no longer."""
ORPHAN_SECONDS = 1800.0
"""How often all blobs are looked through for those that crashes left behind."""
SUSPECT_SECONDS = 3600.0
"""How long a blob must have been an orphan before it is deleted: an upload is stored before its job is admitted."""

_log = structlog.get_logger(__name__)


class Upkeep:
    """The chores of one process."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        service: Service,
        retention: RetentionBook,
        shelf: ClipShelf,
        blobs: BlobStore,
        tiers: TierTable,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._service = service
        self._retention = retention
        self._shelf = shelf
        self._blobs = blobs
        self._keep = {tier.name: tier.keep_days or 0 for tier in tiers.tiers.values()}
        self._keep_latents = {tier.name: tier.keep_latents_days or 0 for tier in tiers.tiers.values()}
        self._clock = clock
        #: Orphans, and since when they were seen to be so.
        self._suspects: dict[str, float] = {}

    def chores(self) -> Sequence[Chore]:
        return (
            Chore(name="sweep", seconds=SWEEP_SECONDS, act=self.sweep),
            Chore(name="schedules", seconds=SCHEDULE_SECONDS, act=self._service.run_due),
            Chore(name="month", seconds=MONTH_SECONDS, act=self._service.announce_month),
            Chore(name="purge", seconds=PURGE_SECONDS, act=self._service.purge),
            Chore(name="forget", seconds=FORGET_SECONDS, act=self._service.forget_more),
            Chore(name="retention", seconds=RETENTION_SECONDS, act=self.expire),
            Chore(name="orphans", seconds=ORPHAN_SECONDS, act=self.collect_orphans),
        )

    async def sweep(self) -> None:
        """Queue again what workers elsewhere left behind; those of this machine are freed by their supervisor."""
        if swept := await self._queue.sweep():
            _log.warning("leases ran out", jobs=swept)

    async def expire(self) -> int:
        """Remove clips whose time has run out, as their members would; how many. Their bytes go with the next purge."""
        gone = 0
        while expired := await self._retention.expired(self._keep):
            for clip in expired:
                with suppress(NotFound):  # forgotten in this very moment
                    await self._shelf.remove(clip)
            gone += len(expired)
        forgotten = await self._retention.forget_latents(self._keep_latents)
        if gone or forgotten:
            _log.info("expired", clips=gone, latents=forgotten)
        return gone

    async def collect_orphans(self) -> int:
        """Delete blobs that no row accounts for, and has not for a while; how many."""
        stored = await asyncio.to_thread(self._blobs.names, "")
        orphans = await self._retention.orphans(stored)
        now = self._clock()
        self._suspects = {blob: self._suspects.get(blob, now) for blob in orphans}
        ripe = [blob for blob, since in self._suspects.items() if now - since >= SUSPECT_SECONDS]
        # Asked once more, for looking through everything takes a while, in which a job may have come that reads one.
        gone = await self._retention.orphans(ripe)
        for blob in gone:
            await asyncio.to_thread(self._blobs.delete, blob)
        if gone:
            _log.info("orphaned blobs deleted", blobs=len(gone))
        return len(gone)
