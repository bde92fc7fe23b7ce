"""The real service with real workers, as processes whose log is read, and which are killed."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from inference.types import Identity, Job, JobId
from storage.accounts import SqlAccounts
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from tests.support.databases import all_databases, databases, pytest_generate_tests, url
from tests.support.drafts import PLENTY, draft, plan, recipe
from tests.support.tiny_ltx import PRESET_TOML, build_tiny_ltx

__all__ = ["all_databases", "databases", "pytest_generate_tests", "url"]

STAGES = ("ready", "claimed", "rendering", "packaging", "finishing", "ended")
"""A worker's log lines, in the order in which it passes them."""

FORKS = multiprocessing.get_context("forkserver")
"""For processes that start quickly, with all modules loaded."""
FORKS.set_forkserver_preload(["tests.crash.victims"])

Line = dict[str, Any]
Watcher = Callable[[Line], Awaitable[None]]


@dataclass
class Life:
    """One worker's process, as its log tells."""

    pid: int
    stage: str = "starting"
    job: str = ""


@dataclass
class House:
    """`python -m inference serve` in a folder."""

    folder: Path
    environment: dict[str, str]
    workers: int
    lines: list[Line] = field(default_factory=list)
    lives: dict[str, Life] = field(default_factory=dict)
    #: Called for each line before the next is read.
    watcher: Watcher | None = None
    _process: Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        command = [sys.executable, "-m", "inference", "serve", "--data-dir", str(self.folder), "--port", "0"]
        self._process = await asyncio.create_subprocess_exec(
            *command, "--workers", str(self.workers), stderr=PIPE, env=os.environ | self.environment
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def kill(self) -> None:
        """kill -9 of the service; its workers die with it."""
        assert self._process is not None
        self._process.kill()
        await self._gone()

    async def stop(self) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        await self._gone()
        assert self._process.returncode is not None
        return self._process.returncode

    async def _gone(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        await self._process.wait()
        await self._reading  # ends when the last worker has closed its end of the pipe
        self.lives.clear()

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None
        async for raw in process.stderr:
            line = _parsed(raw)
            self.lines.append(line)
            self._follow(line)
            if self.watcher is not None:
                await self.watcher(line)

    def _follow(self, line: Line) -> None:
        name = line.get("worker", "")
        if line["event"] == "worker started":
            self.lives[name] = Life(pid=line["pid"])
        elif line["event"] in STAGES:
            self.lives[name].stage = line["event"]
            self.lives[name].job = line.get("job", "")

    async def seen(self, condition: Callable[[Line], bool], after: int = 0) -> Line:
        """The first line, from number `after` on, that fulfils the condition."""
        while True:
            for line in self.lines[after:]:
                if condition(line):
                    return line
            assert self._reading is not None
            assert not self._reading.done(), f"the service ended: {self.lines[-3:]}"
            await asyncio.sleep(0.02)


def _parsed(raw: bytes) -> Line:
    try:
        line: Line = json.loads(raw)
    except json.JSONDecodeError:
        return {"event": raw.decode(errors="replace").rstrip()}
    return line


@dataclass
class Rows:
    """The house's rows, seen from outside."""

    database: Database

    @property
    def jobs(self) -> SqlJobs:
        return SqlJobs(self.database)

    async def submit(self, count: int, *, steps: int) -> list[JobId]:
        member = await SqlAccounts(self.database).member(Identity("cli:local"))
        wanted = recipe(plan(steps=steps), num_frames=12)
        drafts = [draft(member.id, wanted=wanted, reply_to=f"thread {number}") for number in range(count)]
        return [(await self.jobs.admit(one, PLENTY)).id for one in drafts]

    async def get(self, job: JobId) -> Job:
        found = await self.jobs.get(job)
        assert found is not None
        return found

    async def ended(self, jobs: list[JobId]) -> list[Job]:
        while True:
            found = [await self.get(job) for job in jobs]
            if all(job.status.is_final for job in found):
                return found
            await asyncio.sleep(0.1)

    async def endings(self) -> list[JobId]:
        """The job of every durable event that says `succeeded`."""
        async with self.database.read() as connection:
            said = await connection.scalars(text("SELECT job_id FROM outbox WHERE status = 'succeeded'"))
            return [JobId(job) for job in said]

    async def used(self) -> int:
        accounts = SqlAccounts(self.database)
        return (await accounts.month((await accounts.member(Identity("cli:local"))).id)).used


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings that serve a tiny model with random weights."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "presets.toml").write_text(PRESET_TOML.format(source=build_tiny_ltx(folder / "tiny")))
    return {"THREADREEL_PRESETS_FILE": str(folder / "presets.toml")}


@pytest.fixture
async def rows(tmp_path: Path) -> AsyncIterator[Rows]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'threadreel.db'}") as database:
        yield Rows(database)


@asynccontextmanager
async def running(
    tmp_path: Path, environment: dict[str, str], *, workers: int, **settings: object
) -> AsyncIterator[House]:
    """A house that is stopped, or killed if it will not, at the end of the block."""
    given = {f"THREADREEL_WORKER__{name.upper()}": str(value) for name, value in settings.items()}
    house = House(folder=tmp_path / "data", environment=environment | given, workers=workers)
    await house.start()
    try:
        yield house
    finally:
        house.watcher = None
        await house.stop()
