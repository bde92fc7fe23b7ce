"""Finding the desk from an interaction: buttons and commands are made by discord.py and know their client only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.discord_app.desk import Desk

COG = "threadreel"


class HasDesk(Protocol):
    desk: Desk


def desk_of(interaction: discord.Interaction[Any]) -> Desk:
    """The desk of the client that was told of the interaction."""
    client = interaction.client
    assert isinstance(client, commands.Bot | commands.AutoShardedBot)
    return cast(HasDesk, client.get_cog(COG)).desk
