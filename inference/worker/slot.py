"""A worker's place on this machine: its name, and a folder that outlives its crashes.

The name stays the same over restarts. So whoever takes the slot next knows that its predecessor is dead, and may free
its leases at once instead of waiting for them to run out.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where one worker lives."""

    name: str
    folder: Path

    @property
    def scratch(self) -> Path:
        """Files that nobody needs once the worker is dead."""
        return self.folder / "scratch"

    def note(self, prefix: str) -> None:
        """Remember under which prefix blobs are being stored; empty: under none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._note.write_text(prefix)

    @property
    def was_used(self) -> bool:
        """Whether a worker came as far as asking for work, since the last `clean`."""
        return self._note.exists()

    def noted(self) -> str:
        """What was noted last, by a predecessor too."""
        return self._note.read_text() if self.was_used else ""

    def tell_device(self, device: str) -> None:
        """What the worker renders on, for who watches it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._device.write_text(device)

    @property
    def device(self) -> str:
        """Empty until the worker told."""
        try:
            return self._device.read_text()
        except FileNotFoundError:
            return ""

    def clean(self) -> None:
        """Forget all of a dead worker's."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _device(self) -> Path:
        return self.folder / "device"

    @property
    def _note(self) -> Path:
        return self.folder / "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """A slot that is ours while `lock` is open, here or in the child that inherits it."""

    slot: Slot
    #: File descriptor of the lock.
    lock: int


@contextmanager
def take_slot(root: Path) -> Iterator[HeldSlot]:
    """The first slot of this machine under `root` in which nothing lives any more.

    Raises OSError where `root` cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        name = f"{socket.gethostname()}-{number}"
        lock = os.open(root / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        try:
            yield HeldSlot(slot=Slot(name=name, folder=root / name), lock=lock)
        finally:
            os.close(lock)
        return
