"""Copies of a deployment's SQLite files, blobs and keys, taken while it runs, and put back while it does not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from storage.books import check_books
from storage.database import open_database

KEYS = "*_key"
BLOBS = "blobs"
MANIFEST = "backup.json"
FORMAT = 1
HALF_RESTORED = "half-restored"
"""Stands in a data folder while things are being put in place: where it stays, a restore was cut off in that moment."""
_RESTORING = "restoring"
_LOG_FILES = ("", "-wal", "-shm")
"""What belongs to a SQLite file: itself, and what stands in its log."""


class NotPossible(Exception):  # noqa: N818  # reads as a sentence
    """Why nothing was copied, restored or moved; the message is one clear sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where a deployment on SQLite keeps what is to be kept."""

    data_dir: Path
    #: By the name that each has in a backup; the books come first.
    databases: Mapping[str, Path]

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / BLOBS


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup holds."""

    folder: Path
    databases: int
    blobs: int
    #: Of the blobs.
    total_bytes: int
    keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put in place."""

    copied: Copied
    #: Where what stood there before is now; None where nothing did.
    replaced: Path | None
    #: Blobs that clips name and the backup has not: deleted while it was made.
    missing: tuple[str, ...]
    #: What is wrong in the books, where that was allowed.
    books: tuple[str, ...]


# --- Making one ------------------------------------------------------------------------------------


def back_up(deployment: Deployment, target: Path) -> Copied:
    """Copy everything to `target`, which appears only when it is whole. The deployment may run meanwhile.

    The books are copied before the conversations: what was posted is then at worst known of a job that is not, and
    nothing is posted twice. Blobs come last, for whatever the books name was stored before. Raises NotPossible.
    """
    target = target.absolute()
    if target.exists() and not _is_empty_folder(target):
        raise NotPossible(f"{target} is there already, and not empty: name a new folder.")
    there = {name: file for name, file in deployment.databases.items() if file.exists()}
    if not there:
        raise NotPossible(f"In {deployment.data_dir} there is no database to copy.")
    draft = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    try:
        for name, file in there.items():
            _copy_database(file, draft / name)
        blobs = [_copy_file(file, draft / BLOBS / name) for name, file in _blobs(deployment.blobs_dir)]
        kept = _keys(deployment.data_dir)
        for key in kept:
            _copy_file(key, draft / key.name)
        sizes = [size for size in blobs if size is not None]
        copied = Copied(folder=target, databases=len(there), blobs=len(sizes), total_bytes=sum(sizes), keys=len(kept))
        _write_manifest(draft, tuple(there), copied)
        if target.exists():
            target.rmdir()
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(target.parent)
    return copied


def _copy_database(source: Path, target: Path) -> None:
    """By SQLite itself and in one step: one state of the database, whoever writes meanwhile."""
    with closing(sqlite3.connect(source, timeout=30)) as reader, closing(sqlite3.connect(target)) as copy:
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    _require_whole(target)
    _sync(target)


def _blobs(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names and files; those being written begin with a dot."""
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = file.relative_to(folder).as_posix()
        if not name.startswith(".") and file.is_file():
            yield name, file


def _keys(folder: Path) -> list[Path]:
    return sorted(folder.glob(KEYS))


