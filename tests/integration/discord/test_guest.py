"""Loaded into someone else's bot by one line: ours comes along, theirs stays as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands
from discord.ext import commands

from bot.discord_app.cog import ThreadreelCog
from bot.discord_app.found import COG
from inference.protocols import Doors
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.integration.discord.conftest import BALL, Server, said, text_of
from tests.support.api import serve
from tests.support.studio import open_studio

SETTLE_SECONDS = 8.0
"""Well below the 15 that the client keeps an idle connection to the service: the simulation waits for each timer of the
bot's that ends within this time, and gives up where it ends on the very stroke."""


class TheirTranslator(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        _context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        return "やあ" if str(string) == "hello" and locale == discord.Locale.japanese else None


class TheirBot(commands.Bot):
    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(command_prefix="!", intents=intents)

        @self.tree.command(name="hello", description="Theirs")
        async def hello(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("hi")

        @self.command()
        async def ping(ctx: commands.Context[Any]) -> None:
            await ctx.send("Pong!")

        del hello, ping

    async def setup_hook(self) -> None:
        await self.tree.set_translator(TheirTranslator())
        await self.load_extension("bot.discord_app")
        await self.tree.sync()


async def test_an_extension_brings_ours_and_leaves_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_studio(tmp_path / "service") as studio, serve(studio) as served:
        monkeypatch.setenv("THREADREEL_DATA_DIR", str(tmp_path / "bot"))
        monkeypatch.setenv("THREADREEL_SERVICE__URL", served.url)
        monkeypatch.setenv("THREADREEL_SERVICE__KEY", served.keys.bot)
        bot = TheirBot()
        env = simcord.Env(bot, settle_timeout=SETTLE_SECONDS)
        await env.start()
        try:
            guild = env.create_guild()
            channel = guild.create_text_channel("reels")
            server = Server(studio=studio, env=env, bot=bot, guild=guild, channel=channel)
            ann = await server.member()
            greeting = await ann.slash(channel, "hello")
            assert greeting.response is not None
            assert greeting.response.content == "hi"
            root, message = await server.made(ann)
            await ann.send(channel, "!ping", reply_to=message)
            assert channel.last_message is not None
            assert channel.last_message.content == "Pong!"
            await ann.send(channel, f"<@{env.backend.bot_user.id}> what is this?")
            assert not [m for m in server.posts() if "/generate" in text_of(m)]
            await ann.send(channel, "make it blue", reply_to=message)
            assert (await server.finish()).parent == root.id
            commands_ = {
                command["name"]: command
                for command in env.backend.visible_commands(user_id=ann.id, channel_id=channel.id)
            }
            assert commands_["hello"]["name_localizations"] == {"ja": "やあ"}
            assert commands_["generate"]["name_localizations"] == {"ja": "生成"}
            assert BALL in said(await ann.slash(channel, "history"))
            await bot.unload_extension("bot.discord_app")
            assert [command.name for command in bot.tree.get_commands()] == ["hello"]
            assert isinstance(bot.tree.translator, TheirTranslator)
        finally:
            await env.shutdown()
        env.raise_errors()


@asynccontextmanager
async def stranger(folder: Path) -> AsyncIterator[tuple[commands.Bot, ThreadreelCog]]:
    """Someone's bot, and ours that is not in it yet."""
    async with (
        open_studio(folder) as studio,
        open_database(f"sqlite+aiosqlite:///{folder / 'conversations.db'}") as database,
    ):

        @asynccontextmanager
        async def opening() -> AsyncIterator[tuple[Doors, SqlConversations]]:
            yield studio.face, SqlConversations(database)

        async with commands.Bot(command_prefix="!", intents=discord.Intents.none()) as theirs:
            yield theirs, ThreadreelCog(theirs, opening, is_guest=True)


@pytest.mark.parametrize("name", ["admin", "help", "queue"])
async def test_a_bot_with_a_command_of_the_same_name_keeps_it(tmp_path: Path, name: str) -> None:
    async with stranger(tmp_path) as (theirs, ours):

        @theirs.tree.command(name=name, description="Theirs")
        async def own(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("hi")

        await theirs.add_cog(ours)
        assert theirs.tree.get_command(name) is own
        assert theirs.tree.get_command(f"threadreel-{name}") is not None
        assert theirs.tree.get_command("generate") is not None
        await theirs.remove_cog(COG)
        assert [command.name for command in theirs.tree.get_commands()] == [name]


async def test_where_there_is_no_room_nothing_of_ours_stays_behind(tmp_path: Path) -> None:
    async with stranger(tmp_path) as (theirs, ours):

        async def look(interaction: discord.Interaction[Any], message: discord.Message) -> None:
            await interaction.response.send_message(str(message.id))

        for number in range(5):
            theirs.tree.add_command(app_commands.ContextMenu(name=f"look {number}", callback=look))
        with pytest.raises(app_commands.CommandLimitReached):
            await theirs.add_cog(ours)
        assert theirs.tree.get_commands(type=discord.AppCommandType.chat_input) == []
        assert theirs.tree.translator is None
