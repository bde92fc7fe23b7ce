"""The door between the bot and a chat: three verbs, and where things stand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

from bot.card import Card, Media
from inference.errors import DeliveryError
from inference.types import JobId, Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where in a chat something is said. Travels through the service as the opaque `reply_to`."""

    platform: str
    channel: str
    #: Id of the message that opened the thread; empty in the channel itself.
    thread: str = ""

    def encoded(self) -> str:
        return json.dumps([self.platform, self.channel, self.thread], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def decoded(cls, text: str) -> Spot | None:
        """What `encoded` wrote; None for anything else."""
        try:
            parts = json.loads(text)
        except ValueError:
            return None
        if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts):
            return None
        return cls(platform=parts[0], channel=parts[1], thread=parts[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message that was posted. `thread` is the thread it stands in, empty in the channel itself."""

    platform: str
    channel: str
    thread: str
    message: str
    #: Since when it shows what was asked for: seconds since 1970 by the platform's clock, None where it does not say.
    shown_at: float | None = field(default=None, compare=False)

    @property
    def spot(self) -> Spot:
        return Spot(platform=self.platform, channel=self.channel, thread=self.thread)


@dataclass(eq=False, kw_only=True)
class MessageGone(DeliveryError):  # noqa: N818  # named like its siblings in inference.errors
    """The message to change is no longer there: a new one may be posted in its place."""

    template: ClassVar[str] = "The message is gone: {detail}"


class ChatPlatform(Protocol):
    """A chat. Every verb raises DeliveryError, `retryable` where the same call can work later."""

    @property
    def name(self) -> str:
        """As in `Place.platform`."""
        ...

    @property
    def update_seconds(self) -> float:
        """Least time between two updates of one message."""
        ...

    async def post(self, spot: Spot, card: Card, job: JobId) -> MessageRef:
        """A new message. The platform keeps `job` with it where it can, so that `find` can know it again."""
        ...

    async def update(self, ref: MessageRef, card: Card) -> None:
        """The message now shows this card. Raises MessageGone."""
        ...

    async def deliver(self, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        """The clip, in the message or as near to it as the platform can; the message that bears it. Raises MessageGone.

        Called again with the same `ref` after a crash, it must not show the clip twice.
        """
        ...


@runtime_checkable
class FindsPosts(Protocol):
    """A trait of platforms whose history can be read."""

    async def find(self, spot: Spot, card: Card, job: JobId) -> MessageRef | None:
        """The job's message among the recent ones of the place where `post` puts this card."""
        ...


@runtime_checkable
class TakesTurns(Protocol):
    """A trait of platforms whose messages can be changed so rarely that all jobs share the changes."""

    async def turn(self, ref: MessageRef) -> None:
        """Wait until this message may show progress. Takes a turn, so what is shown then is the newest."""
        ...


@runtime_checkable
class OpensThreads(Protocol):
    """A trait of platforms where a thread hangs on a message."""

    async def open_thread(self, ref: MessageRef, title: str) -> None:
        """The message has a thread from now on; one that has it already keeps it. Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file for the one who asked, and for nobody else."""

    name: str
    data: bytes = field(repr=False)
    #: What a picture shows, for those who cannot see it; empty for other files.
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Said to the one who asked, and to nobody else. What all may see is posted by `bot.delivery`."""

    text: str
    card: Card | None = None
    #: The part of `text` that is no price and no wait: what a face says that shows the job itself.
    note: str = ""
    #: Refused or failed.
    is_problem: bool = False
    #: The job that it is about.
    job: JobId | None = None
    #: Never shown where others see them.
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who speaks where. `event` is the platform's id of what happened: the same one twice is one request."""

    requester: Requester
    spot: Spot
    event: str
    #: Message that is replied to; empty where none is.
    replies_to: str = ""
    #: When it was said, by the same clock as `MessageRef.shown_at`; None where the platform does not say.
    said_at: float | None = None
