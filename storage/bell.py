"""PostgreSQL tells of each change of a job by NOTIFY; a connection of its own listens, for a worker or the event feed.

SQLite tells nobody of other processes' changes: there, and while the connection is lost, who waits looks often.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool

from inference.protocols import Bell, Silence
from storage.engines import make_engine, with_driver

CHANNEL = "threadreel_jobs"
MISSED = ""
RETRY_SECONDS = 1.0
"""Pause before a lost connection is made again."""
PROBE_SECONDS = 20.0
"""How often the connection is tried: one that broke without a word hears nothing, and says nothing."""

_log = structlog.get_logger(__name__)


class PostgresBell:
    """Implements Bell. A notification comes with the commit, so who then looks finds the change."""

    def __init__(self) -> None:
        self._acts: list[Callable[[str], None]] = []
        self._listening = False
        self._lost = asyncio.Event()

    @property
    def is_listening(self) -> bool:
        return self._listening

    def on_ring(self, act: Callable[[str], None]) -> None:
        self._acts.append(act)

    def _ring(self, status: str) -> None:
        for act in self._acts:
            act(status)

    async def run(self, engine: AsyncEngine) -> None:
        """Until cancelled; a connection that ends is made again."""
        while True:
            try:
                async with engine.connect() as connection:
                    await self._listen(connection)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("not listening for changes", error=str(error), retry_seconds=RETRY_SECONDS)
            finally:
                self._listening = False
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, connection: AsyncConnection) -> None:
        """Until the connection is lost."""
        self._lost.clear()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.add_termination_listener(lambda _: self._lost.set())
        await driver.add_listener(CHANNEL, lambda _connection, _pid, _channel, status: self._ring(status))
        self._listening = True
        self._ring(MISSED)
        while not self._lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_SECONDS):
                    await self._lost.wait()
            if not self._lost.is_set():
                async with asyncio.timeout(PROBE_SECONDS):
                    await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_bell(url: str) -> AsyncIterator[Bell]:
    """The bell of the database of `url`."""
    if make_url(url).get_backend_name() != "postgresql":
        yield Silence()
        return
    bell = PostgresBell()
    engine = make_engine(with_driver(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    listening = asyncio.create_task(bell.run(engine), name="bell")
    try:
        yield bell
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await engine.dispose()
