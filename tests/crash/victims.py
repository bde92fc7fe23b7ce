"""Processes that are killed: a worker with all of its real parts but the model, and one that asks for clips.

Each dies by its own hand, with SIGKILL, at a moment that was drawn for it: a certain statement of a transaction, its
commit, a step of the engine, a file that is stored. Death by anyone else's hand may come earlier.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event, text

from inference.engines.port import MediaReader, OnStep
from inference.errors import LimitExceeded, NotFound, RequestRejected, ServiceUnavailable
from inference.presets import load_presets
from inference.protocols import AdmissionLimits, Chooser, Claim, Outcome
from inference.scheduler import choose
from inference.settings import WorkerSettings
from inference.types import Identity, JobId, JobStatus, Progress, RenderPlan
from inference.worker.attempt import LoadedEngine, Tools
from inference.worker.loop import Worker
from inference.worker.slot import Slot
from storage.accounts import SqlAccounts
from storage.blobs import FolderBlobs
from storage.clips import SqlClips
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from tests.support.drafts import draft, plan, recipe
from tests.support.toy_engine import ToyEngine, ToyRendering

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch

STAGES = {
    "admission": 8,
    "cancel": 6,
    "removal": 8,
    "claim": 7,
    "heartbeat": 4,
    "rendering": 4,
    "packaging": 4,
    "storing": 10,
    "settlement": 14,
}
"""Parts of a job's life, and about how many moments each has in which to die."""
OF_SERVICE = ("admission", "cancel", "removal")
MEMBERS = ("ann", "bob", "eve")
LIMITS = AdmissionLimits(clips_per_month=10_000, max_jobs=8)
LEASE_SECONDS = 1.0


@dataclass
class Doom:
    """Kills this process at the `moment`-th moment of a stage, leaving the stage's name."""

    stage: str
    moment: int
    epitaphs: Path
    now: str = ""

    def passes(self, stage: str) -> None:
        if stage != self.stage:
            return
        self.moment -= 1
        if self.moment <= 0:
            _append(self.epitaphs, stage)
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Statements inside belong to the stage; so does the moment behind it."""
        self.now = stage
        try:
            yield
        finally:
            self.now = ""
        self.passes(stage)

    def watch_statements(self) -> None:
        """Of every engine in this process: before each statement, and before each commit."""

        def statement(*_: object) -> None:
            self.passes(self.now)

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", statement)


def _append(file: Path, line: str) -> None:
    """In one write, so that it is there whole or not at all."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


class MortalQueue(SqlJobs):
    """The real one, in stages."""

    def __init__(self, database: Database, doom: Doom) -> None:
        super().__init__(database, 3)
        self._doom = doom

    async def claim(self, worker: str, choose: Chooser, loaded_preset: str | None, lease: timedelta) -> Claim | None:
        with self._doom.during("claim"):
            return await super().claim(worker, choose, loaded_preset, lease)

    async def heartbeat(self, claim: Claim, lease: timedelta, progress: Progress | None = None) -> bool:
        with self._doom.during("heartbeat"):
            return await super().heartbeat(claim, lease, progress)

    async def settle(self, claim: Claim, outcome: Outcome) -> JobStatus:
        with self._doom.during("settlement"):
            return await super().settle(claim, outcome)


class MortalBlobs(FolderBlobs):
    """The real ones; a moment lies before and behind each put."""

    def __init__(self, folder: Path, doom: Doom) -> None:
        super().__init__(folder)
        self._doom = doom

    def put(self, name: str, source: Path | bytes) -> int:
        self._doom.passes("storing")
        length = super().put(name, source)
        self._doom.passes("storing")
        return length


class MortalEngine(ToyEngine):
    """Steps are of `rendering`, batches of frames of `packaging`."""

    def __init__(self, doom: Doom) -> None:
        super().__init__(step_seconds=0.01, trouble=lambda _step: doom.passes("rendering"))
        self._doom = doom

    def render(self, plan: RenderPlan, media: MediaReader, on_step: OnStep) -> ToyRendering:
        return _MortalRendering(super().render(plan, media, on_step), self._doom)


class _MortalRendering(ToyRendering):
    def __init__(self, rendering: ToyRendering, doom: Doom) -> None:
        self._rendering = rendering
        self._doom = doom

    @property
    def frames(self) -> Iterator[FrameBatch]:
        for batch in self._rendering.frames:
            yield batch
            self._doom.passes("packaging")


def tools(database: Database, folder: Path, name: str, doom: Doom) -> Tools:
    return Tools(
        slot=Slot(name=name, folder=folder / "workers" / name),
        engine=LoadedEngine(MortalEngine(doom)),
        queue=MortalQueue(database, doom),
        shelf=SqlClips(database),
        blobs=MortalBlobs(folder / "blobs", doom),
        presets=load_presets(folder / "presets.toml"),
        settings=WorkerSettings(
            poll_seconds=0.01, lease_seconds=LEASE_SECONDS, heartbeat_seconds=LEASE_SECONDS / 4, drain_seconds=0.1
        ),
    )


def run_worker(url: str, folder: Path, name: str, doom: Doom) -> None:
    """Until it dies."""
    doom.watch_statements()

    async def work() -> None:
        async with open_database(url) as database:
            await Worker(tools=tools(database, folder, name, doom), choose=choose).run(asyncio.Event())

    asyncio.run(work())


