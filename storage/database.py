"""The database: one writer at a time, whichever engine it is, and the database's clock for every time.

SQLite runs with WAL and, where books are kept, `synchronous=FULL`; a writing transaction is `BEGIN IMMEDIATE`.
PostgreSQL takes an advisory lock instead. So a writing transaction never sees another one half done, outbox cursors
become visible in their order, and the same reasoning holds on both. Only `Database.alone` goes past that lock.
"""

from __future__ import annotations

import asyncio
import atexit
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from filelock import AsyncFileLock
from sqlalchemy import ColumnElement, Connection, Engine, Executable, Float, create_engine, event, literal, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.functions import FunctionElement

from inference.errors import ServiceUnavailable

T = TypeVar("T")
BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's before it gives up."""
RETRY_SECONDS = 0.002
"""How often it asks meanwhile."""
WRITER_LOCK = 0x7472_656C
"""PostgreSQL's advisory lock that stands for SQLite's single writer."""
LOCAL_THREADS = 4
"""One writes, the others read."""
_SQLITE = {"timeout": BUSY_SECONDS, "isolation_level": None}
"""Arguments of the driver; the level None says that it begins nothing by itself, for `_begin` does."""
MIGRATIONS = Path(__file__).with_name("migrations")
_kept = ExitStack()
atexit.register(_kept.close)


class epoch(FunctionElement[float]):  # noqa: N801  # reads as an SQL function
    """Seconds since 1970 by the database's clock, fractions included.

    A function to SQLAlchemy too, for it compiles a statement with any other element of ours anew each time.
    """

    type = Float()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_sqlite(_element: epoch, _compiler: object, **_: object) -> str:
    # Not unixepoch('subsec'): SQLite has that since 3.42 only, and distributions still carry 3.40.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(_element: epoch, _compiler: object, **_: object) -> str:
    return "extract(epoch from clock_timestamp())::float8"


class LocalFile:
    """Whole transactions on a SQLite file, each in one step of a thread.

    Through the async driver every statement changes threads some four times; on a machine whose cores are all
    rendering, each change waits for its turn, and an admission makes about twenty.
    """

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads

    async def transact(self, work: Callable[[Connection], T], *, writes: bool = False, synced: bool = False) -> T:
        engine = self._engine.execution_options(writes=writes)

        def step() -> T:
            with engine.connect() as connection, _synced(connection) if synced else nullcontext(), connection.begin():
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, step)


