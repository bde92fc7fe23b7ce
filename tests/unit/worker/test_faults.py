"""What runs out or goes away: every job ends, and one that fails is refunded in the same transaction."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from pathlib import Path

from inference.errors import OutOfMemory
from inference.types import JobStatus
from storage.blobs import FolderBlobs
from storage.books import check_books
from tests.support.toy_engine import ToyEngine
from tests.unit.worker.conftest import Shop


class FullDisk(FolderBlobs):
    """Takes `room` bytes, and no more."""

    def __init__(self, folder: Path, room: int) -> None:
        super().__init__(folder)
        self.room = room

    def put(self, name: str, source: Path | bytes) -> int:
        self.room -= len(source) if isinstance(source, bytes) else source.stat().st_size
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().put(name, source)


async def test_a_store_without_room_fails_the_job_refunds_it_and_the_next_one_succeeds(shop: Shop) -> None:
    disk = FullDisk(shop.folder / "blobs", room=2000)
    shop.blobs = disk
    job = await shop.submit()
    async with shop.working(ToyEngine()):
        ended = await shop.ended(job)
        assert (ended.status, await shop.used()) == (JobStatus.FAILED, 0)
        assert await check_books(shop.database) == []
        disk.room = 10**9
        assert (await shop.ended(await shop.submit())).status is JobStatus.SUCCEEDED
    assert disk.names(f"{job}/") == []
    assert await shop.used() == 1


async def test_a_device_without_memory_fails_the_job_refunds_it_and_the_worker_goes_on(shop: Shop) -> None:
    engine = ToyEngine()

    def trouble(step: int) -> None:
        raise OutOfMemory(detail="tried to allocate 4 GiB")

    engine.trouble = trouble
    async with shop.working(engine):
        ended = await shop.ended(await shop.submit())
        assert ended.failure is not None
        assert (ended.status, ended.failure.code, await shop.used()) == (JobStatus.FAILED, "out_of_memory", 0)
        assert await check_books(shop.database) == []
        engine.trouble = lambda _step: None
        assert (await shop.ended(await shop.submit())).status is JobStatus.SUCCEEDED


async def test_a_locked_database_is_waited_for_and_nothing_is_lost(shop: Shop) -> None:
    held = sqlite3.connect(shop.folder / "test.db", isolation_level=None)
    first = await shop.submit()
    async with shop.working(ToyEngine(step_seconds=0.05)):

        async def runs() -> bool:
            return (await shop.job(first)).status is JobStatus.RUNNING

        await shop.until(runs)
        held.execute("BEGIN IMMEDIATE")
        asking = asyncio.create_task(shop.submit())
        done, _ = await asyncio.wait({asking}, timeout=1)
        assert not done, "whoever asks for a clip waits for the lock, and is not refused"
        held.execute("COMMIT")
        second = await asking
        assert [(await shop.ended(job)).status for job in (first, second)] == [JobStatus.SUCCEEDED] * 2
    held.close()
    assert await shop.used() == 2
    assert await check_books(shop.database) == []
