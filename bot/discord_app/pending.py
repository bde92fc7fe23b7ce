"""Small things kept for a while between two interactions. What is lost by a restart is asked for again."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """The newest `room` things, each for `lives` seconds."""

    def __init__(self, *, lives: float = 15 * 60.0, room: int = 1000) -> None:
        self._lives = lives
        self._room = room
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def keep(self, key: str, thing: T) -> str:
        self._kept[key] = (time.monotonic(), thing)
        self._kept.move_to_end(key)
        if len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> T | None:
        since, thing = self._kept.get(key, (0.0, None))
        return thing if thing is not None and time.monotonic() - since <= self._lives else None

    def take(self, key: str) -> T | None:
        thing = self.get(key)
        self._kept.pop(key, None)
        return thing
