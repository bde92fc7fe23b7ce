"""Whether a clip can be posted where it is asked for. Looked at before anything is charged."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import replace

from bot.commands.errors import NotInvited
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE, Fault, code_of, fault_of
from bot.slack_app.places import Where

BELIEVED = 600.0
"""Seconds for which a channel that could be read counts as one of ours."""
REMEMBERED = 2000


class Access:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: OrderedDict[str, float] = OrderedDict()

    async def place(self, where: Where, user: str) -> Where:
        """Where the clip will stand: here, or in the member's direct messages where these are those of others.

        Raises NotInvited. Files need membership, and so does reading the history, which can be tried without a trace.
        """
        key = f"{where.workspace}/{where.channel}"
        if time.monotonic() - self._known.get(key, -BELIEVED) < BELIEVED:
            return where
        try:
            client = (await self._clients.line(where.workspace)).once
            await client.conversations_history(channel=where.channel, limit=1)
        except TROUBLE as error:
            if fault_of(error) != Fault.PLACE:
                return where  # nothing is known of it: a lost channel is mended when it is posted to
            if where.is_direct:
                return replace(where, channel=user, thread="")
            raise NotInvited(reason=code_of(error)) from error
        self._known[key] = time.monotonic()
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return where
