"""kill -9 of workers at every stage: at-least-once execution, exactly-once effects."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inference.types import JobStatus
from storage.blobs import FolderBlobs
from storage.books import check_books
from tests.crash.conftest import House, Line, Rows, running

KILLS = 20
LEAST = 3
"""Kills in each part of a job's life."""
MOST_KILLS_A_JOB = 2
"""One more, and the job would rightly fail."""
PARTS = {
    "ready": "claiming",
    "claimed": "claiming",
    "rendering": "rendering",
    "packaging": "packaging",
    "finishing": "finishing",
}
LONGEST_DELAY = {"claiming": 0.03, "rendering": 0.4, "packaging": 0.02, "finishing": 0.003}
"""Seconds between a stage's log line and the kill: at random, up to about what the stage takes."""


@dataclass
class Killer:
    """Kills a worker soon after it has entered the part that still lacks kills."""

    house: House
    random: random.Random
    tally: Counter[str] = field(default_factory=Counter)
    by_job: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> bool:
        return self.tally.total() >= KILLS and all(self.tally[part] >= LEAST for part in set(PARTS.values()))

    async def __call__(self, line: Line) -> None:
        """Watch a log line; where a worker died, note in which part."""
        name = line.get("worker", "")
        if line["event"] == "worker died":
            life = self.house.lives[name]
            if part := PARTS.get(life.stage):
                self.tally[part] += 1
                self.by_job[life.job] += bool(life.job)
        elif line["event"] == self._wanted() and self.by_job[line.get("job", "")] < MOST_KILLS_A_JOB:
            await asyncio.sleep(self.random.uniform(0, LONGEST_DELAY[PARTS[line["event"]]]))
            with suppress(ProcessLookupError):
                os.kill(self.house.lives[name].pid, signal.SIGKILL)

    def _wanted(self) -> str | None:
        """The line to wait for: of the part with the fewest kills."""
        if self.done:
            return None
        part = min(sorted(set(PARTS.values())), key=lambda one: self.tally[one])
        return self.random.choice([stage for stage in PARTS if PARTS[stage] == part])


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_after_twenty_kills_every_job_has_ended_well_once(
    tmp_path: Path, environment: dict[str, str], rows: Rows
) -> None:
    jobs = await rows.submit(16, steps=30)
    async with running(tmp_path, environment, workers=3) as house:
        killer = house.watcher = Killer(house, random.Random(20))
        while not killer.done:
            # Jobs to kill at are never lacking.
            unfinished = [job for job in jobs if not (await rows.get(job)).status.is_final]
            if len(unfinished) < 4:
                jobs += await rows.submit(4, steps=30)
            await asyncio.sleep(0.2)
        ended = await rows.ended(jobs)

    print(f"\nkills: {killer.tally.total()} {dict(killer.tally)}; jobs: {len(jobs)}; hit: {len(+killer.by_job)}")
    assert {job.status for job in ended} == {JobStatus.SUCCEEDED}
    assert await check_books(rows.database) == []
    assert await rows.used() == len(jobs)
    assert sorted(await rows.endings()) == sorted(jobs)
    blobs = FolderBlobs(tmp_path / "data" / "blobs")
    assert {job: len(blobs.names(f"{job}/")) for job in jobs} == dict.fromkeys(jobs, 5)
