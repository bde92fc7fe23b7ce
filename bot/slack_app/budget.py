"""How often messages may change: Slack allows about 50 changes a minute to a workspace, all jobs together."""

from __future__ import annotations

import asyncio
from collections import deque

PER_MINUTE = 50
KEPT = 10
"""Of these: for what must be told, such as the end of a job. Progress never takes them."""
AT_ONCE = 10
"""Of the rest: may come together. What remains after them comes evenly, so that no job stands still for a minute."""
MINUTE = 60.0


class Budget:
    """One workspace's. Progress waits for its turn, in the order of asking; what must be told goes before it."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque()
        self._turns = asyncio.Lock()
        self._interval = MINUTE / (PER_MINUTE - KEPT - AT_ONCE)
        #: Until then all turns would be given away if they came one by one.
        self._given_until = 0.0
        self._paused_until = 0.0

    async def turn(self) -> None:
        """Wait until progress may be shown; whoever waits longest is next."""
        async with self._turns:
            while (wait := self._until_turn()) > 0:  # noqa: ASYNC110  # it knows how long
                await asyncio.sleep(wait)
            self._given_until = max(self._given_until, _now()) + self._interval
            self._taken.append(_now())

    async def take(self) -> None:
        """Wait until something that must be told may be told."""
        while (wait := self._until_room(PER_MINUTE)) > 0:  # noqa: ASYNC110  # likewise
            await asyncio.sleep(wait)
        self._taken.append(_now())

    def pause(self, seconds: float) -> None:
        """Slack asked us to be slower: no progress for so long."""
        self._paused_until = max(self._paused_until, _now() + seconds)

    def _until_turn(self) -> float:
        evenly = self._given_until - (AT_ONCE - 1) * self._interval
        return max(evenly - _now(), self._paused_until - _now(), self._until_room(PER_MINUTE - KEPT))

    def _until_room(self, limit: int) -> float:
        """Seconds until fewer than `limit` changes lie within a minute."""
        while self._taken and self._taken[0] <= _now() - MINUTE:
            self._taken.popleft()
        return 0.0 if len(self._taken) < limit else self._taken[-limit] + MINUTE - _now()


def _now() -> float:
    return asyncio.get_running_loop().time()
