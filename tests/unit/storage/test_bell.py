"""PostgreSQL tells of changes; SQLite does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from inference.errors import QuotaExceeded
from inference.protocols import AdmissionLimits, Bell, Failed, Silence
from inference.types import JobFailure, JobStatus
from storage.bell import MISSED, open_bell
from storage.database import open_database
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.unit.storage.conftest import House


@dataclass
class Ear:
    """What a bell rang, in order."""

    house: House
    bell: Bell
    rings: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def __post_init__(self) -> None:
        self.bell.on_ring(self.rings.put_nowait)


@pytest.fixture
async def ear(databases: Databases, tmp_path: Path) -> AsyncIterator[Ear]:
    """At a bell that listens, beside a house whose changes come over connections of their own."""
    url, clock = databases.make("postgresql", tmp_path), Clock()
    async with open_database(url, clock) as database, open_bell(url) as bell:
        ear = Ear(house=House(database=database, clock=clock, url=url), bell=bell)
        assert await ear.rings.get() == MISSED
        assert bell.is_listening
        yield ear


async def test_each_change_of_a_job_rings_when_it_can_be_read(ear: Ear) -> None:
    job = await ear.house.admit()
    assert await ear.rings.get() == JobStatus.QUEUED
    claim = await ear.house.claim()
    assert await ear.rings.get() == JobStatus.RUNNING
    await ear.house.jobs.settle(claim, Failed(failure=JobFailure(code="render_failed")))
    assert await ear.rings.get() == JobStatus.FAILED
    assert (await ear.house.get(job.id)).status is JobStatus.FAILED


async def test_what_is_rolled_back_rings_nothing(ear: Ear) -> None:
    with pytest.raises(QuotaExceeded):
        await ear.house.admit(limits=AdmissionLimits(clips_per_month=0, max_jobs=9))
    async with ear.house.database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_notify('threadreel_jobs', 'later')"))
        await connection.commit()
    assert await ear.rings.get() == "later"


async def test_a_lost_connection_says_so_and_is_made_again(ear: Ear) -> None:
    async with ear.house.database.engine.connect() as connection:
        listener = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        assert await connection.scalar(listener)
        await connection.commit()
    assert await ear.rings.get() == MISSED, "whoever waits looks once more, for rings may have been lost"
    assert ear.bell.is_listening
    await ear.house.admit()
    assert await ear.rings.get() == JobStatus.QUEUED


async def test_while_the_database_is_gone_nothing_is_promised(databases: Databases, tmp_path: Path) -> None:
    url = databases.make("postgresql", tmp_path)
    databases.drop()
    async with open_bell(url) as bell:
        await asyncio.sleep(0.2)
        assert not bell.is_listening


async def test_sqlite_has_none(tmp_path: Path) -> None:
    async with open_bell(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}") as bell:
        assert isinstance(bell, Silence)
        assert not bell.is_listening
