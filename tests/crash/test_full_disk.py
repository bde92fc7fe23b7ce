"""A disk that is full while a clip is asked for, and while one is finished."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from inference.types import JobStatus
from storage.books import check_books
from tests.crash import victims
from tests.crash.conftest import FORKS, Rows
from tests.unit.worker.conftest import PRESETS


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'threadreel.db'}"


@pytest.mark.slow
async def test_what_is_asked_for_on_a_full_disk_is_refused_whole_and_taken_once_there_is_room(
    url: str, rows: Rows
) -> None:
    noticed = FORKS.Event()
    service = FORKS.Process(target=victims.run_service_on_full_disk, args=(url, noticed))
    service.start()
    await asyncio.to_thread(service.join)
    assert (service.exitcode, noticed.is_set()) == (0, True)
    assert (await rows.jobs.counts())["queued"] == 1
    assert await rows.used() == 1
    assert await check_books(rows.database) == []


@pytest.mark.slow
async def test_a_clip_that_cannot_be_booked_on_a_full_disk_is_booked_when_there_is_room(
    url: str, tmp_path: Path, rows: Rows
) -> None:
    (tmp_path / "presets.toml").write_text(PRESETS)
    (job,) = await rows.submit(1, steps=2)
    noticed = FORKS.Event()
    worker = FORKS.Process(target=victims.run_worker_on_full_disk, args=(url, tmp_path, noticed))
    worker.start()
    try:
        assert await asyncio.to_thread(noticed.wait, 120)
        assert (await rows.get(job)).status is JobStatus.RUNNING
        assert await check_books(rows.database) == []
        assert worker.pid is not None
        victims.limit_files(resource.RLIM_INFINITY, worker.pid)
        (ended,) = await rows.ended([job])
    finally:
        worker.kill()
        worker.join()
    assert (ended.status, ended.attempt) == (JobStatus.SUCCEEDED, 1)
    assert await rows.used() == 1
    assert await check_books(rows.database) == []
