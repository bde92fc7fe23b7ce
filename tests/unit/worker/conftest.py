"""A worker on real rows, real blobs and real encoders; only the model is a toy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from inference.presets import PresetTable, load_presets
from inference.protocols import Bell, Claim, Silence
from inference.scheduler import choose
from inference.settings import WorkerSettings
from inference.types import Identity, Job, JobId, MemberId, Operation, Recipe, Terms
from inference.worker.attempt import LoadedEngine, Tools
from inference.worker.loop import Worker
from inference.worker.slot import Slot
from storage.accounts import SqlAccounts
from storage.blobs import FolderBlobs
from storage.clips import SqlClips
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from tests.support.drafts import PLENTY, draft
from tests.support.toy_engine import ToyEngine

PRESETS = """
[tiny]
title = "Tiny"
family = "ltx"
source = "nowhere"
license = "Apache-2.0"
fps = 12
frames = { step = 4, min = 5, max = 61 }
size_multiple = 32
max_native_short_side = 32
operations = ["generate", "remix"]
steps = 4
guidance = 2.0
remix_strength = 0.9
seconds_per_megapixel_step = 1.0
max_prompt_tokens = 64
sound = false
"""


@dataclass
class Shop:
    """Everything a worker needs, and handles on it."""

    database: Database
    jobs: SqlJobs
    clips: SqlClips
    blobs: FolderBlobs
    presets: PresetTable
    folder: Path
    member: MemberId
    settings: WorkerSettings = field(default_factory=lambda: WorkerSettings(poll_seconds=0.02, drain_seconds=0.1))

    async def submit(
        self, wanted: Recipe | None = None, operation: Operation | None = None, terms: Terms | None = None
    ) -> JobId:
        job = draft(self.member, wanted=wanted, operation=operation, terms=terms)
        return (await self.jobs.admit(job, PLENTY)).id

    async def job(self, job: JobId) -> Job:
        found = await self.jobs.get(job)
        assert found is not None
        return found

    async def claim(self, worker: str = "other") -> Claim:
        claim = await self.jobs.claim(worker, choose, None, timedelta(seconds=30))
        assert claim is not None
        return claim

    async def used(self) -> int:
        return (await SqlAccounts(self.database).month(self.member)).used

    def read(self, blob: str) -> bytes:
        with self.blobs.open(blob) as stream:
            return stream.read()

    def slot(self, name: str = "test-0") -> Slot:
        return Slot(name=name, folder=self.folder / "workers" / name)

    @asynccontextmanager
    async def working(
        self, engine: ToyEngine, name: str = "test-0", bell: Bell | None = None
    ) -> AsyncIterator[asyncio.Event]:
        """A worker that runs until the block ends or the event is set."""
        tools = Tools(
            slot=self.slot(name),
            engine=LoadedEngine(engine),
            queue=self.jobs,
            shelf=self.clips,
            blobs=self.blobs,
            presets=self.presets,
            settings=self.settings,
            bell=bell or Silence(),
        )
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Worker(tools=tools, choose=choose).run(stop))
            try:
                yield stop
            finally:
                stop.set()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        while not await condition():
            await asyncio.sleep(0.01)

    async def ended(self, job: JobId) -> Job:
        async def is_final() -> bool:
            return (await self.job(job)).status.is_final

        await self.until(is_final)
        return await self.job(job)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "presets.toml").write_text(PRESETS)
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as database:
        member = await SqlAccounts(database).member(Identity("cli:local"))
        yield Shop(
            database=database,
            jobs=SqlJobs(database),
            clips=SqlClips(database),
            blobs=FolderBlobs(tmp_path / "blobs"),
            presets=load_presets(tmp_path / "presets.toml"),
            folder=tmp_path,
            member=member.id,
        )
