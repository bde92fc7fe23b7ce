from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from inference.protocols import AdmissionLimits, Candidate, Claim, JobDraft, Succeeded
from inference.types import (
    Clip,
    Generate,
    Identity,
    Job,
    JobId,
    MemberId,
    Place,
    Recipe,
    RenderPlan,
    Requester,
    Size,
    UsageQuery,
)
from storage import ledger
from storage.accounts import SqlAccounts
from storage.books import check_books
from storage.clips import SqlClips
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from storage.ledger import Month
from storage.operations import SqlOperations
from tests.support.clock import Clock
from tests.support.databases import all_databases, databases, pytest_generate_tests, sqlite_only, url

__all__ = ["all_databases", "databases", "pytest_generate_tests", "sqlite_only", "url"]

LEASE = timedelta(seconds=30)
ROOMY = AdmissionLimits(clips_per_month=1000, max_jobs=1000)
PLACE = Place(platform="discord", workspace="W", channel="C")


def oldest(candidates: Sequence[Candidate], loaded_preset: str | None) -> JobId | None:
    return min(candidates, key=lambda candidate: (candidate.queued_at, candidate.job)).job


def recipe(prompt: str = "a red ball", **changes: Any) -> Recipe:
    plan = RenderPlan(
        preset="pocket",
        prompt=prompt,
        size=Size(width=224, height=128),
        num_frames=25,
        fps=12,
        steps=8,
        guidance=1.0,
        seed=7,
    )
    values: dict[str, Any] = {
        "preset": "pocket",
        "pieces": (plan,),
        "size": Size(width=854, height=480),
        "fps": 12,
        "num_frames": 25,
        "watermark": True,
        "seed": 7,
        "prompt": prompt,
    }
    return Recipe(**values | changes)


@dataclass
class House:
    """All of storage on one database, and short ways to use it."""

    database: Database
    clock: Clock
    url: str
    ids: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.jobs = SqlJobs(self.database, max_attempts=3)
        self.accounts = SqlAccounts(self.database)
        self.clips = SqlClips(self.database)
        self.operations = SqlOperations(self.database)

    async def member(self, name: str = "ann") -> MemberId:
        return (await self.accounts.member(Identity(f"discord:{name}"))).id

    async def draft(self, name: str = "ann", **changes: Any) -> JobDraft:
        identity = Identity(f"discord:{name}")
        values: dict[str, Any] = {
            "id": JobId(f"job{next(self.ids)}"),
            "member": await self.member(name),
            "requester": Requester(identity=identity, display_name=name, place=PLACE),
            "reply_to": "thread",
            "operation": Generate(prompt="a red ball"),
            "recipe": recipe(),
            "tier": "free",
            "weight": 1.0,
            "idempotency_key": None,
            "clips": 1,
            "device_seconds": 10.0,
            "private": False,
        }
        return JobDraft(**values | changes)

    async def admit(self, name: str = "ann", limits: AdmissionLimits = ROOMY, **changes: Any) -> Job:
        self.clock.pass_(0.001)  # jobs have an order
        return await self.jobs.admit(await self.draft(name, **changes), limits)

    async def claim(self, worker: str = "w1") -> Claim:
        claim = await self.jobs.claim(worker, oldest, None, LEASE)
        assert claim is not None
        return claim

    async def get(self, job: JobId) -> Job:
        found = await self.jobs.get(job)
        assert found is not None
        return found

    async def used(self, name: str = "ann") -> int:
        return (await self.accounts.month(await self.member(name))).used

    async def clips_in(self, month: str) -> int:
        """What all together used."""
        report = await self.operations.usage(UsageQuery(month=month))
        return sum(row.clips for row in report.rows)

    async def spent(self, member: MemberId) -> list[JobId]:
        """What a month that begins anew would give back now."""
        month = Month.at(self.clock.seconds)
        jobs = await self.database.reading(lambda connection: ledger.spent_jobs(connection, member, month))
        return [JobId(job) for job in jobs]

    def success(self, claim: Claim, *, device_seconds: float = 4.0, **changes: Any) -> Succeeded:
        job = claim.job
        values: dict[str, Any] = {
            "id": job.id,
            "member": job.member,
            "author": job.requester.display_name,
            "parent": None,
            "root": job.id,
            "text": "a red ball",
            "recipe": job.recipe,
            "size": job.recipe.size,
            "native_size": job.recipe.native_size,
            "num_frames": 25,
            "fps": 12,
            "seed": 2**62,
            "preset": "pocket",
            "private": False,
            "place": PLACE,
            "video_bytes": 2**40,
            "created_at": datetime.fromtimestamp(self.clock.seconds, UTC),
            "seconds_taken": 5.0,
        }
        blobs = {name: f"{job.id}/{claim.fence}/{file}" for name, file in RENDITIONS.items()}
        return Succeeded(
            clip=Clip(**values | changes), blobs=blobs, device_seconds=device_seconds, shape_key="224x128x25"
        )

    async def make(self, name: str = "ann", draft: dict[str, Any] | None = None, **changes: Any) -> Clip:
        """A finished clip."""
        await self.admit(name, **draft or {})
        claim = await self.claim()
        await self.jobs.settle(claim, self.success(claim, **changes))
        clip = (await self.get(claim.job.id)).clip
        assert clip is not None
        return clip


RENDITIONS = {"video": "video.mp4", "thumbnail": "poster.webp"}


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    """After every test the books must balance."""
    clock = Clock()
    async with open_database(url, clock) as database:
        yield House(database=database, clock=clock, url=url)
        assert await check_books(database) == []
