"""The part of `/admin` that decides of members: blocks, tiers and months, in this server or everywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.administering import Administering
from bot.commands.ends import end_of
from bot.discord_app.desk import Desk
from bot.discord_app.people import anyone, of_server
from bot.discord_app.places import PLATFORM
from bot.discord_app.translate import described, named
from bot.managing import Managing, Named
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from inference.errors import InvalidValue

NONE = "none"
"""Takes a tier back."""
DESCRIBED = {
    "member": described("option-member"),
    "tier": described("option-tier"),
    "role": described("option-role"),
    "days": described("option-days"),
    "until": described("option-until"),
    "reason": described("option-reason"),
    "everywhere": described("option-everywhere"),
}
NAMED = {
    "member": named("member", ("メンバー",)),
    "tier": named("tier", ("ティア",)),
    "role": named("role", ("ロール",)),
    "days": named("days", ("日数",)),
    "until": named("until", ("期限",)),
    "reason": named("reason", ("理由",)),
    "everywhere": named("everywhere", ("全体",)),
}

Interaction = discord.Interaction[Any]
Days = app_commands.Range[int, 1, 3650]
T = TypeVar("T")


def _options(*names: str, **otherwise: app_commands.locale_str) -> Callable[[T], T]:
    """Their names and descriptions, in both languages; `otherwise` are descriptions of this command's own."""

    def decorate(command: T) -> T:
        described_ = app_commands.describe(**{name: otherwise.get(name, DESCRIBED[name]) for name in names})
        return app_commands.rename(**{name: NAMED[name] for name in names})(described_(command))

    return decorate


class MembersPart(app_commands.Group):
    """All are shown whatever the operator lets managers do: the service says who may not, and why."""

    def __init__(
        self,
        desk: Desk,
        managing: Managing,
        administering: Administering,
        overseeing: Overseeing,
        *,
        tiers: Sequence[str],
    ) -> None:
        super().__init__(name="members", description="…")
        self._desk = desk
        self._managing = managing
        self._administering = administering
        self._overseeing = overseeing
        self._tiers = tiers

    @app_commands.command(name=named("block", ("ブロック",)), description=described("command-admin-block"))
    @_options("member", "days", "until", "reason", "everywhere")
    async def block(
        self,
        interaction: Interaction,
        member: discord.User,
        days: Days | None = None,
        until: str | None = None,
        reason: str = "",
        *,
        everywhere: bool = False,
    ) -> None:
        async def act(context: Context) -> Answer:
            return await self._where(everywhere).block(
                context, anyone(interaction, member), blocked=True, until=end_of(until, days), reason=reason
            )

        await self._oversee(interaction, act)

    @app_commands.command(name=named("unblock", ("ブロック解除",)), description=described("command-admin-unblock"))
    @_options("member", "reason", "everywhere", reason=described("option-why"))
    async def unblock(
        self, interaction: Interaction, member: discord.User, reason: str = "", *, everywhere: bool = False
    ) -> None:
        async def act(context: Context) -> Answer:
            whom = anyone(interaction, member)
            return await self._where(everywhere).block(context, whom, blocked=False, reason=reason)

        await self._oversee(interaction, act)

    @app_commands.command(name=named("grant", ("付与",)), description=described("command-admin-grant"))
    @_options("member", "tier", "days", "until", "reason", "everywhere", reason=described("option-why"))
    async def grant(
        self,
        interaction: Interaction,
        member: discord.User,
        tier: str,
        *,
        days: Days | None = None,
        until: str | None = None,
        reason: str = "",
        everywhere: bool = False,
    ) -> None:
        async def act(context: Context) -> Answer:
            whom = anyone(interaction, member) if everywhere else of_server(interaction, member)
            given, end = None if tier == NONE else tier, end_of(until, days)
            return await self._where(everywhere).member_tier(context, whom, given, end, reason)

        await self._oversee(interaction, act)

    @app_commands.command(name=named("revoke", ("剥奪",)), description=described("command-admin-revoke"))
    @_options("member", "reason", "everywhere", reason=described("option-why"))
    async def revoke(
        self, interaction: Interaction, member: discord.User, reason: str = "", *, everywhere: bool = False
    ) -> None:
        async def act(context: Context) -> Answer:
            whom = anyone(interaction, member) if everywhere else of_server(interaction, member)
            return await self._where(everywhere).member_tier(context, whom, None, reason=reason)

        await self._oversee(interaction, act)

    @app_commands.command(name=named("tier", ("ティア",)), description=described("command-admin-tier"))
    @_options("tier", "member", "role", "days", "until", "reason", reason=described("option-why"))
    async def tier(
        self,
        interaction: Interaction,
        tier: str,
        member: discord.User | None = None,
        role: discord.Role | None = None,
        *,
        days: Days | None = None,
        until: str | None = None,
        reason: str = "",
    ) -> None:
        given = None if tier == NONE else tier

        async def act(context: Context) -> Answer:
            end = end_of(until, days)
            if member is not None and role is None:
                return await self._managing.member_tier(context, of_server(interaction, member), given, end, reason)
            if role is not None and member is None:
                named_role = Named(id=f"{PLATFORM}:{role.id}", name=role.name)
                return await self._managing.role_tier(context, named_role, given, end, reason)
            raise InvalidValue(name="/admin tier", value="", allowed="allowed-member-or-role")

        await self._oversee(interaction, act)

    @grant.autocomplete("tier")
    @tier.autocomplete("tier")
    async def _known_tiers(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        texts = await self._desk.texts(interaction)
        known = [app_commands.Choice(name=name, value=name) for name in self._tiers]
        taken = app_commands.Choice(name=texts("choice-no-tier"), value=NONE)
        return [choice for choice in (*known, taken) if current.lower() in choice.name.lower()]

    @app_commands.command(name=named("reset", ("リセット",)), description=described("command-admin-reset"))
    @_options("member", "reason", reason=described("option-why"))
    async def reset(self, interaction: Interaction, member: discord.User, reason: str = "") -> None:
        async def act(context: Context) -> Answer:
            return await self._managing.reset(context, of_server(interaction, member), reason)

        await self._oversee(interaction, act)

    def _where(self, everywhere: bool) -> Managing | Administering:
        return self._administering if everywhere else self._managing

    async def _oversee(self, interaction: Interaction, act: Callable[[Context], Awaitable[Answer]]) -> None:
        """Also for operators who do not manage this server."""
        await self._desk.manage(interaction, act, others=self._overseeing.may)
