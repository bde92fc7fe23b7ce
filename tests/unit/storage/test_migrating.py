"""Every revision, up and down, with rows."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, select, text

from inference.errors import ServiceUnavailable
from storage.books import check_books
from storage.database import Database, open_database
from storage.engines import make_engine
from storage.migrating import MIGRATIONS, migrate
from storage.schema import METADATA
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.unit.storage.conftest import House

CONFIG = Config()
CONFIG.set_main_option("script_location", str(MIGRATIONS))
REVISIONS = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()][::-1]
"""Oldest first."""
PLACED = '{"place": {"platform": "discord", "workspace": "W"}}'
OLD_ROWS = (
    "INSERT INTO members (id, tier_grant, settings, virtual_time, created_at) VALUES ('m', 'plus', '{}', 2.5, 1)",
    "INSERT INTO identities VALUES ('discord:ann', 'm', 1)",
    "INSERT INTO quota_months (member_id, month, used) VALUES ('m', '2026-01', 1)",
    "INSERT INTO timings VALUES ('pocket', 's', 4.5, 2)",
    *(
        "INSERT INTO jobs (id, member_id, requester, reply_to, operation, recipe, preset, tier, weight, device_seconds,"
        " private, clips, month, used_then, limit_then, status, attempt, fence, cancel_requested, delivered, created_at,"
        f" finished_at) VALUES ('{job}', 'm', '{PLACED}', '', '', '', 'pocket', 'plus', 1, 1, false, 1, '2026-01', 1, 50,"
        f" '{status}', 1, 1, false, true, 1, 2)"
        for job, status in (("made", "succeeded"), ("gone", "failed"))
    ),
    *(
        f"INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
        f" VALUES ('{job}', 'm', '2026-01', '{kind}', 1, 1)"
        for job, kind in (("made", "reserve"), ("made", "commit"), ("gone", "reserve"), ("gone", "refund"))
    ),
    "INSERT INTO outbox (job_id, status, created_at) VALUES ('made', 'succeeded', 2), ('gone', 'failed', 2)",
    (
        "INSERT INTO clips VALUES ('made', 'm', 'ann', NULL, 'made', 'x', 'x', '', 1, 1, 1, 1, 25, 12, 7, 'pocket', false, "
        "'discord', '', '', 5, 2, 1, NULL)"
    ),
    "INSERT INTO clip_blobs VALUES ('made', 'video', 'made/1/video.mp4')",
)
"""Of the first revision."""


class Moved:
    """A database that is moved between revisions, and what stands in it."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def to(self, revision: str) -> None:
        await migrate(self.url, revision)

    async def look(self, work: Any) -> Any:
        """Without bringing it to the newest revision."""
        engine = make_engine(self.url)
        try:
            async with engine.execution_options(writes=True).begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    async def execute(self, *statements: str) -> None:
        await self.look(lambda connection: [connection.execute(text(statement)) for statement in statements])


def named(connection: Connection) -> dict[str, set[str]]:
    """The names of all constraints and indexes, by table."""
    inspector = inspect(connection)
    found = {}
    for table in inspector.get_table_names():
        lists = (
            inspector.get_check_constraints(table),
            inspector.get_unique_constraints(table),
            inspector.get_foreign_keys(table),
            inspector.get_indexes(table),
            [inspector.get_pk_constraint(table)],
        )
        found[table] = {str(one["name"]) for some in lists for one in some}
    return found


def columns(connection: Connection) -> dict[str, set[tuple[str, str, bool]]]:
    inspector = inspect(connection)
    return {
        table: {(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }


def rows(connection: Connection) -> dict[str, Counter[tuple[Any, ...]]]:
    """All rows of all tables but Alembic's own; a column is beside its name, whatever the order."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: Counter(
            tuple(sorted((name, value) for name, value in row._mapping.items()))
            for row in connection.execute(select(table))
        )
        for table in metadata.sorted_tables
        if table.name != "alembic_version"
    }


@pytest.fixture
async def old(kind: str, databases: Databases, tmp_path: Path) -> Moved:
    """At the first revision, with rows in each of its tables."""
    moved = Moved(databases.make(kind, tmp_path))
    await moved.to("base")
    await moved.to(REVISIONS[0])
    await moved.execute(*OLD_ROWS)
    return moved


async def test_each_step_up_and_down_keeps_old_rows_and_all_names(old: Moved) -> None:
    before = [(await old.look(named), await old.look(columns), await old.look(rows))]
    for revision in REVISIONS[1:]:
        await old.to(revision)
        before.append((await old.look(named), await old.look(columns), await old.look(rows)))
        assert before[-1][2]["identities"] == before[0][2]["identities"]
    for index in range(len(REVISIONS) - 2, -1, -1):
        await old.to(REVISIONS[index])
        assert (await old.look(named), await old.look(columns), await old.look(rows)) == before[index]
    await old.to("head")
    assert (await old.look(named), await old.look(columns), await old.look(rows)) == before[-1]
    async with open_database(old.url) as database:
        assert await check_books(database) == []


async def test_the_first_revision_goes_too(old: Moved) -> None:
    await old.to("base")
    assert set(await old.look(columns)) == {"alembic_version"}
    await old.to("head")
    assert set(METADATA.tables) <= set(await old.look(columns))


@pytest.fixture
async def lived_in(house: House) -> Database:
    await house.make()
    await house.admit("bob")
    await house.claim()
    await house.jobs.request_cancel((await house.admit("cid", clips=2)).id)
    return house.database


@pytest.mark.parametrize("revision", [REVISIONS[0], REVISIONS[-2]])
async def test_back_to_a_revision_and_up_again_nothing_that_it_knows_is_lost(
    house: House, lived_in: Database, revision: str
) -> None:
    moved = Moved(house.url)
    names = await moved.look(named)
    newest = await moved.look(rows)
    await moved.to(revision)
    held = await moved.look(rows)
    await moved.to("head")
    assert await moved.look(named) == names
    for table, had in held.items():
        after = (await moved.look(rows))[table]
        assert after.total() == had.total() == newest[table].total()
    async with open_database(house.url, Clock()) as database:
        assert await check_books(database) == []


async def test_a_newer_database_is_refused_in_one_sentence(house: House) -> None:
    moved = Moved(house.url)
    await moved.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ServiceUnavailable, match="newer version of threadreel"):
        async with open_database(house.url):
            pass
