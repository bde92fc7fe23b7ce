"""The event feed: one look at the rows for all who follow, and nobody waits for the slowest.

A single task polls the newest cursor, reads what is new once, and hands it to every follower's bounded buffer. Each
item says which cursor came before it, so a follower who finds a gap (its buffer overflowed, or it came while nobody was
listening) reads the rows from its own cursor on: durable events can come late, never get lost. Progress is kept as the
newest look per job, so that it cannot pile up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog

from inference.protocols import Bell, Silence
from inference.service.outlook import JobRows, Outlook
from inference.types import Job, JobEvent, JobId, JobStatus, Progress

BUFFER = 1000
"""Durable events kept for a follower that lags; behind that it reads the rows again."""

PAGE = 500
EVERYTHING = 1_000_000
"""Undelivered jobs are replayed at once, however many they are: a page of them could not be continued."""

LISTENING_SECONDS = 2.0
"""Between two looks where changes are told, and nothing runs whose progress would have to be looked at."""

RETRY_SECONDS = 2.0

RETELL_SECONDS = 3.0
"""A queue that moved is told again this often at most."""

UNMOVED_SECONDS = 10.0
"""One that did not move is told again this often: what runs comes nearer to its end, and workers get ready."""

RETOLD = 20
"""How many of the next in line are told their new place: those further back hear of it when they come near."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """A durable event, and the cursor of the one before it; without event only "nothing is missing from here on"."""

    previous: int
    event: JobEvent | None = None


@dataclass(slots=True, eq=False)
class _Follower:
    """What one follower has taken, and what it has not yet."""

    news: deque[_News]
    #: Of the newest durable event taken.
    cursor: int = 0
    progress: dict[JobId, Job] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: _News) -> None:
        self.news.append(news)
        self.wake.set()

    def show(self, job: Job) -> None:
        self.progress[job.id] = job
        self.wake.set()


class EventFeed:
    """Polls while anybody follows; idle it costs one short read per interval, and none with no follower."""

    def __init__(
        self,
        jobs: JobRows,
        outlook: Outlook,
        interval: float,
        *,
        buffer: int = BUFFER,
        page: int = PAGE,
        retell_seconds: float = RETELL_SECONDS,
        bell: Bell | None = None,
    ) -> None:
        """`interval` in seconds; `buffer` durable events are kept for each follower, `page` are read at once.

        Where the `bell` listens, looks that would find nothing are spared.
        """
        self._bell = bell or Silence()
        self._bell.on_ring(lambda _status: self.nudge())
        self._retell_seconds = retell_seconds
        self._jobs = jobs
        self._outlook = outlook
        self._interval = interval
        self._buffer = buffer
        self._page = page
        self._followers: set[_Follower] = set()
        self._followed = asyncio.Event()
        self._nudged = asyncio.Event()
        self._cursor: int | None = None
        self._seen: dict[JobId, tuple[Progress | None, bool]] = {}
        #: Whether anything may be running.
        self._runs = True
        self._looked_at = 0.0
        #: Whether a job was claimed or ended since the waiting ones were told their places.
        self._moved = False
        self._retold_at = time.monotonic()
        self._closed = False

    def nudge(self) -> None:
        """Something changed here: look now rather than at the next interval."""
        self._nudged.set()

    def close(self) -> None:
        """Let every follower come to its end."""
        self._closed = True
        for follower in self._followers:
            follower.wake.set()

    # --- The poller

    async def run(self) -> None:
        """Until cancelled. A database that fails is tried again: followers only see news late."""
        while True:
            await self._followed.wait()
            try:
                await self._look()
            except Exception:  # noqa: BLE001  # logged; a feed that ends would leave every follower waiting for ever
                _log.exception("event feed: cannot read the jobs", retry_seconds=RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
            # Not wait_for: before Python 3.12 it can swallow a cancellation that comes together with the nudge.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rest):
                    await self._nudged.wait()
            self._nudged.clear()

    @property
    def _rest(self) -> float:
        """Seconds until the next look."""
        told = self._bell.is_listening and not self._runs
        return max(self._interval, LISTENING_SECONDS) if told else self._interval

    async def _look(self) -> None:
        """One read where nothing changed; what runs is looked at while something runs, once per interval."""
        if self._cursor is None:
            self._cursor = await self._jobs.last_cursor()
            self._tell_all(_News(previous=self._cursor))
            self._runs = True
        cursor = self._cursor
        async for event in self._behind(cursor):
            self._tell_all(_News(previous=cursor, event=event))
            cursor = event.cursor
            self._runs = self._runs or event.job.status is JobStatus.RUNNING
            self._moved = self._moved or event.job.status is not JobStatus.QUEUED
        self._cursor = cursor if self._followers else None
        if self._runs and time.monotonic() - self._looked_at >= self._interval:
            await self._look_at_running()
        since_told = time.monotonic() - self._retold_at
        if since_told >= (self._retell_seconds if self._moved else max(self._retell_seconds, UNMOVED_SECONDS)):
            await self._tell_places()

    async def _tell_places(self) -> None:
        """To the next in line: how many are ahead now, and how long it takes."""
        self._moved, self._retold_at = False, time.monotonic()
        for id_ in await self._outlook.next_in_line(RETOLD):
            job = await self._jobs.get(id_)
            if job is not None and job.status is JobStatus.QUEUED:
                told = await self._outlook.with_estimate(job)
                for follower in self._followers:
                    follower.show(told)

    async def _look_at_running(self) -> None:
        self._looked_at = time.monotonic()
        running = await self._jobs.running()
        looks = {job.id: (job.progress, job.cancel_requested) for job in running}
        for job in running:
            if self._seen.get(job.id) != looks[job.id]:
                told = await self._outlook.with_estimate(job)
                for follower in self._followers:
                    follower.show(told)
        self._seen = looks
        self._runs = bool(running)

    def _tell_all(self, news: _News) -> None:
        for follower in self._followers:
            follower.tell(news)

    async def _complete(self, event: JobEvent) -> JobEvent:
        """Jobs are told with what is known of their rest."""
        return replace(event, job=await self._outlook.with_estimate(event.job))

    # --- Followers

    async def follow(self, after: int | None) -> AsyncIterator[JobEvent]:
        """See `GenerationService.events`. Ends when the feed closes."""
        follower = _Follower(news=deque(maxlen=self._buffer))
        self._join(follower)
        try:
            async for event in self._events(follower, after):
                yield event
        finally:
            self._leave(follower)

    def _join(self, follower: _Follower) -> None:
        self._followers.add(follower)
        self._followed.set()

    def _leave(self, follower: _Follower) -> None:
        self._followers.discard(follower)
        if not self._followers:
            self._followed.clear()
            self._cursor = None  # nobody hears what comes now: the next follower reads it itself

    async def _events(self, follower: _Follower, after: int | None) -> AsyncIterator[JobEvent]:
        if after is None:
            follower.cursor = await self._jobs.last_cursor()
            for event in await self._jobs.events(None, EVERYTHING):
                follower.cursor = max(follower.cursor, event.cursor)
                yield await self._complete(event)
        else:
            follower.cursor = after
        async for event in self._caught_up(follower):
            yield event
        while not self._closed:
            async for event in self._live(follower):
                yield event
            if not (follower.news or follower.progress or self._closed):
                follower.wake.clear()
                await follower.wake.wait()

    async def _live(self, follower: _Follower) -> AsyncIterator[JobEvent]:
        """What was handed over: durable events in order, gaps filled from the rows, then the newest looks."""
        while follower.news:
            news = follower.news.popleft()
            if news.previous > follower.cursor:
                async for event in self._caught_up(follower):
                    yield event
            if news.event is not None and news.event.cursor > follower.cursor:
                follower.cursor = news.event.cursor
                looked = follower.progress.get(news.event.job.id)
                if looked and (news.event.job.status is not JobStatus.RUNNING or looked.status is JobStatus.QUEUED):
                    del follower.progress[news.event.job.id]
                yield news.event
        if follower.progress:
            job = follower.progress.pop(next(iter(follower.progress)))
            yield JobEvent(cursor=follower.cursor, job=job)

    async def _caught_up(self, follower: _Follower) -> AsyncIterator[JobEvent]:
        """From the rows, all that the follower has not taken."""
        async for event in self._behind(follower.cursor):
            follower.cursor = event.cursor
            yield event

    async def _behind(self, cursor: int) -> AsyncIterator[JobEvent]:
        """All durable events behind a cursor that are in the rows now."""
        more = True
        while more:
            page = await self._jobs.events(cursor, self._page)
            for event in page:
                cursor = event.cursor
                yield await self._complete(event)
            more = len(page) == self._page
