"""Engines whose transactions begin as `storage.database` promises, on either kind of database.

All engines are made here: no error that reaches a log says what members wrote, for each hides its parameters.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from inference.errors import ServiceUnavailable

BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's before it gives up."""
RETRY_SECONDS = 0.002
"""How often it asks meanwhile."""
WRITER_LOCK = 0x7472_656C
"""PostgreSQL's advisory lock that stands for SQLite's single writer."""
SQLITE = {"timeout": BUSY_SECONDS, "isolation_level": None}
"""Arguments of the driver; the level None says that it begins nothing by itself, for `_begin` does."""
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
"""For URLs that name none."""

SILENT_STATES = frozenset({"08", "28", "3D", "53", "57"})
"""PostgreSQL's, by class: no connection, not let in, no such database, no room, stopping or not begun."""


def is_silence(error: DBAPIError | OSError) -> bool:
    """Whether it means that the database did not answer, rather than that it refused what it was asked."""
    if isinstance(error, (OperationalError, InterfaceError, OSError)):
        return True
    return error.connection_invalidated or str(getattr(error.orig, "sqlstate", None))[:2] in SILENT_STATES


def with_driver(url: str) -> str:
    """`postgresql://…` as people write it, with the driver that is used here."""
    named = make_url(url)
    driver = DRIVERS.get(named.drivername, named.drivername)
    return named.set(drivername=driver).render_as_string(hide_password=False)


def make_engine(url: str, **options: Any) -> AsyncEngine:
    """An engine whose transactions begin as `storage.database` promises."""
    arguments = SQLITE if make_url(url).get_backend_name() == "sqlite" else {}
    try:
        engine = create_async_engine(url, connect_args=arguments, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        raise ServiceUnavailable(detail=f"{error.name} is missing: pip install 'threadreel[postgres]'.") from error
    prepare(engine.sync_engine)
    return engine


def make_local_engine(url: URL, **options: Any) -> Engine:
    """The same for a SQLite file, without the async driver."""
    sync = url.set(drivername="sqlite")
    engine = create_engine(sync, connect_args=SQLITE, hide_parameters=True, **options)
    prepare(engine)
    return engine


def prepare(engine: Engine) -> None:
    """The same for an engine made already."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _begin)


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def unsynced(connection: Any, _record: object) -> None:
    """A listener for engines whose commits need not wait for the disk."""
    connection.execute("PRAGMA synchronous=NORMAL").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    if connection.dialect.name == "sqlite":
        _begin_sqlite(connection, writes)
    elif writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


def _begin_sqlite(connection: Connection, writes: bool) -> None:
    if not writes:
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own wait sleeps longer each time, up to 100 ms, so that whoever waited longest is served last.
    last = time.monotonic() + BUSY_SECONDS
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError:
                if time.monotonic() >= last:
                    raise
                time.sleep(RETRY_SECONDS)
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
