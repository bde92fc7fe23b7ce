"""The database: one writer at a time, whichever engine it is, and the database's clock for every time.

SQLite runs with WAL and, where books are kept, `synchronous=FULL`; a writing transaction is `BEGIN IMMEDIATE`.
PostgreSQL takes an advisory lock instead. So a writing transaction never sees another one half done, outbox cursors
become visible in their order, and the same reasoning holds on both. Only `Database.alone` goes past that lock.
"""

from __future__ import annotations

import asyncio
import atexit
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Executable, Float, event, literal, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from inference.errors import ServiceUnavailable
from storage.engines import is_silence, make_engine, make_local_engine, unsynced, with_driver
from storage.migrating import migrate

T = TypeVar("T")
LOCAL_THREADS = 4
"""One writes, the others read."""
ONE_STATE = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""What makes all statements of a transaction on PostgreSQL see the same; on SQLite they do."""
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
        self._readers = engine.execution_options(**ONE_STATE) if engine.dialect.name == "postgresql" else engine
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
    except (DBAPIError, OSError) as error:
        if not is_silence(error):
            raise
        raise ServiceUnavailable(detail=str(error.orig if isinstance(error, DBAPIError) else error)) from error


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
    url = with_driver(url)
    with answering():
        await migrate(url)
    engine = make_engine(url)
    try:
        with _local_file(url, power_safe) as local:
            yield Database(engine, local, clock)
    finally:
        await engine.dispose()


def keep_database(url: str, *, power_safe: bool = True) -> Database:
    """The same for as long as the process lives: for a factory that is no coroutine. Waits for the migrations."""
    url = with_driver(url)
    with answering(), ThreadPoolExecutor(1, "migration") as thread:
        thread.submit(asyncio.run, migrate(url)).result()
    return Database(make_engine(url), _kept.enter_context(_local_file(url, power_safe)))


@contextmanager
def _local_file(url: str, power_safe: bool) -> Iterator[LocalFile | None]:
    """None where the database is no SQLite file."""
    if make_url(url).get_backend_name() != "sqlite":
        yield None
        return
    engine = make_local_engine(make_url(url))
    if not power_safe:
        event.listen(engine, "connect", unsynced)
    try:
        with ThreadPoolExecutor(LOCAL_THREADS, "database") as threads:
            yield LocalFile(engine, threads)
    finally:
        engine.dispose()
