"""A small chat in memory: a whole ChatPlatform, whose history can be read and whose troubles can be ordered."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field, replace

from bot.card import Card, Media
from bot.platform import MessageGone, MessageRef, Spot
from inference.errors import DeliveryError
from inference.types import JobId


@dataclass
class Message:
    ref: MessageRef
    job: JobId
    #: Every card that it showed, oldest first.
    cards: list[Card]
    clips: list[Media] = field(default_factory=list)

    @property
    def card(self) -> Card:
        return self.cards[-1]


@dataclass
class ForgetfulChat:
    """A chat without readable history."""

    name: str = "playground"
    update_seconds: float = 0.01
    messages: dict[str, Message] = field(default_factory=dict)
    #: Raised one by one, by the verb's name, before the verb works.
    trouble: dict[str, deque[Exception]] = field(default_factory=dict)
    #: By the verb's name: what it waits for before it takes effect, or before it returns.
    before: dict[str, asyncio.Event] = field(default_factory=dict)
    behind: dict[str, asyncio.Event] = field(default_factory=dict)
    #: Its clock, where it tells times.
    now: float | None = None
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def order(self, verb: str, *errors: Exception) -> None:
        self.trouble.setdefault(verb, deque()).extend(errors)

    async def post(self, spot: Spot, card: Card, job: JobId) -> MessageRef:
        self._meet_trouble("post")
        ref = MessageRef(platform=self.name, channel=spot.channel, thread=spot.thread, message=str(next(self._ids)))
        self.messages[ref.message] = Message(ref=ref, job=job, cards=[card])
        return await self._returned("post", ref)

    async def update(self, ref: MessageRef, card: Card) -> None:
        self._meet_trouble("update")
        self._message(ref).cards.append(card)

    async def deliver(self, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        self._meet_trouble("deliver")
        if "deliver" in self.before:
            await self.before["deliver"].wait()
        message = self._message(ref)
        message.cards.append(card)
        if media not in message.clips:
            message.clips.append(media)
        return await self._returned("deliver", ref)

    def of_job(self, job: JobId) -> list[Message]:
        return [message for message in self.messages.values() if message.job == job]

    async def _returned(self, verb: str, ref: MessageRef) -> MessageRef:
        shown = replace(ref, shown_at=self.now)
        if verb in self.behind:
            await self.behind[verb].wait()
        return shown

    def _message(self, ref: MessageRef) -> Message:
        if ref.message not in self.messages:
            raise MessageGone(detail=ref.message)
        return self.messages[ref.message]

    def _meet_trouble(self, verb: str) -> None:
        if self.trouble.get(verb):
            raise self.trouble[verb].popleft()


@dataclass
class Chat(ForgetfulChat):
    """A chat whose recent messages can be looked through."""

    searches: int = 0

    async def find(self, spot: Spot, _card: Card, job: JobId) -> MessageRef | None:
        self.searches += 1
        self._meet_trouble("find")
        found = [message for message in self.of_job(job) if message.ref.spot == spot]
        return found[-1].ref if found else None


@dataclass
class SlowChat(Chat):
    """A chat that rations changes: a test gives the turns."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def turn(self, _ref: MessageRef) -> None:
        await self.turns.acquire()


def busy(detail: str = "try later") -> DeliveryError:
    return DeliveryError(detail=detail, retryable=True)


def never(detail: str = "not here") -> DeliveryError:
    return DeliveryError(detail=detail)
