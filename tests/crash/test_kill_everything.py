"""kill -9 of service and workers together, and a machine that froze past its lease."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from inference.types import JobStatus
from storage.blobs import FolderBlobs
from storage.books import check_books
from tests.crash.conftest import Rows, running
from tests.support.processes import alive


@pytest.mark.slow
async def test_after_a_kill_of_everything_queued_jobs_go_on_and_finished_ones_are_told_once(
    tmp_path: Path, environment: dict[str, str], rows: Rows
) -> None:
    jobs = await rows.submit(4, steps=60)
    async with running(tmp_path, environment, workers=1) as house:
        await house.seen(lambda line: line["event"] == "ended")
        await house.seen(lambda line: line["event"] == "rendering" and line["job"] == jobs[1])
        pids = [life.pid for life in house.lives.values()]
        await house.kill()
        assert not any(alive(pid) for pid in pids)
        assert [(await rows.get(job)).status for job in jobs[:2]] == [JobStatus.SUCCEEDED, JobStatus.RUNNING]

        await house.start()
        ended = await rows.ended(jobs)
        assert await house.stop() == 0

    assert [(job.status, job.attempt) for job in ended] == [(JobStatus.SUCCEEDED, n) for n in (1, 2, 1, 1)]
    assert await check_books(rows.database) == []
    undelivered = await rows.jobs.events(None)
    assert [event.job.id for event in undelivered] == jobs
    for event in undelivered:
        await rows.jobs.mark_delivered(event.job.id)
    assert await rows.jobs.events(None) == []


@pytest.mark.slow
async def test_a_worker_that_froze_past_its_lease_cannot_commit(
    tmp_path: Path, environment: dict[str, str], rows: Rows
) -> None:
    async with running(tmp_path, environment, workers=2, lease_seconds=1.5, heartbeat_seconds=0.5) as house:
        while sum(line["event"] == "ready" for line in house.lines) < 2:
            await asyncio.sleep(0.1)
        (job,) = await rows.submit(1, steps=150)
        frozen = (await house.seen(lambda line: line["event"] == "rendering"))["worker"]
        os.kill(house.lives[frozen].pid, signal.SIGSTOP)
        (ended,) = await rows.ended([job])
        other = await house.seen(lambda line: line["event"] == "ended")
        os.kill(house.lives[frozen].pid, signal.SIGCONT)
        stale = await house.seen(lambda line: line["event"] == "ended" and line["worker"] == frozen)

    assert (ended.status, ended.attempt) == (JobStatus.SUCCEEDED, 2)
    assert (other["outcome"], stale["outcome"]) == ("succeeded", "lost")
    assert await rows.endings() == [job]
    assert await check_books(rows.database) == []
    blobs = FolderBlobs(tmp_path / "data" / "blobs")
    assert {name.split("/")[1] for name in blobs.names(f"{job}/")} == {str(other["fence"])}


@pytest.mark.slow
async def test_told_to_stop_it_takes_no_more_work_and_loses_none(
    tmp_path: Path, environment: dict[str, str], rows: Rows
) -> None:
    # So many that the first is still being denoised when its time to end has passed, however quick the machine.
    jobs = await rows.submit(3, steps=1500)
    async with running(tmp_path, environment, workers=1, drain_seconds=0.2) as house:
        await house.seen(lambda line: line["event"] == "rendering")
        told = len(house.lines)
        assert await house.stop() == 0
        assert [line for line in house.lines[told:] if line["event"] == "claimed"] == []
        left = [await rows.get(job) for job in jobs]
        assert [(job.status, job.attempt) for job in left] == [(JobStatus.QUEUED, 0)] * 3
        assert await check_books(rows.database) == []

        await house.start()
        ended = await rows.ended(jobs)
    assert [(job.status, job.attempt) for job in ended] == [(JobStatus.SUCCEEDED, 1)] * 3
    assert await rows.used() == 3
