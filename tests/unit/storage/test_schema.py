from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, Inspector, inspect, text

from storage.database import open_database
from storage.schema import METADATA
from tests.unit.storage.conftest import House, sqlite_only

T = TypeVar("T")
TABLES = METADATA.tables


def differences(connection: Connection) -> list[object]:
    found: list[object] = compare_metadata(MigrationContext.configure(connection), METADATA)
    return found


async def inspected(house: House, look: Callable[[Inspector], T]) -> T:
    async with house.database.read() as connection:
        return await connection.run_sync(lambda sync: look(inspect(sync)))


async def test_migrations_make_what_the_tables_say(house: House) -> None:
    async with house.database.read() as connection:
        assert await connection.run_sync(differences) == []


def names(inspector: Inspector, table: str) -> set[str | None]:
    checks = {found["name"] for found in inspector.get_check_constraints(table)}
    uniques = {found["name"] for found in inspector.get_unique_constraints(table)}
    keys = {found["name"] for found in inspector.get_foreign_keys(table)}
    return checks | uniques | keys | {inspector.get_pk_constraint(table)["name"]}


@sqlite_only
async def test_every_constraint_arrives_and_has_a_name(house: House) -> None:
    found = await inspected(house, lambda inspector: {table: names(inspector, table) for table in TABLES})
    for name, table in TABLES.items():
        wanted = {str(constraint.name) for constraint in table.constraints}
        # SQLite has no room for a name where a key counts by itself.
        counts = table.dialect_options["sqlite"]["autoincrement"]
        assert found[name] == ((wanted - {f"pk_{name}"}) | {None} if counts else wanted)


@sqlite_only
async def test_checks_say_the_same(house: House) -> None:
    def checks(inspector: Inspector) -> set[tuple[str, str | None, str]]:
        return {(table, c["name"], c["sqltext"]) for table in TABLES for c in inspector.get_check_constraints(table)}

    wanted = {
        (name, str(constraint.name), str(constraint.sqltext))
        for name, table in TABLES.items()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert wanted
    assert await inspected(house, checks) == wanted


@sqlite_only
async def test_one_reserve_one_settlement_and_one_giving_back_are_partial_indexes(house: House) -> None:
    def partial(inspector: Inspector) -> dict[str | None, str]:
        indexes = inspector.get_indexes("ledger_entries")
        return {i["name"]: str(i["dialect_options"]["sqlite_where"]) for i in indexes if i["unique"]}

    assert await inspected(house, partial) == {
        "uq_ledger_entries_one_reserve": "kind = 'reserve'",
        "uq_ledger_entries_one_settlement": "kind IN ('commit', 'refund')",
        "uq_ledger_entries_given_back_once": "kind IN ('credit', 'return')",
    }


@sqlite_only
async def test_sqlite_runs_as_promised(house: House) -> None:
    async with house.database.read() as connection:
        settings = [
            await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


async def test_opening_again_changes_nothing(house: House) -> None:
    job = await house.admit()
    async with open_database(house.url) as database, database.read() as connection:
        assert await connection.scalar(text("SELECT id FROM jobs")) == job.id


@sqlite_only
async def test_without_a_clock_of_its_own_it_is_the_databases(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}") as database:
        ours = await database.reading(database.time)
        theirs = await database.reading(lambda connection: connection.scalar(text("SELECT unixepoch('now')")))
    assert theirs - ours <= 1
    assert ours % 1 > 0
