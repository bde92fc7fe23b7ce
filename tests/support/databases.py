"""Databases for tests: SQLite files, and databases of a real PostgreSQL that lives as long as the run.

A test that asks for `url` runs on both; one marked `sqlite_only` looks at SQLite's own ways. A `conftest.py` gets them by
importing `databases`, `url` and `pytest_generate_tests`. New databases are copies of one at the newest revision, for
migrating is most of what opening a new one takes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from filelock import FileLock
from sqlalchemy import make_url

from storage.database import open_database

KINDS = ("sqlite", "postgresql")
TEMPLATE = "threadreel_template"
sqlite_only = pytest.mark.sqlite_only
_LIMITS = ("max_connections = 400", "shared_buffers = 64MB", "fsync = off", "unix_socket_permissions = 0777")


@dataclass(frozen=True, slots=True)
class Server:
    """PostgreSQL, started by whichever process of the run needs it first and stopped by the last one."""

    #: Of the whole run; made when it is needed, and gone with the server.
    base: Path
    _handles: list[Any] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.base / "data"

    @property
    def lock(self) -> FileLock:
        self.base.mkdir(exist_ok=True)
        return FileLock(self.base / "lock")

    def start(self) -> str:
        """Its URL with the driver asyncpg; the template is there afterwards."""
        with self.lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of where it finds room for its socket
            import pgserver  # noqa: PLC0415  # it makes folders and warns as it is imported

            handle = _started(pgserver, self.folder)
            self._handles.append(handle)
            url = make_url(handle.get_uri()).set(drivername="postgresql+asyncpg")
            if TEMPLATE not in handle.psql("SELECT datname FROM pg_database"):
                handle.psql(f"CREATE DATABASE {TEMPLATE}")
                _migrate(url.set(database=TEMPLATE).render_as_string(hide_password=False))
        return url.render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        self._handles[-1].psql(statement)

    def stop(self) -> None:
        if not self._handles:
            return
        with self.lock:
            for handle in self._handles:
                handle.cleanup()
            if not (self.folder / "postmaster.pid").exists():  # nobody else of the run uses it
                shutil.rmtree(self.base)


def _started(pgserver: Any, folder: Path) -> Any:
    """A machine whose cores are all busy may need longer than pgserver waits."""
    fresh = not (folder / "PG_VERSION").exists()
    for _ in range(5):
        try:
            server = pgserver.get_server(folder, cleanup_mode="stop")
            break
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            continue
    else:
        raise RuntimeError(f"PostgreSQL does not start: {(folder / 'log').read_text()}")
    if fresh:
        # Read at a start: so many connections at once are made by tests that run beside one another.
        with (folder / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{limit}\n" for limit in _LIMITS)
        server.cleanup()
        return _started(pgserver, folder)
    return server


def _migrate(url: str) -> None:
    async def migrate() -> None:
        async with open_database(url):
            pass

    with ThreadPoolExecutor(1) as thread:  # where a fixture asks, a loop may run already
        thread.submit(asyncio.run, migrate()).result()


class Databases:
    """New databases at the newest revision."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._template = folder / "template.db"
        self.server = server
        self._server_url = ""
        self._made: list[str] = []

    def make(self, kind: str, folder: Path) -> str:
        """The URL of a new one; `folder` is where a SQLite file goes, as `threadreel.db`."""
        return self._file(folder) if kind == "sqlite" else self._database()

    def drop(self) -> None:
        """The databases that the test made on the server."""
        while self._made:
            self.server.execute(f"DROP DATABASE {self._made.pop()} WITH (FORCE)")

    def _file(self, folder: Path) -> str:
        if not self._template.exists():
            _migrate(f"sqlite+aiosqlite:///{self._template}")
        return f"sqlite+aiosqlite:///{shutil.copy(self._template, folder / 'threadreel.db')}"

    def _database(self) -> str:
        self._server_url = self._server_url or self.server.start()
        name = f"test_{uuid4().hex}"
        with self.server.lock:  # a template cannot be copied twice at once
            self.server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        self._made.append(name)
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whoever asks for a database by its kind runs on each kind."""
    named = any("kind" in str(mark.args[:1]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "kind" in metafunc.fixturenames and not named:  # a test may have kinds of its own
        one = any(mark.name == "sqlite_only" for mark in metafunc.definition.iter_markers())
        metafunc.parametrize("kind", KINDS[:1] if one else KINDS, scope="function")


@pytest.fixture(scope="session")
def all_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)[:12]
    # Short: the path of a socket has 107 characters at most.
    server = Server(Path(tempfile.gettempdir()) / f"threadreel-pg-{run}")
    yield Databases(tmp_path_factory.mktemp("databases"), server)
    server.stop()


@pytest.fixture
def databases(all_databases: Databases) -> Iterator[Databases]:
    """To make some; those on the server are dropped after the test."""
    yield all_databases
    all_databases.drop()


@pytest.fixture
def url(kind: str, databases: Databases, tmp_path: Path) -> str:
    """A database of the test's own."""
    return databases.make(kind, tmp_path)
