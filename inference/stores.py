"""Composition root of what is done to the stores as a whole: `python -m inference.stores backup|restore|move`.

Prints one JSON object, or one sentence on standard error, and exits with 2 where it refuses, 1 where it fails.
It brings no engine into the process.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from inference.errors import ServiceUnavailable
from inference.process import CannotStart, settings_of
from inference.settings import Settings
from storage.backup import Deployment, NotPossible, back_up, restore
from storage.database import open_database
from storage.moving import move

BOOKS, CONVERSATIONS = "threadreel.db", "conversations.db"
ANNOUNCEMENTS = ("server.json", "page.json")
"""Of a service and of a bot that run on a data folder."""
LOCK_SECONDS = 30.0
ANSWER_SECONDS = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    options = _parser().parse_args(arguments)
    try:
        result = options.act(settings_of(Settings, {"data_dir": options.data_dir}), options)
    except (NotPossible, CannotStart) as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ServiceUnavailable, DBAPIError) as error:
        print(f"It did not work: {_first_line(error)}", file=sys.stderr)
        return 1
    print(json.dumps(result, default=str))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.stores", description="Copies and moves the stores.")
    commands = parser.add_subparsers(required=True)
    backup = commands.add_parser("backup", help="copy databases, blobs and keys to a new folder")
    backup.add_argument("folder", type=Path)
    backup.set_defaults(act=_back_up)
    restoring = commands.add_parser("restore", help="put a backup in place")
    restoring.add_argument("folder", type=Path)
    restoring.add_argument("--replace", action="store_true", help="put aside what is there")
    restoring.add_argument("--despite-books", action="store_true", help="also where the books do not balance")
    restoring.set_defaults(act=_restore)
    moving = commands.add_parser("move", help="move all rows from SQLite to PostgreSQL")
    moving.add_argument("url")
    moving.set_defaults(act=_move)
    for command in (backup, restoring, moving):
        command.add_argument("--data-dir", type=Path)
    return parser


# --- The three -------------------------------------------------------------------------------------


def _back_up(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    return dataclasses.asdict(back_up(_deployment(settings), options.folder))


def _restore(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    deployment = _deployment(settings)
    with _folder(settings.data_dir), _at_rest(settings, deployment):
        done = restore(deployment, options.folder, replace=options.replace, despite_books=options.despite_books)
        return dataclasses.asdict(asyncio.run(done))


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """There for the block, and gone again with what was made of it where the block fails and left nothing there."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for lock in folder.glob("*.lock") if made else ():
            lock.unlink(missing_ok=True)
        with suppress(OSError):  # not empty: somebody else's too by now
            for path in made:
                path.rmdir()
        raise


def _move(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    deployment = _deployment(settings, moves_there=True)
    files = [file for file in deployment.databases.values() if file.exists()]
    if not files:
        raise NotPossible(f"In {settings.data_dir} there is no database to move.")
    asyncio.run(_upgrade(files))
    with _at_rest(settings, deployment):
        tables = asyncio.run(_moved(files, options.url))
    return {"tables": tables, "rows": sum(tables.values())}


async def _upgrade(files: Sequence[Path]) -> None:
    for file in files:
        async with open_database(f"sqlite+aiosqlite:///{file.absolute()}"):
            pass


async def _moved(files: Sequence[Path], url: str) -> dict[str, int]:
    try:
        if make_url(url).get_backend_name() != "postgresql":
            raise NotPossible("Rows are moved to PostgreSQL: name it as postgresql://USER:PASSWORD@HOST/DATABASE.")
        async with open_database(url) as target:
            return dict(await move(files, target))
    except ArgumentError as error:
        raise NotPossible("This is no address of a database: postgresql://USER:PASSWORD@HOST/DATABASE.") from error


# --- Where things lie, and whether they are in use -------------------------------------------------


def _deployment(settings: Settings, *, moves_there: bool = False) -> Deployment:
    """Raises NotPossible where it keeps its books elsewhere, unless they are just being moved there."""
    folder = settings.data_dir.absolute()
    moves = moves_there and not settings.database_url.startswith("sqlite")
    if not settings.database_url or moves:
        files = {BOOKS: folder / BOOKS, CONVERSATIONS: folder / CONVERSATIONS}
        return Deployment(data_dir=folder, databases=files)
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NotPossible(
            "The setting database_url names PostgreSQL, which has its own tools for this: "
            "pg_dump and pg_restore, see docs/operating.md."
        )
    return Deployment(data_dir=folder, databases={BOOKS: Path(url.database).absolute()})


@contextmanager
def _at_rest(settings: Settings, deployment: Deployment) -> Iterator[None]:
    """Nothing runs on it, and what is started meanwhile waits before it opens a database. Raises NotPossible."""
    with ExitStack() as stack:
        for file in deployment.databases.values():
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(FileLock(f"{file}.lock", timeout=LOCK_SECONDS))
            except Timeout as error:
                raise NotPossible(f"Another process is opening {file}: try again when it has ended.") from error
        if in_use := _in_use(settings.data_dir):
            raise NotPossible(f"{settings.data_dir} is in use ({in_use}): stop it first.")
        yield


def _in_use(folder: Path) -> str:
    """What says so; empty where nothing does."""
    for name in ANNOUNCEMENTS:
        with suppress(OSError, ValueError, KeyError):  # none, or half of one: nobody to ask there
            url = urlsplit(json.loads((folder / name).read_text())["url"])
            with socket.create_connection((url.hostname or "", url.port or 0), ANSWER_SECONDS):
                return f"{url.geturl()} answers, which {name} names"
    for lock in sorted((folder / "workers").glob("*.lock")):
        if _is_held(lock):
            return f"the worker {lock.stem} lives"
    return ""


def _is_held(lock: Path) -> bool:
    handle = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _first_line(error: Exception) -> str:
    said = error.detail if isinstance(error, ServiceUnavailable) else str(error)
    return (said or type(error).__name__).strip().splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
