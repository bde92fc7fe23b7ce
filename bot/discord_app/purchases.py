"""What members and servers have bought. Interactions bear it; of who writes a message Discord must be asked."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import discord
import structlog

from bot.discord_app.faults import TROUBLE

LIVES = 60.0
"""Seconds for which an answer is believed, where no event says otherwise before."""
REMEMBERED = 5000

_log = structlog.get_logger(__name__)


class Purchases:
    def __init__(self, client: discord.Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: OrderedDict[int, tuple[float, list[discord.Entitlement]]] = OrderedDict()

    async def of(self, user: int, guild: int | None) -> list[discord.Entitlement]:
        """The member's own, and those of the whole server. What was known last where Discord cannot say for now."""
        own = await self._of(user, user=discord.Object(user))
        return own if guild is None else [*own, *await self._of(guild, guild=discord.Object(guild))]

    def changed(self, entitlement: discord.Entitlement) -> None:
        """Bought, renewed, ended or taken back: Discord is asked anew when it matters."""
        for owner in (entitlement.user_id, entitlement.guild_id):
            if owner is not None:
                self._known.pop(owner, None)

    async def _of(
        self, owner: int, *, user: discord.Object | None = None, guild: discord.Object | None = None
    ) -> list[discord.Entitlement]:
        asked, known = self._known.get(owner, (-LIVES, []))
        if self._clock() - asked < LIVES:
            return known
        try:
            asked_for = self._client.entitlements(user=user, guild=guild, exclude_ended=True)
            found = [bought async for bought in asked_for]
        except TROUBLE as error:
            _log.info("purchases not known", owner=owner, reason=str(error))
            return known
        self._known[owner] = (self._clock(), found)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found
