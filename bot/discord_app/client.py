"""The factory of a client that is ready to log in, and the extension for a client that is someone else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import structlog
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.discord_app.cog import Client, Opening, ThreadreelCog
from bot.discord_app.found import COG
from bot.discord_app.sending import NOBODY
from bot.settings import DiscordSettings, Settings
from inference.client import Client as ServiceClient
from inference.protocols import Doors
from storage.conversations import SqlConversations
from storage.database import open_database

_log = structlog.get_logger(__name__)


class ThreadreelBot(commands.Bot):
    """A client that is ours alone: it shows our commands as soon as it is logged in."""

    def __init__(self, settings: DiscordSettings, opening: Opening, *, shards: int | None = None) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(settings),
            allowed_mentions=NOBODY,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            shard_count=shards,
        )
        self._opening = opening
        self._asks_for_content = settings.message_content is True

    async def setup_hook(self) -> None:
        await self.add_cog(ThreadreelCog(self, self._opening, is_guest=False))
        await self.tree.sync()

    async def connect(self, *, reconnect: bool = True) -> None:
        """With the Message Content intent where the portal allows it, else without.

        The application says so itself: several connections would be closed for good by the first that is refused.
        """
        allowed = (
            self.application_flags.gateway_message_content or self.application_flags.gateway_message_content_limited
        )
        if self.intents.message_content and not (allowed or self._asks_for_content):
            _log.warning(
                "the Message Content intent is off in the portal: replies are read where they mention or ping the bot"
            )
            self._connection._intents.message_content = False  # noqa: SLF001  # discord.py has no other way
        await super().connect(reconnect=reconnect)

    async def on_message(self, message: discord.Message) -> None:
        """No commands by prefix."""

    async def stop(self) -> None:
        """Take no more, finish what was taken, leave."""
        cog = self.get_cog(COG)
        if isinstance(cog, ThreadreelCog):
            cog.stop_taking()
            await cog.close()
        await self.close()


class ShardedThreadreelBot(ThreadreelBot, commands.AutoShardedBot):
    """The same over several gateway connections."""


def create_bot(settings: Settings, service: Doors, *, conversations: SqlConversations | None = None) -> ThreadreelBot:
    """A client ready to log in with the token of its owner's choice.

    `service` is the service itself or an `inference.client`, open for as long as the client lives.
    `conversations` are opened from the settings where none are handed in.
    """
    reach(settings.discord)

    @asynccontextmanager
    async def opening() -> AsyncIterator[tuple[Doors, SqlConversations]]:
        if conversations is not None:
            yield service, conversations
            return
        async with _conversations(settings) as opened:
            yield service, opened

    shards = settings.discord.shards
    if shards is None:
        return ThreadreelBot(settings.discord, opening)
    return ShardedThreadreelBot(settings.discord, opening, shards=shards or None)


async def setup(client: Client) -> None:
    """Called by `await client.load_extension("bot.discord_app")`: settings come from the environment."""
    settings = Settings()

    @asynccontextmanager
    async def opening() -> AsyncIterator[tuple[Doors, SqlConversations]]:
        key = settings.bot_key()
        if key is None:
            raise commands.ExtensionError(
                "No key for the service: set THREADREEL_SERVICE__KEY, or THREADREEL_DATA_DIR to the service's folder.",
                name="bot.discord_app",
            )
        async with ServiceClient(settings.service_url, key) as service, _conversations(settings) as opened:
            yield service, opened

    await client.add_cog(ThreadreelCog(client, opening, is_guest=True))


def intents(settings: DiscordSettings) -> discord.Intents:
    """The least that serves. Message Content is privileged: it must be switched on in the portal."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = wanted.dm_messages = True
    wanted.guild_reactions = wanted.dm_reactions = True
    wanted.message_content = settings.message_content is not False
    return wanted


def reach(settings: DiscordSettings) -> None:
    """Point discord.py at the addresses of the settings; it keeps them in its classes, for the whole process."""
    if settings.api_url:
        Route.BASE = settings.api_url.rstrip("/")
    if settings.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.gateway_url)


@asynccontextmanager
async def _conversations(settings: Settings) -> AsyncIterator[SqlConversations]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with open_database(settings.resolved_database_url, power_safe=False) as database:
        yield SqlConversations(database)
