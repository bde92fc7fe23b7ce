"""Brings a database to a revision of the schema: all that it takes in one transaction, whoever else wants to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import AsyncFileLock
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from inference.errors import ServiceUnavailable
from storage.engines import make_engine

MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = "head"


async def migrate(url: str, revision: str = NEWEST) -> None:
    """To the newest revision, or back to an older one, which takes what that one cannot hold."""
    file = make_url(url).database or ""
    if make_url(url).get_backend_name() == "sqlite":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        # Turning to WAL fails at once where two do it together, so that is done under a lock of its own.
        async with AsyncFileLock(f"{file}.lock"):
            await _migrate(url, revision)
    else:
        await _migrate(url, revision)


async def _migrate(url: str, revision: str) -> None:
    engine = make_engine(url, poolclass=NullPool)
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _unlinked)
            async with engine.connect() as connection:
                raw = await connection.get_raw_connection()
                # Closed at once: an open cursor keeps the file locked, and who still holds it is a matter of chance.
                cursor = await raw.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
                await cursor.close()
        async with engine.execution_options(writes=True).begin() as connection:
            await connection.run_sync(partial(_run_alembic, revision))
    finally:
        await engine.dispose()


def _unlinked(connection: Any, _record: object) -> None:
    """SQLite changes a table by making it anew, and would not drop the old one while rows refer to it."""
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _run_alembic(revision: str, connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    context = MigrationContext.configure(connection)
    before = context.get_current_revision()
    known = ScriptDirectory.from_config(config)
    if before is not None and before not in {script.revision for script in known.walk_revisions()}:
        raise ServiceUnavailable(detail=f"The database is of a newer version of threadreel: its revision is {before}.")
    if revision == NEWEST or before is None:
        command.upgrade(config, revision)
    else:
        is_older = any(script.revision == revision for script in known.iterate_revisions(before, "base"))
        (command.downgrade if is_older or revision == "base" else command.upgrade)(config, revision)
    if connection.dialect.name == "sqlite" and context.get_current_revision() != before:
        _require_linked(connection)


def _require_linked(connection: Connection) -> None:
    """What SQLite did not look at meanwhile."""
    loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if loose is not None:
        raise ServiceUnavailable(detail=f"A migration would leave rows of {loose[0]} without those they refer to.")
