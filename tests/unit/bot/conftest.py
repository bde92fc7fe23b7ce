from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.delivery import Delivery, Patience
from bot.platform import Context, Spot
from bot.session import ChatCore
from inference.types import JobId, Requester
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.chat import Chat
from tests.support.studio import Studio, member, open_studio

SPOT = Spot(platform="playground", channel="general")


@dataclass
class Room:
    """A chat with its bot, before a real service on real rows."""

    studio: Studio
    conversations: SqlConversations
    chat: Chat
    delivery: Delivery
    core: ChatCore

    def at(self, thread: str = "", *, who: Requester | None = None, event: str = "", replies_to: str = "") -> Context:
        spot = Spot(platform=SPOT.platform, channel=SPOT.channel, thread=thread)
        return Context(requester=who or member("ann", "pro"), spot=spot, event=event, replies_to=replies_to)

    async def deliver(self) -> None:
        """Tell everything that is to be told now, as at a start of the process."""
        for event in await self.studio.jobs.events(None):
            self.delivery.take(event)
        await self.delivery.settled()

    async def clip(self, prompt: str = "a red ball", thread: str = "") -> tuple[JobId, str]:
        """A clip that was asked for, made and posted; its id and its message."""
        answer = await self.core.command(self.at(thread), f"/generate {prompt}")
        assert answer.job is not None, answer.text
        await self.studio.succeed(await self.studio.claim())
        await self.deliver()
        (message,) = self.chat.of_job(answer.job)
        return answer.job, message.ref.message


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with (
        open_studio(tmp_path) as studio,
        open_database(studio.settings.resolved_database_url) as database,
    ):
        conversations, chat = SqlConversations(database), Chat()
        patience = Patience(first=0.01, longest=0.02, tries=3)
        delivery = Delivery(service=studio.face, conversations=conversations, platforms=(chat,), patience=patience)
        core = ChatCore(studio.face, studio.face, conversations)
        yield Room(studio=studio, conversations=conversations, chat=chat, delivery=delivery, core=core)
