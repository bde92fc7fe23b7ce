"""From the service's events to messages in chats: one per job, whatever restarts in between.

All posting is done here. Each job has a lane, so that its message is touched by one task at a time and a platform that
is slow or down delays nobody else. The order of writes makes it safe: the row says POSTING before the platform is
asked, the message's id is kept before the job is called delivered, and what is found POSTING after a crash is looked
for in the chat before it is posted again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from bot.lane import Lane
from bot.notifying import Notifying
from bot.platform import ChatPlatform, Spot
from inference.errors import ServiceUnavailable
from inference.protocols import PostingDoors
from inference.types import JobEvent, JobId
from storage.conversations import SqlConversations

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait before trying again. Seconds."""

    first: float = 1.0
    longest: float = 60.0
    #: Tries of one step of one job, about eight hours; then it rests until the next start.
    tries: int = 500

    def after(self, failures: int) -> float:
        return float(min(self.longest, self.first * 2 ** (failures - 1)))


@dataclass(slots=True)
class Delivery:
    """Run `run` as a task for the life of the process."""

    service: PostingDoors
    conversations: SqlConversations
    platforms: Iterable[ChatPlatform]
    patience: Patience = field(default_factory=Patience)
    _by_name: dict[str, ChatPlatform] = field(init=False)
    _lanes: dict[JobId, tuple[Lane, asyncio.Task[None]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._by_name = {platform.name: platform for platform in self.platforms}

    async def run(self) -> None:
        """Follow the service without end. After every break what is not delivered is replayed."""
        failures = 0
        telling = asyncio.create_task(Notifying(self.service, self._by_name).run(), name="notices")
        try:
            while True:
                try:
                    async for event in self.service.events(None):
                        failures = 0
                        self._take_calmly(event)
                except ServiceUnavailable as error:
                    _log.warning("events interrupted", reason=str(error))
                except Exception:  # noqa: BLE001  # whatever it is, the deliveries of this process go on
                    _log.exception("events interrupted")
                failures += 1
                await asyncio.sleep(self.patience.after(failures))
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await self._close()

    def _take_calmly(self, event: JobEvent) -> None:
        try:
            self.take(event)
        except Exception:  # noqa: BLE001  # an event that nobody understands may not hide those behind it
            _log.exception("event not taken", job=event.job.id)

    def take(self, event: JobEvent) -> None:
        """Hand the event to the lane of its job, where it is for a platform of ours."""
        job = event.job
        spot = Spot.decoded(job.reply_to)
        platform = self._by_name.get(spot.platform) if spot else None
        if spot is None or platform is None:
            return
        if job.id in self._lanes:
            self._lanes[job.id][0].show(job)
            return
        lane = Lane(
            service=self.service,
            conversations=self.conversations,
            platform=platform,
            spot=spot,
            job=job,
            patience=self.patience,
        )
        task = asyncio.create_task(self._tend(lane), name=f"deliver {job.id}")
        self._lanes[job.id] = (lane, task)

    async def settled(self) -> None:
        """Wait until every lane that is open now has told the end of its job, or has given up."""
        await asyncio.gather(*(task for _, task in self._lanes.values()), return_exceptions=True)

    async def _tend(self, lane: Lane) -> None:
        """What nobody foresaw is tried again later: the row still says how far it came."""
        try:
            while True:
                try:
                    await lane.run()
                    if not lane.was_removed:
                        return
                except Exception:  # noqa: BLE001  # no failure of one job may end the deliveries of others
                    _log.exception("delivery failed", job=lane.job, again_in=self.patience.longest)
                    await asyncio.sleep(self.patience.longest)
        finally:
            self._lanes.pop(lane.job, None)

    async def _close(self) -> None:
        tasks = [task for _, task in self._lanes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
