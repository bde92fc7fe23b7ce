"""The bot on a simulated Discord, before a real service on real rows, with a stand-in for the worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import discord
import pytest
import simcord
from discord.ext import commands
from simcord import ChannelHandle, GuildHandle, InteractionResult, MemberActor
from sqlalchemy import update
from sqlmodel import col

from bot.discord_app import ThreadreelBot, create_bot
from bot.discord_app.chat import DiscordChat
from bot.discord_app.faults import BY_CODE, Fault
from bot.settings import DiscordSettings, Settings
from inference.protocols import Claim
from inference.types import Clip, GrantTier, Identity, Job, JobId
from storage.conversation_tables import PostRow
from storage.database import open_database
from tests.support.studio import Studio, open_studio, operator

PATIENCE = float(os.environ.get("PATIENCE", "20"))
BALL = "a red ball"
T = TypeVar("T")


@pytest.fixture(autouse=True)
def without_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """`WITHOUT_MEND=50083` takes the mend of this code away, to show that its test can fail."""
    if code := os.environ.get("WITHOUT_MEND"):
        monkeypatch.setitem(BY_CODE, int(code), Fault.REFUSED)


@pytest.fixture(autouse=True)
def quick_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord's pace is five seconds; nobody wants to wait for it here."""
    monkeypatch.setattr(DiscordChat, "update_seconds", 0.02)


@dataclass
class Server:
    """A Discord server with a channel and members, and what stands in it."""

    studio: Studio
    env: simcord.Env
    bot: commands.Bot
    guild: GuildHandle
    channel: ChannelHandle
    members: dict[str, MemberActor] = field(default_factory=dict)

    async def member(self, name: str = "ann", tier: str = "pro") -> MemberActor:
        if name not in self.members:
            actor = self.guild.add_member(self.env.create_user(name))
            if tier != "free":
                who = Identity(f"discord:{actor.id}")
                await self.studio.operators.change_account(GrantTier(tier=tier), operator(), who)
            self.members[name] = actor
        return self.members[name]

    # --- What the bot said

    def posts(self, channel: ChannelHandle | None = None) -> list[discord.Message]:
        """The bot's messages, oldest first."""
        where = channel or self.channel
        return [message for message in where.history() if message.author.id == self.env.backend.bot_user.id]

    async def until(self, look: Callable[[], T | None]) -> T:
        """As soon as there is something."""
        async with asyncio.timeout(PATIENCE):
            while not (seen := look()):
                await asyncio.sleep(0.02)
            return seen

    async def post_saying(self, words: str, channel: ChannelHandle | None = None) -> discord.Message:
        return await self.until(lambda: next((m for m in self.posts(channel) if words in text_of(m)), None))

    async def clip_message(self, job: JobId, channel: ChannelHandle | None = None) -> discord.Message:
        """The message that bears the finished clip."""
        name = f"{job}.mp4"
        return await self.until(
            lambda: next((m for m in self.posts(channel) if any(a.filename == name for a in m.attachments)), None)
        )

    def thread(self, parent: ChannelHandle | None = None) -> ChannelHandle:
        threads = (parent or self.channel).threads
        assert len(threads) == 1, threads
        return threads[0]

    async def opened_thread(self) -> ChannelHandle:
        """The channel's thread, as soon as there is one."""
        return await self.until(lambda: next(iter(self.channel.threads), None))

    async def forget_message(self, job: JobId) -> None:
        """As if the bot had died after it posted and before it wrote down where."""
        url = f"sqlite+aiosqlite:///{self.studio.settings.data_dir / 'conversations.db'}"
        posting = update(PostRow).where(col(PostRow.job_id) == job).values(state="posting", message="")
        async with open_database(url) as database:
            await database.writing(lambda db: db.execute(posting))

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

    async def made(self, who: MemberActor, prompt: str = BALL, **options: Any) -> tuple[Clip, discord.Message]:
        """A clip that was asked for by a command, made and delivered."""
        await who.slash(self.channel, "generate", prompt=prompt, **options)
        clip = await self.finish()
        return clip, await self.clip_message(clip.id)

    async def restart(self, **changed: Any) -> None:
        """Another process of the bot, on the same server, service and conversations."""
        self.bot = make_bot(self.studio, **changed)
        await self.env.restart_bot(self.bot)


def make_bot(studio: Studio, **discord_settings: Any) -> ThreadreelBot:
    settings = Settings(data_dir=studio.settings.data_dir, discord=DiscordSettings(**discord_settings))
    return create_bot(settings, studio.face)


@asynccontextmanager
async def open_server(
    folder: Path, presets_file: Path | None = None, house: dict[str, Any] | None = None, **discord_settings: Any
) -> AsyncIterator[Server]:
    """`house`: settings of the service."""
    async with open_studio(folder, presets_file=presets_file, **(house or {})) as studio:
        bot = make_bot(studio, **discord_settings)
        env = simcord.Env(bot, settle_timeout=15)
        await env.start()  # not `simcord.run`, which wants to end in the very context that it began in
        try:
            guild = env.create_guild()
            channel = guild.create_text_channel("reels")
            yield Server(studio=studio, env=env, bot=bot, guild=guild, channel=channel)
        finally:
            await env.shutdown()
        env.raise_errors()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with open_server(tmp_path) as opened:
        yield opened


@pytest.fixture
async def blind_server(tmp_path: Path) -> AsyncIterator[Server]:
    """Without the Message Content intent."""
    async with open_server(tmp_path, message_content=False) as opened:
        yield opened


# --- Reading messages


def parts(components: Any) -> Iterator[Any]:
    """All components, whatever they are in."""
    for component in components:
        yield component
        yield from parts(getattr(component, "children", []) or [])


def text_of(message: discord.Message) -> str:
    """All words of a message."""
    shown = [part.content for part in parts(message.components) if isinstance(part, discord.TextDisplay)]
    return "\n".join([message.content, *shown]).strip()


def buttons_of(message: discord.Message) -> list[discord.Button]:
    return [part for part in parts(message.components) if isinstance(part, discord.Button)]


def said(result: InteractionResult) -> str:
    """The ephemeral answer's words."""
    assert result.response is not None, "no answer"
    assert result.ephemeral
    return text_of(result.response.message)
