"""What is being told just now: from asking a platform to writing down what it took, the rows lag behind the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Tellings:
    """Lets whoever asks what stands where wait until it is written down. For the tasks of one process."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Event, tuple[str, str]] = {}

    @contextmanager
    def telling(self, platform: str, channel: str) -> Iterator[None]:
        """Around asking the platform and writing down what came of it."""
        written = asyncio.Event()
        self._running[written] = (platform, channel)
        try:
            yield
        finally:
            del self._running[written]
            written.set()

    async def written(self, platform: str, channel: str = "", *, patience: float) -> bool:
        """Wait, at most `patience` seconds, for what is told now in the channel, or anywhere where none is named.

        False where there was nothing to wait for. What begins to be told meanwhile is not waited for.
        """
        running = [
            event
            for event, where in self._running.items()
            if where == (platform, channel) or (not channel and where[0] == platform)
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                for event in running:
                    await event.wait()
        return bool(running)
