"""What on PostgreSQL does not wait for what: rows that somebody holds, and the writer's turn."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from inference.types import JobStatus
from storage.books import check_books
from storage.database import Database, open_database
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.unit.storage.conftest import LEASE, ROOMY, House, oldest

HOLD = text("SELECT id FROM jobs WHERE id = :job FOR UPDATE")
EXTEND = text("UPDATE jobs SET lease_until = lease_until + 100 WHERE id = :job")


@pytest.fixture
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[House]:
    url, clock = databases.make("postgresql", tmp_path), Clock()
    async with open_database(url, clock) as database:
        yield House(database=database, clock=clock, url=url)
        assert await check_books(database) == []


@pytest.fixture
async def other(served: House) -> AsyncIterator[Database]:
    """As another process has it."""
    async with open_database(served.url) as database:
        yield database


async def test_a_claim_passes_over_a_job_that_somebody_holds(served: House, other: Database) -> None:
    held, free = await served.admit("ann"), await served.admit("bob")
    # Not in a writing transaction of ours: an operator's session, or a dump with locks.
    async with other.engine.execution_options(writes=False).begin() as session:
        await session.execute(HOLD, {"job": held.id})
        assert (await served.claim()).job.id == free.id
        assert await served.jobs.claim("w2", oldest, None, LEASE) is None
    assert (await served.claim()).job.id == held.id


async def test_a_heartbeat_does_not_wait_for_the_writers_turn(served: House, other: Database) -> None:
    await served.admit()
    claim = await served.claim()
    async with other.write() as writer:
        await writer.execute(text("SELECT 1"))
        async with asyncio.timeout(20):
            assert await served.jobs.heartbeat(claim, LEASE) is False
    assert (await served.get(claim.job.id)).status is JobStatus.RUNNING


async def test_a_lease_that_is_being_extended_is_not_swept(served: House, other: Database) -> None:
    await served.admit()
    claim = await served.claim()
    served.clock.pass_(LEASE.total_seconds() + 1)
    async with other.engine.execution_options(writes=False).begin() as beating:
        await beating.execute(EXTEND, {"job": claim.job.id})
        async with asyncio.timeout(20):
            assert await served.jobs.sweep() == 0
    assert await served.jobs.sweep() == 0
    assert await served.jobs.heartbeat(claim, LEASE) is False


async def test_the_jobs_of_a_dead_worker_are_waited_for(served: House, other: Database) -> None:
    """Its last heartbeat may still be on its way: that must not cost the job a whole lease."""
    await served.admit()
    claim = await served.claim()
    async with other.engine.execution_options(writes=False).begin() as beating:
        await beating.execute(EXTEND, {"job": claim.job.id})
        releasing = asyncio.create_task(served.jobs.release(claim.worker))
        await asyncio.sleep(0.1)
        assert not releasing.done()
    assert await releasing == 1


async def test_events_of_racing_writers_become_visible_in_their_order(served: House, other: Database) -> None:
    """A cursor that was read is never overtaken by a smaller one: follow while two processes write."""
    racing = House(database=other, clock=served.clock, url=served.url)
    stop = asyncio.Event()
    seen: list[int] = []

    async def follow() -> None:
        async with open_database(served.url, served.clock) as third:
            reader = House(database=third, clock=served.clock, url=served.url)
            while True:
                ended = stop.is_set()
                seen.extend(event.cursor for event in await reader.jobs.events(seen[-1] if seen else 0))
                if ended:
                    return

    following = asyncio.create_task(follow())
    pairs = zip((served, racing), ("ann", "bob"), strict=True)
    await asyncio.gather(*(_lives(house, name) for house, name in pairs))
    stop.set()
    await following
    everything = [event.cursor for event in await served.jobs.events(0, 1000)]
    assert seen == everything
    assert len(everything) == 2 * 15 * 2


async def _lives(house: House, name: str) -> None:
    """Fifteen jobs that are asked for and cancelled."""
    for number in range(15):
        draft = await house.draft(name, id=f"{name}-{number}")
        job = await house.jobs.admit(draft, ROOMY)
        await house.jobs.request_cancel(job.id)
