"""Members of Discord as the service knows them: roles and bought things are handed over, the service decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord

from bot.discord_app.places import PLATFORM
from inference.errors import NotFound
from inference.types import Identity, Place, Requester


def identity_of(user: int) -> Identity:
    """The same in every server."""
    return Identity(f"{PLATFORM}:{user}")


def user_id(identity: Identity) -> int:
    return int(identity.partition(":")[2])


def requester_of(
    user: discord.abc.User,
    *,
    guild: int | None,
    channel: int | None,
    locale: str,
    entitlements: Iterable[discord.Entitlement] = (),
) -> Requester:
    # @everyone is one of them: who manages the server can give a tier to all who are in it.
    roles = user.roles if isinstance(user, discord.Member) else []
    return Requester(
        identity=identity_of(user.id),
        display_name=user.display_name,
        place=Place(
            platform=PLATFORM, workspace=str(guild) if guild else "", channel="" if channel is None else str(channel)
        ),
        roles=tuple(f"{PLATFORM}:{role.id}" for role in roles),
        entitlements=skus_of(entitlements),
        locale=locale,
    )


def skus_of(entitlements: Iterable[discord.Entitlement]) -> tuple[str, ...]:
    """What was bought, as long as it lasts."""
    return tuple(f"{PLATFORM}:{bought.sku_id}" for bought in entitlements if not bought.is_expired())


def anyone(interaction: discord.Interaction[Any], person: discord.abc.User) -> Requester:
    """The person as the service knows them; who left the server can still be blocked."""
    return requester_of(person, guild=interaction.guild_id, channel=None, locale="en")


def of_server(interaction: discord.Interaction[Any], person: discord.abc.User) -> Requester:
    """Managers are told of the people of their server only. Raises NotFound."""
    if not isinstance(person, discord.Member):
        raise NotFound(what="member", id=person.display_name)
    return anyone(interaction, person)
