"""The playground's real server over a real service, a stand-in for the worker, and a page that is no browser."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.delivery import Delivery
from bot.playground.app import create_playground, open_chat
from bot.session import ChatCore
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.studio import Studio, open_studio

Message = dict[str, Any]
PATIENCE = 20


@dataclass(frozen=True)
class Got:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    type: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Page:
    """What a page knows: every message by id, as the event stream tells."""

    member: str
    base: str
    session: aiohttp.ClientSession
    messages: dict[str, Message] = field(default_factory=dict)
    last_id: str = ""
    #: Names of all events so far.
    heard: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        query = {"member": self.member, "after": self.last_id}
        async with self.session.get(f"{self.base}/api/events", params=query) as stream:
            event: dict[str, str] = {}
            async for raw in stream.content:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                elif "event" in event:
                    await self._take(event)
                    event = {}

    async def _take(self, event: dict[str, str]) -> None:
        async with self._news:
            self.heard.append(event["event"])
            self.last_id = event["id"]
            data = json.loads(event["data"])
            if event["event"] == "snapshot":
                self.messages = {message["id"]: message for message in data}
            elif data.get("removed"):
                self.messages.pop(data["id"], None)
            else:
                self.messages[data["id"]] = data
            self._news.notify_all()

    async def until(self, found: Callable[[Message], bool]) -> Message:
        """The first message that fulfils the condition, as soon as there is one."""
        async with asyncio.timeout(PATIENCE), self._news:
            while True:
                for message in self.messages.values():
                    if found(message):
                        return message
                await self._news.wait()

    async def until_gone(self, message: str) -> None:
        await self.until_none(lambda m: m["id"] == message)

    async def until_none(self, found: Callable[[Message], bool]) -> None:
        """Wait until no message fulfils the condition."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: not any(found(message) for message in self.messages.values()))

    async def whisper(self, words: str) -> Message:
        return await self.until(lambda m: m["ephemeral"] and words in m["text"])

    async def clip(self, title: str) -> Message:
        """The bot's message that bears the finished clip."""
        return await self.until(
            lambda m: bool(m.get("card")) and m["card"]["title"] == title and m["card"]["tone"] == "done"
        )

    async def say(
        self, text: str, *, nonce: str = "", image: bytes | None = None, **where: str
    ) -> aiohttp.ClientResponse:
        form = aiohttp.FormData()
        form.add_field("nonce", nonce or str(uuid.uuid4()))
        for name, value in ({"channel": "reels", "text": text} | where).items():
            form.add_field(name, value)
        if image is not None:
            form.add_field("image", io.BytesIO(image), filename="picture.png", content_type="image/png")
        async with self.session.post(f"{self.base}/api/messages", data=form, headers=self.headers) as answer:
            await answer.read()
            return answer

    async def press(self, message: Message, verb: str, thread: str = "", **fields: str) -> dict[str, Any]:
        """Press the message's button of this verb."""
        buttons = [*(message.get("buttons") or []), *((message.get("card") or {}).get("buttons") or [])]
        action = next(button["id"] for button in buttons if f":{verb}" in button["id"])
        body = {
            "nonce": str(uuid.uuid4()),
            "message": message["id"],
            "thread": thread,
            "action": action,
            "fields": fields,
        }
        return await self.post("/api/actions", body)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.base}{path}", json=body, headers=self.headers) as answer:
            assert answer.ok, await answer.text()
            answered: dict[str, Any] = await answer.json()
            return answered

    async def get(self, path: str, **headers: str) -> Got:
        async with self.session.get(f"{self.base}{path}", headers=self.headers | headers) as answer:
            return Got(status=answer.status, headers=answer.headers, type=answer.content_type, body=await answer.read())

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Playground-Member": self.member, "X-Playground-Language": "en"}


@dataclass
class House:
    """Everything that runs."""

    studio: Studio
    url: str

    @asynccontextmanager
    async def page(self, member: str = "pro", last_id: str = "") -> AsyncIterator[Page]:
        """A page that listens."""
        async with aiohttp.ClientSession() as session:
            page = Page(member=member, base=self.url, session=session, last_id=last_id)
            listening = asyncio.create_task(page.listen())
            try:
                async with asyncio.timeout(PATIENCE), page._news:
                    await page._news.wait_for(lambda: page.heard or last_id)
                yield page
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def open_house(studio: Studio) -> AsyncIterator[House]:
    """The bot's process, as its composition root builds it."""
    async with open_database(studio.settings.resolved_database_url) as database:
        conversations = SqlConversations(database)
        chat = await open_chat(conversations)
        delivery = Delivery(service=studio.face, conversations=conversations, platforms=(chat,))
        core = ChatCore(studio.face, studio.face, conversations)
        app = create_playground(chat=chat, core=core, service=studio.face, library=studio.face)
        async with TestServer(app) as server:
            delivering = asyncio.create_task(delivery.run())
            try:
                yield House(studio=studio, url=str(server.make_url("")).rstrip("/"))
            finally:
                delivering.cancel()
                await asyncio.gather(delivering, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_studio(tmp_path) as studio, open_house(studio) as house:
        yield house
