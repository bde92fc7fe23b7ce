from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from inference.types import JobStatus
from inference.worker.slot import HeldSlot, take_slot
from inference.worker.supervisor import Supervisor
from tests.support.processes import alive
from tests.support.toy_engine import ToyEngine
from tests.unit.worker.conftest import Shop

CHILD = """
import os, signal, sys, time
from inference.worker.child import die_with_parent
die_with_parent(0)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with open(sys.argv[1], "a") as lives:
    lives.write(f"{os.getpid()}\\n")
time.sleep(600)
"""


@pytest.fixture
def lives(tmp_path: Path) -> Path:
    """File to which every child writes its process id."""
    return tmp_path / "lives"


def supervisor(shop: Shop, held: HeldSlot, lives: Path) -> Supervisor:
    return Supervisor(
        held=held,
        command=[sys.executable, "-c", CHILD, str(lives)],
        queue=shop.jobs,
        shelf=shop.clips,
        blobs=shop.blobs,
        drain_seconds=5,
    )


async def pids(lives: Path, count: int) -> list[int]:
    """Process ids of the first `count` children."""
    while not lives.exists() or len(lives.read_text().split()) < count:
        await asyncio.sleep(0.01)
    return [int(pid) for pid in lives.read_text().split()]


async def test_a_killed_worker_is_started_again_and_its_job_and_blobs_are_freed(shop: Shop, lives: Path) -> None:
    with take_slot(shop.folder / "workers") as held:
        stop = asyncio.Event()
        running = asyncio.create_task(supervisor(shop, held, lives).run(stop))
        (pid,) = await pids(lives, 1)
        job = await shop.submit()
        claim = await shop.claim(held.slot.name)
        held.slot.note(f"{job}/{claim.fence}/")
        shop.blobs.put(f"{job}/upload.png", b"asked for")
        shop.blobs.put(f"{job}/{claim.fence}/master.mp4", b"half done")

        os.kill(pid, signal.SIGKILL)
        second = (await pids(lives, 2))[1]
        assert (await shop.job(job)).status is JobStatus.QUEUED
        assert shop.blobs.names(f"{job}/") == [f"{job}/upload.png"]
        assert second != pid

        stop.set()
        await running
        assert not alive(second)


async def test_what_a_finished_clip_needs_outlives_its_worker(shop: Shop, lives: Path) -> None:
    job = await shop.submit()
    with take_slot(shop.folder / "workers") as held:
        async with shop.working(ToyEngine(), held.slot.name):
            await shop.ended(job)
        before = shop.blobs.names(f"{job}/")
        shop.blobs.put(f"{job}/1/preview.webp", b"blurry")
        held.slot.note(f"{job}/1/")
        stop = asyncio.Event()
        running = asyncio.create_task(supervisor(shop, held, lives).run(stop))
        await pids(lives, 1)
        stop.set()
        await running

    assert len(before) == 5
    assert shop.blobs.names(f"{job}/") == before


async def test_a_job_that_kills_its_worker_each_time_ends_after_three_attempts_refunded(shop: Shop) -> None:
    job = await shop.submit()
    for _ in range(3):
        await shop.claim("test-0")
        await shop.jobs.release("test-0")

    ended = await shop.job(job)
    assert ended.failure is not None
    assert (ended.status, ended.failure.code) == (JobStatus.FAILED, "attempts_exhausted")
    assert (await shop.used()) == 0


async def test_a_worker_dies_with_its_supervisor(tmp_path: Path, lives: Path) -> None:
    parent = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); time.sleep(600)"
    supervising = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, sys.executable, "-c", CHILD, str(lives)
    )
    (pid,) = await pids(lives, 1)
    supervising.kill()
    await supervising.wait()
    while alive(pid):
        await asyncio.sleep(0.01)


def test_a_slot_is_taken_by_one_only_and_free_again_afterwards(tmp_path: Path) -> None:
    with take_slot(tmp_path) as first:
        with take_slot(tmp_path) as second:
            assert first.slot.name != second.slot.name
        with take_slot(tmp_path) as third:
            assert third.slot == second.slot
    with take_slot(tmp_path) as fourth:
        assert fourth.slot == first.slot
