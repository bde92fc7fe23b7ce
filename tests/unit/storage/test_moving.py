from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from inference.types import JobStatus
from storage.backup import NotPossible
from storage.books import check_books
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from storage.moving import move
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.unit.storage.conftest import House, sqlite_only

pytestmark = sqlite_only


@pytest.fixture
async def target(house: House, databases: Databases, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty PostgreSQL, on the clock of the house."""
    async with open_database(databases.make("postgresql", tmp_path), house.clock) as database:
        yield database


@pytest.fixture
async def files(house: House, tmp_path: Path) -> list[Path]:
    """Books with jobs at every stage, and conversations."""
    await house.make("ann")
    await house.make("ann", private=True)
    await house.admit("ann")
    await house.claim()
    for cancelled in [await house.admit("bob"), await house.admit("bob", clips=3)]:
        await house.jobs.request_cancel(cancelled.id)
    await house.admit("bob", idempotency_key="once")
    async with (
        open_database(f"sqlite:///{tmp_path / 'conversations.db'}") as conversations,
        conversations.write() as db,
    ):
        await db.execute(text("INSERT INTO heard_kinds VALUES ('discord', 'message', 1.1)"))
        await db.execute(
            text(
                "INSERT INTO playground_messages (id, channel, thread, author, body, created_at)"
                " VALUES (7, 'reels', '', 'plus', '{\"text\": \"赤い球 🎈\"}', 2.5)"
            )
        )
        await db.execute(text("DELETE FROM playground_messages"))  # its number is not given out again all the same
    return [tmp_path / "threadreel.db", tmp_path / "conversations.db"]


async def test_everything_arrives_and_goes_on_there(house: House, files: list[Path], target: Database) -> None:
    moved = await move(files, target)
    assert {name: rows for name, rows in moved.items() if rows} == {
        "members": 2, "identities": 2, "quota_months": 2, "jobs": 6, "ledger_entries": 10, "outbox": 13, "clips": 2,
        "clip_blobs": 4, "timings": 1, "heard_kinds": 1,
    }  # fmt: skip
    assert await check_books(target) == []
    there = SqlJobs(target)
    events = await house.jobs.events(0)
    assert await there.events(0) == events
    assert await there.running() == await house.jobs.running()

    # The books go on: the running job ends, the queued one begins, and cursors go on where they were.
    moved_house = House(database=target, clock=house.clock, url=house.url, ids=house.ids)
    running = (await there.running())[0]
    assert await there.release("w1") == 1
    for _ in range(2):
        claim = await moved_house.claim()
        await there.settle(claim, moved_house.success(claim))
    assert (await moved_house.get(running.id)).status is JobStatus.SUCCEEDED
    await moved_house.admit("ann")
    later = [event.cursor for event in await there.events(events[-1].cursor)]
    assert later[0] == events[-1].cursor + 1
    assert later == sorted(set(later))
    async with target.write() as db:
        row = "INSERT INTO playground_messages (channel, thread, author, body, created_at) VALUES ('c', '', 'a', '', 1)"
        assert await db.scalar(text(f"{row} RETURNING id")) == 8
    assert await check_books(target) == []


async def test_what_is_moved_twice_is_refused(files: list[Path], target: Database) -> None:
    await move(files, target)
    with pytest.raises(NotPossible, match="has rows already"):
        await move(files, target)


async def test_books_that_err_are_not_moved_and_nothing_stays(
    house: House, files: list[Path], target: Database
) -> None:
    async with house.database.write() as connection:
        await connection.execute(text("UPDATE quota_months SET used = used + 1"))
    with pytest.raises(NotPossible, match="do not balance"):
        await move(files, target)
    async with house.database.write() as connection:
        await connection.execute(text("UPDATE quota_months SET used = used - 1"))
    assert (await move(files, target))["jobs"] == 6


async def test_two_files_with_rows_of_one_table_are_refused(
    files: list[Path], target: Database, tmp_path: Path
) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'conversations.db'}") as other:
        await House(database=other, clock=Clock(), url="").member("eve")
    with pytest.raises(NotPossible, match="Both databases have rows of members"):
        await move(files, target)


async def test_rows_go_to_postgresql_only(files: list[Path], tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'other.db'}") as other:
        with pytest.raises(NotPossible, match="PostgreSQL only"):
            await move(files, other)


async def test_what_postgresql_cannot_hold_leaves_it_empty(house: House, files: list[Path], target: Database) -> None:
    async with house.database.write() as connection:
        await connection.execute(text("UPDATE clips SET text = 'a' || char(0)"))
    with pytest.raises(NotPossible, match="clips"):
        await move(files, target)
    assert await SqlJobs(target).events(0) == []
