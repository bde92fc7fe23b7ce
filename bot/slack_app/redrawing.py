"""Home tabs that may be open are drawn again when something of their member's begins or ends.

Slack says when a tab is opened, and never when it is left: one that was opened within the half hour may be looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Awaitable, Callable

from bot.slack_app.asking import Asked
from bot.slack_app.places import Workspace

OPEN_SECONDS = 1800.0
PAUSE_SECONDS = 3.0
"""From a change to the tab that shows it: what comes together is drawn together."""
A_MINUTE = 30
"""Of a workspace, besides those that members open: Slack allows about a hundred."""
REMEMBERED = 1000


class Redrawing:
    #: See `PAUSE_SECONDS`.
    pause = PAUSE_SECONDS

    def __init__(self, draw: Callable[[Asked], Awaitable[None]]) -> None:
        self._draw = draw
        #: Who opened their tab, and when.
        self._open: OrderedDict[tuple[Workspace, str], tuple[float, Asked]] = OrderedDict()
        self._due: dict[tuple[Workspace, str], asyncio.Task[None]] = {}
        self._drawn: defaultdict[Workspace, deque[float]] = defaultdict(deque)

    def opened(self, asked: Asked) -> None:
        key = (asked.where.workspace, asked.user)
        self._open[key] = (time.monotonic(), asked)
        self._open.move_to_end(key)
        if len(self._open) > REMEMBERED:
            self._open.popitem(last=False)

    def changed(self, workspace: Workspace, user: str) -> None:
        """Something of this member's began or ended."""
        key = (workspace, user)
        opened, _ = self._open.get(key, (-OPEN_SECONDS, None))
        if key not in self._due and time.monotonic() - opened < OPEN_SECONDS:
            self._due[key] = asyncio.create_task(self._redraw(key))

    async def close(self) -> None:
        tasks = list(self._due.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _redraw(self, key: tuple[Workspace, str]) -> None:
        try:
            await asyncio.sleep(self.pause)
        finally:
            del self._due[key]
        if key in self._open and self._has_room(key[0]):
            await self._draw(self._open[key][1])

    def _has_room(self, workspace: Workspace) -> bool:
        drawn = self._drawn[workspace]
        while drawn and drawn[0] <= time.monotonic() - 60:
            drawn.popleft()
        if len(drawn) >= A_MINUTE:
            return False
        drawn.append(time.monotonic())
        return True
