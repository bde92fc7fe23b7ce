"""A client that is kept online: where Discord cannot be reached while it begins, it begins again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.discord_app.client import ThreadreelBot
from bot.discord_app.faults import TROUBLE, Fault, fault_of

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two beginnings."""

_log = structlog.get_logger(__name__)


class Online:
    """Once connected, discord.py connects again by itself; a client that never was is of no use any more."""

    def __init__(self, make: Callable[[], ThreadreelBot], token: str, *, first_pause: float = FIRST_PAUSE) -> None:
        self._make = make
        self._token = token
        self._first_pause = first_pause
        self._bot: ThreadreelBot | None = None

    async def run(self) -> None:
        """Until stopped. Raises what no waiting mends: a wrong token, an intent that the portal refuses."""
        pause = self._first_pause
        while True:
            self._bot = self._make()
            try:
                await self._bot.start(self._token)
            except TROUBLE as error:
                await self.stop()
                if fault_of(error) != Fault.BUSY:
                    raise
                _log.warning("Discord cannot be reached", reason=str(error) or type(error).__name__, seconds=pause)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def stop(self) -> None:
        """Politely, see `ThreadreelBot.stop`."""
        if self._bot is not None:
            await self._bot.stop()
