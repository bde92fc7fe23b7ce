"""kill -9 by the hundred, of askers and workers, at every moment of a job's life, on both databases.

`make crash` runs a thousand; THREADREEL_KILLS says how many. Whatever dies in whichever moment: no wish becomes two
jobs, none that was accepted is lost, each ends once, and the books balance after every death.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import text

from inference.scheduler import choose
from inference.types import JobId
from inference.worker.loop import Worker
from storage.blobs import FolderBlobs
from storage.books import check_books
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from tests.crash import victims
from tests.crash.conftest import FORKS
from tests.crash.victims import OF_SERVICE, STAGES, Doom
from tests.unit.worker.conftest import PRESETS

KILLS = int(os.environ.get("THREADREEL_KILLS", "100"))
"""On each database."""
LEAST = 10
"""Kills in each stage."""
LONGEST_LIFE = 4.0
"""Seconds, after which a process that still lives is killed wherever it is."""


@dataclass
class Siege:
    """Starts two victims at a time, sees them die, and frees what the dead held."""

    url: str
    folder: Path
    database: Database
    chance: random.Random
    elsewhere: int = 0
    #: Seconds from the death of a worker until its jobs were queued again: freed at once, or by the lease.
    freed: list[float] = field(default_factory=list)
    swept: list[float] = field(default_factory=list)

    @property
    def tally(self) -> Counter[str]:
        return Counter(victims.epitaphs(self.folder))

    @property
    def is_over(self) -> bool:
        tally = self.tally
        return tally.total() + self.elsewhere >= KILLS and all(tally[stage] >= LEAST for stage in STAGES)

    async def round(self) -> None:
        asker = FORKS.Process(
            target=victims.run_service,
            args=(self.url, self.folder, self.chance.getrandbits(32), self._doom(service=True)),
        )
        worker = FORKS.Process(target=victims.run_worker, args=(self.url, self.folder, "w", self._doom(service=False)))
        asker.start()
        worker.start()
        life = LONGEST_LIFE if self.chance.random() < 0.9 else self.chance.uniform(0.1, 1)
        last = time.monotonic() + life
        while time.monotonic() < last and worker.is_alive():
            await asyncio.sleep(0.005)
        died = time.monotonic()
        self._end(worker)
        self._end(asker)
        await self._free(died)
        assert await check_books(self.database) == []

    def _doom(self, *, service: bool) -> Doom:
        """Mostly where kills are lacking still."""
        tally = self.tally
        stages = [stage for stage in STAGES if (stage in OF_SERVICE) == service]
        lacking = [stage for stage in stages if tally[stage] < LEAST] or stages
        stage = self.chance.choice(lacking)
        moment = self.chance.randint(1, STAGES[stage])
        return Doom(stage=stage, moment=moment, epitaphs=self.folder / "epitaphs")

    def _end(self, victim: ForkServerProcess) -> None:
        if victim.is_alive():
            victim.kill()
            self.elsewhere += 1
        victim.join()
        assert victim.exitcode in {-signal.SIGKILL, 0}, f"a victim ended by itself: {victim.exitcode}"

    async def _free(self, died: float) -> None:
        """As the supervisor does, at once; or as where it died too, when the lease has run out."""
        jobs = SqlJobs(self.database)
        if self.chance.random() < 0.8:
            if await jobs.release("w"):
                self.freed.append(time.monotonic() - died)
            return
        while await self._held():
            if await jobs.sweep():
                self.swept.append(time.monotonic() - died)
            await asyncio.sleep(0.05)

    async def _held(self) -> int:
        async with self.database.read() as connection:
            return await connection.scalar(text("SELECT count(*) FROM jobs WHERE status = 'running'")) or 0

    async def drain(self) -> None:
        """A worker that lives ends all that is left."""
        doom = Doom(stage="", moment=1, epitaphs=self.folder / "epitaphs")
        stop = asyncio.Event()
        tools = victims.tools(self.database, self.folder, "w", doom)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Worker(tools=tools, choose=choose).run(stop))
            try:
                while (counts := await SqlJobs(self.database).counts()).get("queued") or counts.get("running"):
                    await asyncio.sleep(0.05)
            finally:
                stop.set()

    def report(self) -> str:
        tally = self.tally
        lines = [f"{tally.total() + self.elsewhere} kills: {dict(tally)}, anywhere {self.elsewhere}"]
        for name, seconds in (("freed at once", self.freed), ("by the lease", self.swept)):
            if len(seconds) > 1:
                p99 = statistics.quantiles(seconds, n=100, method="inclusive")[-1]
                lines.append(f"queued again {name}: n {len(seconds)}, p99 {p99:.2f} s, longest {max(seconds):.2f} s")
        return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_the_books_balance_after_every_death_and_no_wish_is_lost_or_doubled(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "presets.toml").write_text(PRESETS)
    async with open_database(url) as database:
        siege = Siege(url=url, folder=tmp_path, database=database, chance=random.Random(KILLS))
        while not siege.is_over:
            await siege.round()
        await siege.drain()
        with capsys.disabled():
            print(f"\n{url.partition(':')[0]}: {siege.report()}")

        assert await check_books(database) == []
        told, rows = victims.accepted(tmp_path), await victims.by_key(database)
        assert {key: len(jobs) for key, jobs in rows.items() if len(jobs) != 1} == {}
        assert {key: jobs for key, jobs in told.items() if jobs != set(rows.get(key, []))} == {}
        await _every_clip_is_whole(database, FolderBlobs(tmp_path / "blobs"))


async def _every_clip_is_whole(database: Database, blobs: FolderBlobs) -> None:
    """What a clip's rows name is stored, and nothing is stored but what rows name or a removed clip left."""
    async with database.read() as connection:
        named = await connection.execute(
            text("SELECT clips.id, blob FROM clip_blobs JOIN clips ON clips.id = clip_id WHERE removed_at IS NULL")
        )
        wanted: dict[JobId, set[str]] = {}
        for clip, blob in named:
            wanted.setdefault(JobId(clip), set()).add(blob)
    for clip, names in wanted.items():
        assert names <= set(blobs.names(f"{clip}/"))