class Database:
    """Transactions on one database, for one event loop."""

    def __init__(self, engine: AsyncEngine, local: LocalFile | None, clock: Callable[[], float] | None = None) -> None:
        """`local` is the same SQLite file; `clock` replaces the database's own, for trying a turn of the month."""
        self._readers = engine
        self._writers = engine.execution_options(writes=True)
        self._singles = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._local = local
        self._clock = clock
        # Tasks of this process wait here in their order; SQLite's own wait sleeps and is not fair.
        self._turn = asyncio.Lock()

    @property
    def engine(self) -> AsyncEngine:
        """For libraries that keep tables of their own here. Each of their transactions may write."""
        return self._writers

    def now(self) -> ColumnElement[float]:
        """The time, as an expression for statements."""
        return epoch() if self._clock is None else literal(self._clock(), Float())

    def time(self, connection: Connection) -> float:
        """The time, read now."""
        return connection.execute(select(self.now())).scalar_one()

    async def reading(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds in a transaction that sees one state of the database and holds nobody up."""
        if self._local is None:
            async with self.read() as connection:
                return await connection.run_sync(work)
        with answering():
            return await self._local.transact(work)

    async def writing(self, work: Callable[[Connection], T], *, synced: bool = False) -> T:
        """What `work` returns from a writing transaction: committed at its end, rolled back by its exception.

        With `synced` it waits for the disk, together with all that was committed before, also where the database was
        opened without `power_safe`. Once begun, it goes on to its end even where the caller is cancelled meanwhile.
        """
        if self._local is None:
            async with self.write() as connection:
                return await connection.run_sync(work)
        async with self._turn:
            with answering():
                return await self._local.transact(work, writes=True, synced=synced)

    async def alone(self, statement: Executable) -> Any:
        """Execute one writing statement by itself; the first value that it returns.

        Only for an UPDATE of a single row that tells no event and is right whoever writes meanwhile: on PostgreSQL it
        waits for that row, and not for the writer's turn.
        """
        if self._readers.dialect.name == "sqlite":
            return await self.writing(lambda connection: connection.scalar(statement))
        with answering():
            async with self._singles.connect() as connection:
                return await connection.scalar(statement)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and holds nobody up."""
        with answering():
            async with self._readers.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """The only writing transaction there is; committed at the end, rolled back by an exception."""
        with answering():
            async with self._turn, self._writers.begin() as connection:
                yield connection


@contextmanager
def _synced(connection: Connection) -> Iterator[None]:
    """SQLite syncs the whole log with the commit of the transaction inside. The setting is the connection's own."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    (usual,) = driver.execute("PRAGMA synchronous").fetchone()
    driver.execute("PRAGMA synchronous=FULL").close()
    try:
        yield
    finally:
        driver.execute(f"PRAGMA synchronous={usual}").close()


@contextmanager
def answering() -> Iterator[None]:
    """Raises ServiceUnavailable where the database does not answer: gone, locked too long, disk full."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise ServiceUnavailable(detail=str(error.orig)) from error


def affected(connection: Connection, statement: Executable) -> int:
    """Execute an UPDATE or DELETE; how many rows it touched."""
    return connection.execute(statement).rowcount


@asynccontextmanager
async def open_database(
    url: str, clock: Callable[[], float] | None = None, *, power_safe: bool = True
) -> AsyncIterator[Database]:
    """Bring the database of `url` to the newest schema, and open it.

    With `power_safe` a SQLite file keeps every commit over a power cut. Without, it may lose the last ones then (not
    when a process dies), and no commit waits for the disk.

    Any number of processes may open it at once: the first migrates, the others wait.
    """
    await _migrate(url)
    engine = _engine(url)
    try:
        with _local_file(url, power_safe) as local:
            yield Database(engine, local, clock)
    finally:
        await engine.dispose()


def keep_database(url: str, *, power_safe: bool = True) -> Database:
    """The same for as long as the process lives: for a factory that is no coroutine. Waits for the migrations."""
    with ThreadPoolExecutor(1, "migration") as thread:
        thread.submit(asyncio.run, _migrate(url)).result()
    return Database(_engine(url), _kept.enter_context(_local_file(url, power_safe)))


@contextmanager
def _local_file(url: str, power_safe: bool) -> Iterator[LocalFile | None]:
    """None where the database is no SQLite file."""
    if make_url(url).get_backend_name() != "sqlite":
        yield None
        return
    engine = create_engine(make_url(url).set(drivername="sqlite"), connect_args=_SQLITE)
    _prepare(engine)
    if not power_safe:
        event.listen(engine, "connect", _sqlite_unsynced)
    try:
        with ThreadPoolExecutor(LOCAL_THREADS, "database") as threads:
            yield LocalFile(engine, threads)
    finally:
        engine.dispose()


def _engine(url: str, **options: Any) -> AsyncEngine:
    """An engine whose transactions begin as this module promises."""
    arguments = _SQLITE if make_url(url).get_backend_name() == "sqlite" else {}
    engine = create_async_engine(url, connect_args=arguments, **options)
    _prepare(engine.sync_engine)
    return engine


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _begin)


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_unsynced(connection: Any, _record: object) -> None:
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


async def _migrate(url: str) -> None:
    file = make_url(url).database or ""
    if make_url(url).get_backend_name() == "sqlite":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        # Turning to WAL fails at once where two do it together, so that is done under a lock of its own.
        async with AsyncFileLock(f"{file}.lock"):
            await _upgrade(url)
    else:
        await _upgrade(url)


async def _upgrade(url: str) -> None:
    engine = _engine(url, poolclass=NullPool)
    try:
        if engine.dialect.name == "sqlite":
            async with engine.connect() as connection:
                raw = await connection.get_raw_connection()
                # Closed at once: an open cursor keeps the file locked, and who still holds it is a matter of chance.
                cursor = await raw.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
                await cursor.close()
        async with engine.execution_options(writes=True).begin() as connection:
            await connection.run_sync(_run_alembic)
    finally:
        await engine.dispose()


def _run_alembic(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
