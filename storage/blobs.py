"""Blobs in a folder: durable, atomic, and never outside of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_PREFIX = re.compile(rf"({_NAME.pattern}/?)?")
_UNFINISHED = ".unfinished"
"""Folder of files being written; no blob's name can begin with a dot."""
_ABANDONED_SECONDS = 3600.0


class FolderBlobs:
    """Implements BlobStore. Names are paths below `root`: letters, digits and `_ . -`, no part with a dot first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        (root / _UNFINISHED).mkdir(parents=True, exist_ok=True)
        self._drop_abandoned()

    def put(self, name: str, source: Path | bytes) -> int:
        """Visible under its name only when it is wholly on the disk; replaces what was there."""
        target = self._path(name)
        handle, unfinished = tempfile.mkstemp(dir=self._root / _UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as out, _reader(source) as data:
                shutil.copyfileobj(data, out, 1 << 20)
                length = out.tell()
                out.flush()
                os.fsync(out.fileno())
            self._publish(Path(unfinished), target)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return length

    def open(self, name: str) -> BinaryIO:
        return self._path(name).open("rb")

    def length(self, name: str) -> int:
        return self._path(name).stat().st_size

    def delete(self, name: str) -> None:
        path = self._path(name)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # the folder holds other blobs, or is gone already
            for folder in path.relative_to(self._root).parents[:-1]:
                (self._root / folder).rmdir()

    def names(self, prefix: str) -> Sequence[str]:
        """Sorted names that begin with `prefix`; an empty one means all."""
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not a blob prefix: {prefix!r}")
        folder = self._root / prefix.rpartition("/")[0]
        found = (path.relative_to(self._root).as_posix() for path in folder.rglob("*") if path.is_file())
        return sorted(name for name in found if name.startswith(prefix) and not name.startswith("."))

    def _drop_abandoned(self) -> None:
        """What a killed process was writing; a living one's file is younger."""
        for file in (self._root / _UNFINISHED).iterdir():
            with suppress(FileNotFoundError):  # another process drops them too, or has finished it
                if time.time() - file.stat().st_mtime > _ABANDONED_SECONDS:
                    file.unlink()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a blob name: {name!r}")
        return self._root / name

    def _publish(self, unfinished: Path, target: Path) -> None:
        """Rename, and make the rename durable with every folder on the way."""
        while True:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                unfinished.replace(target)
            except (FileNotFoundError, FileExistsError):
                if not unfinished.exists() or target.parent.is_file():
                    raise
                continue  # `delete` of a neighbour took an empty folder away, perhaps while `mkdir` looked at it
            break
        for folder in target.relative_to(self._root).parents:
            _sync_folder(self._root / folder)


def _reader(source: Path | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
