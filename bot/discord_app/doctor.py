"""What Discord says about a token: whose it is, which intents are on, where it may post, and the link to invite it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import discord
from pydantic import SecretStr

from bot.discord_app.client import reach
from bot.discord_app.faults import NETWORK
from bot.discord_app.permissions import INVITED_WITH
from bot.settings import DiscordSettings

SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    #: What is wrong with the token or the way to Discord; empty where all is well.
    trouble: str = ""
    name: str = ""
    #: Servers that the bot is in.
    servers: int = 0
    reads_messages: bool = False
    invite: str = ""


def examine(settings: DiscordSettings, token: SecretStr) -> Diagnosis:
    """Ask Discord. Logs in by the API only: no gateway is opened, nobody sees the bot come online."""
    return asyncio.run(_examine(settings, token.get_secret_value()))


async def _examine(settings: DiscordSettings, token: str) -> Diagnosis:
    reach(settings)
    client = discord.Client(intents=discord.Intents.none())
    try:
        async with asyncio.timeout(SECONDS), client:
            await client.login(token)
            flags = client.application_flags
            application = await client.application_info()
            servers = [guild async for guild in client.fetch_guilds(limit=200)]
            return Diagnosis(
                name=str(client.user),
                servers=len(servers),
                reads_messages=flags.gateway_message_content or flags.gateway_message_content_limited,
                invite=invite(application.id),
            )
    except discord.LoginFailure:
        return Diagnosis(trouble="Discord does not know this token")
    except (discord.HTTPException, *NETWORK) as error:
        return Diagnosis(trouble=f"Discord cannot be asked: {str(error) or type(error).__name__}")


def invite(application: int) -> str:
    """The link that adds the bot to a server with the least that it needs."""
    return discord.utils.oauth_url(application, permissions=INVITED_WITH, scopes=("bot", "applications.commands"))
