"""Moves every row of the SQLite files to an empty PostgreSQL, in one transaction, and looks whether all arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, insert, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.engine import Row as Found
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.backup import NotPossible
from storage.books import broken
from storage.database import Database
from storage.engines import make_local_engine
from storage.schema import METADATA

BATCH = 1000
_DIGITS = 2**64


@dataclass(slots=True)
class Tally:
    """How many rows, and a sum over what stands in them, whatever their order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        said = blake2b(repr(tuple(row)).encode(), digest_size=8).digest()
        self.digest = (self.digest + int.from_bytes(said, "big")) % _DIGITS


async def move(files: Sequence[Path], target: Database) -> Mapping[str, int]:
    """How many rows of each table were moved. The files, at the newest schema already, are only read.

    Raises NotPossible where the target has rows, two files have rows of one table, or not all arrives as it was: then
    the target stays as it is.
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(_reading(file)) for file in files]
        return await target.writing(partial(_move, sources))


def _reading(file: Path) -> Connection:
    """Its first statement begins a transaction, which sees one state to its end."""
    engine = make_local_engine(URL.create("sqlite", database=str(file.absolute())), poolclass=NullPool)
    connection = engine.connect()
    connection.begin()
    return connection


def _move(sources: Sequence[Connection], target: Connection) -> dict[str, int]:
    tables = METADATA.sorted_tables
    _check_ends(sources, target, tables)
    moved: dict[str, int] = {}
    for table in tables:
        source = _source(sources, table)
        if source is None:
            moved[table.name] = 0
            continue
        sent = _copy(source, target, table)
        arrived = _tally(target, table)
        if sent != arrived:
            raise NotPossible(f"Of {table.name} {sent.rows} rows were sent, and {arrived.rows} arrived as they were.")
        moved[table.name] = sent.rows
    for table in tables:
        _go_on_counting(sources, target, table)
    if wrong := broken(target):
        raise NotPossible(f"The books do not balance: {'; '.join(wrong)}.")
    return moved


def _check_ends(sources: Sequence[Connection], target: Connection, tables: Sequence[Table]) -> None:
    """That nothing would be left behind, and nothing mixed with what is there."""
    for source in sources:
        if unknown := set(inspect(source).get_table_names()) - set(METADATA.tables) - {"alembic_version"}:
            raise NotPossible(f"There are tables that would not be moved: {', '.join(sorted(unknown))}.")
    if target.dialect.name != "postgresql":
        raise NotPossible("Rows are moved to PostgreSQL only: name it as postgresql://USER:PASSWORD@HOST/DATABASE.")
    for table in tables:
        if _has_rows(target, table):
            raise NotPossible(f"The database there has rows already, in {table.name}: name an empty one.")


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is not None


def _source(sources: Sequence[Connection], table: Table) -> Connection | None:
    """The file that has rows of the table: each has all tables, and uses its own ones."""
    having = [source for source in sources if _has_rows(source, table)]
    if len(having) > 1:
        raise NotPossible(f"Both databases have rows of {table.name}: there is no telling which of them count.")
    return next(iter(having), None)


def _copy(source: Connection, target: Connection, table: Table) -> Tally:
    tally = Tally()
    for rows in _batches(source, table):
        for row in rows:
            tally.add(row)
        try:
            target.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001  # SQLAlchemy's own way
        except DBAPIError as error:
            raise NotPossible(f"PostgreSQL does not take a row of {table.name}: {error.orig}") from error
    return tally


def _tally(connection: Connection, table: Table) -> Tally:
    tally = Tally()
    for rows in _batches(connection, table):
        for row in rows:
            tally.add(row)
    return tally


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Found[Any]]]:
    return connection.execute(select(table).execution_options(yield_per=BATCH)).partitions(BATCH)


def _go_on_counting(sources: Sequence[Connection], target: Connection, table: Table) -> None:
    """A number that was given out is not given out again, also where its row is gone."""
    key = table.autoincrement_column
    if key is None or not isinstance(key.type, Integer) or not _is_counted(target, table, key.name):
        return
    last = target.scalar(select(func.max(key))) or 0
    if table.dialect_options["sqlite"]["autoincrement"]:
        given = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = :name")
        last = max(last, *(source.scalar(given, {"name": table.name}) for source in sources))
    if last:
        counter = func.pg_get_serial_sequence(table.name, key.name)
        target.execute(select(func.setval(counter, last)))


def _is_counted(target: Connection, table: Table, column: str) -> bool:
    return target.scalar(select(func.pg_get_serial_sequence(table.name, column))) is not None
