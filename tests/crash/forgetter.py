"""A service that forgets a member, and is killed at the given step: of reading the time inside a transaction, or of
deleting a file. Says at which it was.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from storage.blobs import FolderBlobs
from tests.support.studio import member, open_studio

WHO = member("annabella", "plus")


@dataclass
class Fate:
    steps: int

    def step(self, at: str) -> None:
        self.steps -= 1
        if self.steps == 0:
            os.write(1, at.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def now(self) -> float:
        """Read in the transactions, before they write what they are about."""
        self.step(_stage())
        return time.time()


class MortalBlobs(FolderBlobs):
    def __init__(self, root: Path, fate: Fate) -> None:
        super().__init__(root)
        self._fate = fate

    def delete(self, name: str) -> None:
        self._fate.step("before a file")
        super().delete(name)
        self._fate.step("behind a file")


def _stage() -> str:
    """Whose transaction it is: the module of storage that asks."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_name in {"time", "now", "<lambda>"}:
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"


async def main(folder: Path, steps: int) -> None:
    fate = Fate(steps=10**6)
    async with open_studio(folder, clock=fate.now, make_blobs=lambda root: MortalBlobs(root, fate)) as studio:
        fate.steps = steps
        await studio.service.forget(WHO)
        fate.steps = 10**6


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
