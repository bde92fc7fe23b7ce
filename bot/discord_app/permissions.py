"""What the bot must be allowed where a clip is to be posted. Looked at before anything is charged."""

from __future__ import annotations

from typing import Any

import discord

from bot.commands.errors import CannotPost
from bot.texts import Texts

NEEDED = ("view_channel", "attach_files")
INVITED_WITH = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,
)
"""The least that all of it works with."""


def is_only_users(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member brought the bot along to a place of which it is no member."""
    if interaction.context.dm_channel:
        return False
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def check_place(interaction: discord.Interaction[Any], texts: Texts) -> None:
    """Raises CannotPost. Where the bot is no member, and in direct messages, nothing is to be allowed."""
    if interaction.guild_id is None or is_only_users(interaction):
        return
    check(interaction.app_permissions, texts, in_thread=isinstance(interaction.channel, discord.Thread))


def check(allowed: discord.Permissions, texts: Texts, *, in_thread: bool) -> None:
    """Raises CannotPost naming what is missing."""
    needed = (*NEEDED, "send_messages_in_threads" if in_thread else "send_messages")
    missing = [name for name in needed if not getattr(allowed, name)]
    if missing:
        raise CannotPost(permissions=", ".join(texts(f"permission-{name}") for name in missing))
