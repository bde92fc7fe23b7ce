"""How often messages may change: Slack allows about 50 changes a minute to a workspace, all jobs together."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable

PER_MINUTE = 50
KEPT = 10
"""Of these: for what must be told, such as the end of a job. Progress never takes them."""
MINUTE = 60.0
ACTIVE = 30.0
"""Seconds for which a message that wanted to show progress counts as one that shares the budget."""


class Budget:
    """One workspace's. Progress that finds no room is left out, for the next look comes soon; ends wait for theirs."""

    def __init__(
        self, per_minute: int = PER_MINUTE, kept: int = KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._for_progress = per_minute - kept
        self._clock = clock
        self._taken: deque[float] = deque()
        self._paused_until = 0.0
        #: When each message was shown last, and when it asked last.
        self._shown: OrderedDict[str, float] = OrderedDict()
        self._asked: OrderedDict[str, float] = OrderedDict()

    def may_show(self, message: str) -> bool:
        """Whether this message's progress may be shown now; it counts as shown then. Every message gets its share."""
        now = self._now()
        self._note(self._asked, message, now)
        pace = MINUTE * len(self._asked) / self._for_progress
        too_soon = message in self._shown and now - self._shown[message] < pace
        if too_soon or now < self._paused_until or len(self._taken) >= self._for_progress:
            return False
        self._note(self._shown, message, now)
        self._taken.append(now)
        return True

    async def take(self) -> None:
        """Wait until something that must be told may be told."""
        while len(self._taken) >= self._per_minute:
            await asyncio.sleep(self._taken[0] + MINUTE - self._now())
            self._now()
        self._taken.append(self._clock())

    def pause(self, seconds: float) -> None:
        """Slack asked us to be slower: no progress for so long."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _now(self) -> float:
        """The time, with all that has passed forgotten."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        for times, lives in ((self._asked, ACTIVE), (self._shown, MINUTE)):
            while times and next(iter(times.values())) <= now - lives:
                times.popitem(last=False)
        return now

    @staticmethod
    def _note(times: OrderedDict[str, float], message: str, now: float) -> None:
        times[message] = now
        times.move_to_end(message)