def _copy_file(source: Path, target: Path) -> int | None:
    """Its length; None where it was deleted meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return None
    _sync(target)
    return target.stat().st_size


def _write_manifest(folder: Path, databases: tuple[str, ...], copied: Copied) -> None:
    said = {
        "format": FORMAT,
        "made_at": time.time(),
        "databases": {name: _digest(folder / name) for name in databases},
        "blobs": copied.blobs,
        "total_bytes": copied.total_bytes,
        "keys": copied.keys,
    }
    (folder / MANIFEST).write_text(json.dumps(said, indent=1))
    _sync(folder / MANIFEST)


# --- Putting it back -------------------------------------------------------------------------------


async def restore(deployment: Deployment, source: Path, *, replace: bool, despite_books: bool) -> Restored:
    """Put a backup in the place of `deployment`, which must not run.

    It is copied beside that place first, brought to the newest schema and examined there. What stood in its place is
    not deleted, but put aside. Raises NotPossible, and has then changed nothing.
    """
    manifest = _manifest(source)
    occupied = _occupied(deployment)
    if occupied and not replace:
        raise NotPossible(f"{deployment.data_dir} is not empty: there is {occupied[0].name}. --replace puts it aside.")
    if unknown := set(manifest["databases"]) - set(deployment.databases):
        raise NotPossible(f"The settings have no place for {', '.join(sorted(unknown))} of this backup.")
    draft, half = (deployment.data_dir.absolute() / name for name in (_RESTORING, HALF_RESTORED))
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for name in (*manifest["databases"], *(key.name for key in _keys(source))):
            _copy_file(source / name, draft / name)
        sizes = [_copy_file(file, draft / BLOBS / name) for name, file in _blobs(source / BLOBS)]
        books, missing = await _examined(draft, manifest)
        if books and not despite_books:
            raise NotPossible(f"The books of {source} do not balance: {'; '.join(books)}. --despite-books takes them.")
        shutil.rmtree(half, ignore_errors=True)
        draft.rename(half)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    replaced = _put_aside(deployment, occupied) if occupied else None
    _put_in_place(deployment, half)
    shutil.rmtree(half)
    copied = Copied(
        folder=source,
        databases=len(manifest["databases"]),
        blobs=len(sizes),
        total_bytes=sum(size or 0 for size in sizes),
        keys=len(_keys(source)),
    )
    return Restored(copied=copied, replaced=replaced, missing=missing, books=books)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise NotPossible(f"{folder} is no backup: its {MANIFEST} cannot be read.") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise NotPossible(f"{folder} was made by another version of threadreel.")
    for name, digest in said["databases"].items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise NotPossible(f"{folder / name} is not what was copied: the backup is damaged.")
    return said


def _occupied(deployment: Deployment) -> list[Path]:
    """What there is in the place of a backup's files."""
    files = [Path(f"{file}{suffix}") for file in deployment.databases.values() for suffix in _LOG_FILES]
    found = [file for file in files if file.exists()] + _keys(deployment.data_dir)
    return found + [deployment.blobs_dir] * any(_blobs(deployment.blobs_dir))


async def _examined(draft: Path, manifest: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wrong in the books, and blobs that are missing. Raises NotPossible where a file is damaged."""
    books: list[str] = []
    named: set[str] = set()
    for name in manifest["databases"]:
        _require_whole(draft / name)
        async with open_database(f"sqlite+aiosqlite:///{draft / name}") as database:
            books += await check_books(database)
        with closing(sqlite3.connect(draft / name)) as connection:
            query = "SELECT blob FROM clip_blobs JOIN clips ON clips.id = clip_id WHERE clips.removed_at IS NULL"
            named |= {blob for (blob,) in connection.execute(query)}
    return tuple(books), tuple(sorted(blob for blob in named if not (draft / BLOBS / blob).is_file()))


def _put_aside(deployment: Deployment, occupied: list[Path]) -> Path:
    folder = deployment.data_dir / time.strftime("replaced-%Y%m%dT%H%M%SZ", time.gmtime())
    folder.mkdir()
    for file in occupied:
        shutil.move(file, folder / file.name)
    return folder


def _put_in_place(deployment: Deployment, draft: Path) -> None:
    """The books last: where they are, everything is."""
    if (draft / BLOBS).is_dir():
        shutil.rmtree(deployment.blobs_dir, ignore_errors=True)  # empty but for what was being written
        shutil.move(draft / BLOBS, deployment.blobs_dir)
    for key in _keys(draft):
        shutil.move(key, deployment.data_dir / key.name)
    for name, file in reversed(tuple(deployment.databases.items())):
        for suffix in reversed(_LOG_FILES):
            if (draft / f"{name}{suffix}").exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(draft / f"{name}{suffix}", f"{file}{suffix}")
    _sync(deployment.data_dir)


# --- Files -----------------------------------------------------------------------------------------


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _require_whole(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise NotPossible(f"The database {file} is damaged: {said}.")


def _digest(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as data:
        while part := data.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
