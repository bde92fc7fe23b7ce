"""The bot on a small Slack on loopback, before a real service on real rows, with a stand-in for the worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col

from bot.settings import Settings, SlackMode, SlackSettings
from bot.slack_app import ThreadreelApp, create_app, serving
from bot.slack_app.chat import SlackChat
from bot.slack_app.looks import Looks
from bot.slack_app.stills import Stills
from bot.slack_app.uploads import Uploads
from inference.protocols import Claim
from inference.types import Clip, GrantTier, Identity, Job, JobId
from storage.conversation_tables import PostRow
from storage.conversations import SqlConversations
from storage.database import Database, open_database
from tests.support.slack import Server, open_server
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, APP_TOKEN, BOB, BOT_TOKEN, BOT_USER, CHANNEL, KEI, SECRET, Payload, words_of
from tests.support.studio import Studio, open_studio, operator

PATIENCE = float(os.environ.get("PATIENCE", "20"))
BALL = "a red ball"
USERS = {"ann": ANN, "bob": BOB, "kei": KEI}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's pace, which nobody wants to wait for here."""
    monkeypatch.setattr(SlackChat, "update_seconds", 0.02)
    monkeypatch.setattr(Uploads, "share_pauses", (0.05,) * 40)
    monkeypatch.setattr(Stills, "ready_pauses", (0.05,) * 40)
    monkeypatch.setattr(Looks, "pause", 0.05)


@dataclass
class Stage:
    """A studio, a small Slack, and the app that stands between them."""

    studio: Studio
    server: Server
    database: Database
    app: ThreadreelApp | None = None
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def conversations(self) -> SqlConversations:
        return SqlConversations(self.database)

    def settings(self, **slack: Any) -> Settings:
        usual = {
            "bot_token": SecretStr(BOT_TOKEN),
            "app_token": SecretStr(APP_TOKEN),
            "signing_secret": SecretStr(SECRET),
            "api_url": f"{self.server.url}/api/",
            "port": 0,
        }
        return Settings(data_dir=self.studio.settings.data_dir, slack=SlackSettings(**(usual | slack)))

    @asynccontextmanager
    async def bot(self, **slack: Any) -> AsyncIterator[ThreadreelApp]:
        """The app, heard by the small Slack while the block runs."""
        settings = self.settings(**slack)
        app = create_app(settings, self.studio.face, conversations=self.conversations)
        async with serving(app, settings.slack) as address:
            self.server.events_url = f"{address}/slack/events" if address else ""
            if not address:
                before = self.server.connections
                await self.server.until(lambda: self.server.connections >= max(1, before))
            self.app = app
            yield app

    async def member(self, name: str = "ann", tier: str = "pro") -> Member:
        if name not in self.members:
            self.members[name] = Member(self.server, USERS[name])
            if tier != "free":
                who = Identity(f"slack:T1:{USERS[name]}")
                await self.studio.operators.change_account(GrantTier(tier=tier), operator(), who)
        return self.members[name]

    # --- What stands in Slack

    def posts(self, channel: str = CHANNEL) -> list[Payload]:
        """The bot's messages, oldest first."""
        conversation = self.server.world.conversations.get(channel)
        messages = () if conversation is None else conversation.messages.values()
        return [message for message in messages if message.get("user") == BOT_USER]

    async def post_saying(self, words: str, channel: str = CHANNEL) -> Payload:
        return await self.server.until(lambda: next((m for m in self.posts(channel) if words in words_of(m)), None))

    def files_in(self, channel: str = CHANNEL) -> list[str]:
        """Names of the files that stand there, in order."""
        return [file["name"] for message in self.posts(channel) for file in message.get("files") or ()]

    async def delivered(self, job: JobId, channel: str = CHANNEL) -> Payload:
        """The job's parent message, once its clip is there and the bot has written that down."""
        await self.server.until(lambda: f"{job}.mp4" in self.files_in(channel))
        await self.told(job)
        return self.parent(job, channel)

    def parent(self, job: JobId, channel: str = CHANNEL) -> Payload:
        """The one message that bears the job."""
        bearing = [m for m in self.posts(channel) if (m.get("metadata") or {}).get("event_payload") == {"job": job}]
        assert len(bearing) == 1, bearing
        return bearing[0]

    async def told(self, job: JobId) -> None:
        """The end of the job was told, or never will be."""
        async with asyncio.timeout(PATIENCE):
            while any(event.job.id == job for event in await self.studio.jobs.events(None)):
                await asyncio.sleep(0.02)

    async def forget_message(self, job: JobId) -> None:
        """As if the bot had died after it posted and before it wrote down where."""
        posting = update(PostRow).where(col(PostRow.job_id) == job).values(state="posting", message="")
        await self.database.writing(lambda db: db.execute(posting))

    async def jobs(self) -> dict[str, int]:
        """How many there are, by status."""
        return {str(status): count for status, count in (await self.studio.jobs.counts()).items() if count}

    # --- What the worker does

    async def claimed(self) -> Claim:
        async with asyncio.timeout(PATIENCE):
            while not (await self.studio.jobs.counts()).get("queued"):
                await asyncio.sleep(0.02)
        return await self.studio.claim()

    async def finish(self) -> Clip:
        return await self.studio.succeed(await self.claimed())

    async def job(self, wanted: JobId) -> Job:
        found = await self.studio.jobs.get(wanted)
        assert found is not None
        return found

    async def made(self, who: Member, prompt: str = BALL, channel: str = CHANNEL) -> tuple[Clip, Payload]:
        """A clip that was asked for by a command, made and delivered."""
        await who.command("/generate", prompt, channel)
        clip = await self.finish()
        return clip, await self.delivered(clip.id, channel)


@asynccontextmanager
async def open_stage(folder: Path, **house: Any) -> AsyncIterator[Stage]:
    """`house`: settings of the service."""
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(open_studio(folder, **house))
        server = await stack.enter_async_context(open_server())
        url = f"sqlite+aiosqlite:///{folder / 'conversations.db'}"
        database = await stack.enter_async_context(open_database(url, power_safe=False))
        yield Stage(studio=studio, server=server, database=database)
        assert server.world.complaints == []
        assert server.world.timeouts == []


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Stage]:
    """Without an app: tests start their own."""
    async with open_stage(tmp_path) as opened:
        yield opened


@pytest.fixture(params=[SlackMode.SOCKET, SlackMode.HTTP], ids=["socket", "http"])
async def stage(request: pytest.FixtureRequest, bare: Stage) -> AsyncIterator[Stage]:
    """Once in Socket Mode and once in HTTP mode."""
    async with bare.bot(mode=request.param):
        yield bare
