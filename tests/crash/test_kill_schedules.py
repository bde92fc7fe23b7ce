"""kill -9 of the service at each point of a scheduled run: it makes one job, whatever happens."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inference.types import After, Generate, JobQuery, Repeated, When
from tests.support.studio import Studio, member, open_studio

ANN = member("ann", "plus")
ROOT = Path(__file__).parents[2]
MORTAL = Path(__file__).with_name("mortal_clock.py")
AGO = timedelta(minutes=2)


async def life(folder: Path, point: str) -> int:
    """How one process ends that runs what is due."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        MORTAL,
        str(folder),
        point,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    await process.communicate()
    assert process.returncode is not None
    return process.returncode


async def due(folder: Path, when: When) -> None:
    """A schedule that was made some minutes ago, and is due since."""
    past = (datetime.now(UTC) - 2 * AGO).timestamp()
    async with open_studio(folder, clock=lambda: past) as studio:
        await studio.face.schedule(Generate(prompt="a red ball"), when, ANN, "spot")


async def jobs(studio: Studio) -> int:
    found = (await studio.face.jobs(JobQuery(limit=100), ANN)).jobs
    assert await studio.used(ANN) == len(found)
    assert all(job.reply_to == "spot" for job in found)
    return len(found)


@pytest.mark.parametrize(
    ("points", "made_so_far"),
    [
        (["claimed", "never"], 0),
        (["admitted", "never"], 1),
        (["settled", "never"], 1),
        (["claimed", "claimed", "admitted", "claimed", "settled", "never"], 0),
    ],
)
async def test_a_run_makes_one_job_wherever_its_process_is_killed(
    tmp_path: Path, points: list[str], made_so_far: int
) -> None:
    await due(tmp_path, After(seconds=1))
    for number, point in enumerate(points):
        code = await life(tmp_path, point)
        assert code == (0 if point == "never" else -signal.SIGKILL)
        if number == 0:
            async with open_studio(tmp_path) as studio:
                assert await jobs(studio) == made_so_far
    async with open_studio(tmp_path) as studio:
        assert await jobs(studio) == 1
        assert not await studio.face.schedules(ANN)


async def test_processes_that_run_at_once_make_one_job(tmp_path: Path) -> None:
    """None of them respects the others' claims here: the key and the condition must do."""
    await due(tmp_path, After(seconds=1))
    assert await asyncio.gather(*(life(tmp_path, "never") for _ in range(3))) == [0, 0, 0]
    async with open_studio(tmp_path) as studio:
        assert await jobs(studio) == 1


async def test_a_repeated_one_goes_on_after_a_kill(tmp_path: Path) -> None:
    soon = datetime.now(UTC) - AGO
    await due(tmp_path, Repeated(cron=f"{soon.minute} {soon.hour} * * *"))
    assert await life(tmp_path, "admitted") == -signal.SIGKILL
    assert await life(tmp_path, "never") == 0
    async with open_studio(tmp_path) as studio:
        assert await jobs(studio) == 1
        (kept,) = await studio.face.schedules(ANN)
        assert kept.next_at == soon.replace(second=0, microsecond=0) + timedelta(days=1)
