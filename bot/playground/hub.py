"""What the pages are told: events in order, to all or to one member, and again to those who were away."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

REMEMBERED = 500
"""Events kept for pages that come back; one that was away for longer is told everything anew."""

QUEUED = 1000
"""Events that may wait for one page; a page that takes none is cut off, and comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEvent:
    #: Position in this run of the server, from 1.
    number: int
    name: str
    #: JSON text.
    data: str
    #: Key of the one member who may see it; empty for all.
    only_for: str = ""

    def is_for(self, member: str) -> bool:
        return self.only_for in ("", member)


class Hub:
    """Fans events out to pages. One event loop; nothing here blocks."""

    def __init__(self) -> None:
        #: Tells the ids of this run from those of an earlier one.
        self.run = secrets.token_hex(4)
        self._number = 0
        self._recent: deque[PageEvent] = deque(maxlen=REMEMBERED)
        self._pages: set[asyncio.Queue[PageEvent | None]] = set()

    @property
    def newest(self) -> int:
        return self._number

    def id_of(self, number: int) -> str:
        """The id by which a page resumes."""
        return f"{self.run}:{number}"

    def tell(self, name: str, data: str, only_for: str = "") -> None:
        """Send to every page now, and to those who resume."""
        self._number += 1
        event = PageEvent(number=self._number, name=name, data=data, only_for=only_for)
        self._recent.append(event)
        for page in list(self._pages):
            if page.qsize() >= QUEUED:
                self._end(page)
            else:
                page.put_nowait(event)

    def missed(self, last_id: str) -> list[PageEvent] | None:
        """Events behind `last_id`; None where they are not all known (another run, or too long ago)."""
        run, _, number = last_id.partition(":")
        if run != self.run or not number.isdecimal():
            return None
        last = int(number)
        oldest = self._recent[0].number if self._recent else self._number + 1
        if last > self._number or last < oldest - 1:
            return None
        return [event for event in self._recent if event.number > last]

    @contextmanager
    def listening(self) -> Iterator[AsyncIterator[PageEvent]]:
        """Events from now on, until the page is cut off or the server stops."""
        page: asyncio.Queue[PageEvent | None] = asyncio.Queue(maxsize=QUEUED + 1)
        self._pages.add(page)
        try:
            yield _drain(page)
        finally:
            self._pages.discard(page)

    def close(self) -> None:
        """Let every page go: the server stops."""
        for page in list(self._pages):
            self._end(page)

    def _end(self, page: asyncio.Queue[PageEvent | None]) -> None:
        self._pages.discard(page)
        page.put_nowait(None)


async def _drain(page: asyncio.Queue[PageEvent | None]) -> AsyncIterator[PageEvent]:
    while (event := await page.get()) is not None:
        yield event
