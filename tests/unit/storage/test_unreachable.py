from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from inference.errors import ServiceUnavailable
from storage.database import open_database
from storage.jobs import SqlJobs
from tests.support.databases import Databases
from tests.unit.storage.conftest import House


async def test_a_database_that_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    async with open_database(f"sqlite+aiosqlite:///{file}") as database:
        connection = sqlite3.connect(file)
        connection.execute("ALTER TABLE jobs RENAME TO elsewhere")
        connection.close()
        jobs = SqlJobs(database)
        with pytest.raises(ServiceUnavailable):
            await jobs.sweep()
        with pytest.raises(ServiceUnavailable):
            await jobs.release("worker")


async def test_connections_that_the_server_ends_are_made_again(databases: Databases, tmp_path: Path) -> None:
    url = databases.make("postgresql", tmp_path)
    async with open_database(url) as database, open_database(url) as other:
        jobs = SqlJobs(database)
        assert await jobs.sweep() == 0
        async with other.write() as connection:
            ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            mine = "datname = current_database() AND pid <> pg_backend_pid()"
            assert await connection.scalar(text(f"{ours} WHERE {mine}"))
        with pytest.raises(ServiceUnavailable):
            await jobs.last_cursor()
        assert await jobs.last_cursor() == 0


async def test_a_database_that_is_gone_is_told_by_every_verb(databases: Databases, tmp_path: Path) -> None:
    url = databases.make("postgresql", tmp_path)
    async with open_database(url) as database:
        jobs = SqlJobs(database)
        assert await jobs.last_cursor() == 0
        databases.drop()
        for _ in range(2):  # the connection breaks, and no other can be made
            for ask in (jobs.last_cursor, jobs.sweep, jobs.counts):
                with pytest.raises(ServiceUnavailable):
                    await ask()
            with pytest.raises(ServiceUnavailable):
                await jobs.release("worker")


@pytest.mark.parametrize("port", [9, None])
async def test_where_no_server_is_nothing_opens(databases: Databases, tmp_path: Path, port: int | None) -> None:
    there = make_url(databases.make("postgresql", tmp_path))
    url = there.set(database="nothing") if port is None else make_url(f"postgresql://nobody@127.0.0.1:{port}/nothing")
    with pytest.raises(ServiceUnavailable):
        async with open_database(url.render_as_string(hide_password=False)):
            pass


async def test_what_the_database_refuses_is_no_silence(house: House) -> None:
    with pytest.raises(DBAPIError):
        async with house.database.write() as connection:
            await connection.execute(text("INSERT INTO members (id) VALUES (NULL)"))


async def test_a_reading_transaction_sees_one_state(house: House) -> None:
    await house.admit()
    count = text("SELECT count(*) FROM jobs")
    async with house.database.read() as connection:
        assert await connection.scalar(count) == 1
        await house.admit()
        assert await connection.scalar(count) == 1
    async with house.database.read() as connection:
        assert await connection.scalar(count) == 2
