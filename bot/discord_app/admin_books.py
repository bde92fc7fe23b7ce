"""The part of `/admin` that looks at a server, or at all of them, and gives back what was spent."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_app.desk import Desk
from bot.discord_app.people import anyone, of_server
from bot.discord_app.translate import described, named
from bot.managing import Managing
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from inference.errors import InvalidValue
from inference.types import JobId, UsageBy

USAGE_BY = [app_commands.Choice(name=described(f"usage-by-{by}"), value=str(by)) for by in UsageBy]

Interaction = discord.Interaction[Any]


class BooksPart(app_commands.Group):
    """Also for operators who do not manage this server: the service tells managers of theirs alone."""

    def __init__(self, desk: Desk, managing: Managing, overseeing: Overseeing) -> None:
        super().__init__(name="books", description="…")
        self._desk = desk
        self._managing = managing
        self._overseeing = overseeing

    @app_commands.command(name=named("usage", ("使用状況",)), description=described("command-admin-usage"))
    @app_commands.describe(
        member=described("option-usage-member"), month=described("option-month"), by=described("option-usage-by")
    )
    @app_commands.rename(
        member=named("member", ("メンバー",)), month=named("month", ("月",)), by=named("by", ("区切り",))
    )
    @app_commands.choices(by=USAGE_BY)
    async def usage(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        month: str | None = None,
        by: str = UsageBy.MEMBER,
    ) -> None:
        async def act(context: Context) -> Answer:
            if member is not None:
                return await self._managing.usage(context, of_server(interaction, member))
            return await self._overseeing.usage(context, month, by)

        await self._desk.manage(interaction, act, others=self._overseeing.may)

    @app_commands.command(name=named("refund", ("返却",)), description=described("command-admin-refund"))
    @app_commands.describe(
        reason=described("option-reason"), clip=described("option-refund-clip"), member=described("option-member")
    )
    @app_commands.rename(
        reason=named("reason", ("理由",)), clip=named("clip", ("クリップ",)), member=named("member", ("メンバー",))
    )
    async def refund(
        self, interaction: Interaction, reason: str, clip: str | None = None, member: discord.User | None = None
    ) -> None:
        async def act(context: Context) -> Answer:
            if clip is not None and member is None:
                return await self._overseeing.refund(context, JobId(clip), reason)
            if member is not None and clip is None:
                return await self._overseeing.refund(context, anyone(interaction, member), reason)
            raise InvalidValue(name="/admin refund", value="", allowed="allowed-clip-or-member")

        await self._desk.manage(interaction, act, others=self._overseeing.may)

    @app_commands.command(name=named("audit", ("記録",)), description=described("command-admin-audit"))
    @app_commands.describe(member=described("option-audit-member"))
    @app_commands.rename(member=named("member", ("メンバー",)))
    async def audit(self, interaction: Interaction, member: discord.User | None = None) -> None:
        whom = None if member is None else anyone(interaction, member)
        await self._desk.manage(
            interaction, lambda context: self._overseeing.audit(context, whom), others=self._overseeing.may
        )