def run_service(url: str, folder: Path, seed: int, doom: Doom) -> None:
    """Asks, asks again, cancels and deletes until it dies. What it was told it has, it writes down."""
    doom.watch_statements()

    async def serve() -> None:
        async with open_database(url) as database:
            await _Asker(database, folder, random.Random(seed), doom).run()

    asyncio.run(serve())


class _Asker:
    def __init__(self, database: Database, folder: Path, chance: random.Random, doom: Doom) -> None:
        self._database = database
        self._jobs = SqlJobs(database)
        self._told = folder / "accepted"
        self._wishes = folder / "wishes"
        self._chance = chance
        self._doom = doom

    async def run(self) -> None:
        for _ in range(200):
            act: Callable[[], Any] = self._chance.choice([self._submit, self._submit, self._repeat, self._other])
            await act()
            await asyncio.sleep(self._chance.uniform(0, 0.03))

    async def _submit(self) -> None:
        key = f"{os.getpid()}-{self._chance.getrandbits(48):x}"
        _append(self._wishes, key)
        await self._ask(key)

    async def _repeat(self) -> None:
        """The same click once more, also of an asker who died without an answer."""
        if wishes := _lines(self._wishes):
            await self._ask(self._chance.choice(wishes))

    async def _ask(self, key: str) -> None:
        name = MEMBERS[sum(key.encode()) % len(MEMBERS)]
        identity = Identity(f"playground:{name}")
        member = await SqlAccounts(self._database).member(identity)
        usual = draft(member.id, wanted=recipe(plan(steps=3, num_frames=13), num_frames=12), reply_to="thread")
        asked = replace(
            usual,
            id=JobId(f"clip-{os.urandom(6).hex()}"),
            requester=replace(usual.requester, identity=identity),
            idempotency_key=key,
        )
        try:
            with self._doom.during("admission"):
                job = await self._jobs.admit(asked, LIMITS)
        except (LimitExceeded, RequestRejected):
            return
        _append(self._told, f"{key} {job.id}")

    async def _other(self) -> None:
        told = _lines(self._told)
        if not told:
            return
        job = JobId(self._chance.choice(told[-20:]).split()[1])
        if self._chance.random() < 0.5:
            with self._doom.during("cancel"):
                await self._jobs.request_cancel(job)
            return
        found = await self._jobs.get(job)
        if found is not None and found.status.is_final:
            try:
                with self._doom.during("removal"):
                    await SqlClips(self._database).remove(job)
            except NotFound:
                return


def _lines(file: Path) -> list[str]:
    return file.read_text().split("\n")[:-1] if file.exists() else []


def accepted(folder: Path) -> dict[str, set[str]]:
    """Which jobs were named in answer to each wish."""
    jobs: dict[str, set[str]] = {}
    for line in _lines(folder / "accepted"):
        key, job = line.split()
        jobs.setdefault(key, set()).add(job)
    return jobs


def epitaphs(folder: Path) -> list[str]:
    return _lines(folder / "epitaphs")


async def by_key(database: Database) -> dict[str, list[str]]:
    """Every job of every wish, as the rows have them."""
    async with database.read() as connection:
        rows = await connection.execute(text("SELECT idempotency_key, id FROM jobs"))
        found: dict[str, list[str]] = {}
        for key, job in rows:
            found.setdefault(key, []).append(job)
    return found


# --- A disk that is full: no file of the process may grow


class _QueueOnFullDisk(SqlJobs):
    """The disk is full from the first settlement on, until somebody makes room."""

    def __init__(self, database: Database, noticed: Event) -> None:
        super().__init__(database, 3)
        self._noticed = noticed
        self._is_full = False

    async def settle(self, claim: Claim, outcome: Outcome) -> JobStatus:
        if not self._is_full:
            self._is_full = True
            limit_files(0)
        try:
            return await super().settle(claim, outcome)
        except ServiceUnavailable:
            self._noticed.set()
            raise


def limit_files(size: int, process: int = 0) -> None:
    """To `size` bytes each; RLIM_INFINITY makes room again. Of another process too."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def run_worker_on_full_disk(url: str, folder: Path, noticed: Event) -> None:
    """Until it is killed."""
    for stream in (1, 2):  # pytest keeps what is printed in files, which cannot grow either
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)

    async def work() -> None:
        async with open_database(url) as database:
            usual = tools(database, folder, "w", Doom(stage="", moment=1, epitaphs=folder / "epitaphs"))
            own = replace(usual, queue=_QueueOnFullDisk(database, noticed), settings=WorkerSettings(poll_seconds=0.01))
            await Worker(tools=own, choose=choose).run(asyncio.Event())

    asyncio.run(work())


def run_service_on_full_disk(url: str, noticed: Event) -> None:
    """Asks while the disk is full, and once more, with the same key, when there is room."""

    async def serve() -> None:
        async with open_database(url) as database:
            member = await SqlAccounts(database).member(Identity("cli:local"))
            asked = replace(draft(member.id), idempotency_key="click")
            limit_files(0)
            try:
                await SqlJobs(database).admit(asked, LIMITS)
            except ServiceUnavailable:
                noticed.set()
            limit_files(resource.RLIM_INFINITY)
            await SqlJobs(database).admit(asked, LIMITS)

    asyncio.run(serve())
