"""`/admin`, for those who manage the server: Discord shows it to nobody else, and it is checked again here.

What the operator lets no manager do, tiers and months, is not shown at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.commands.table import BY_NAME
from bot.commands.zones import COMMON
from bot.discord_app.desk import Desk, written
from bot.discord_app.people import requester_of
from bot.discord_app.places import PLATFORM
from bot.discord_app.translate import described, named
from bot.managing import INHERIT, AskedPolicy, Managing, Named
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from inference.errors import InvalidValue, NotFound
from inference.types import JobId, Offer, Requester, Threads, UsageBy

NAME = "admin"
NONE = "none"
"""Takes a tier back."""
SWITCH = [app_commands.Choice(name=described(f"choice-{value}"), value=value) for value in ("yes", "no", INHERIT)]
THREADS = [
    *(app_commands.Choice(name=described(f"threads-{value}"), value=str(value)) for value in Threads),
    app_commands.Choice(name=described(f"choice-{INHERIT}"), value=INHERIT),
]
DEFAULT = app_commands.Choice(name=described("choice-default"), value="default")
SIZES = [app_commands.Choice(name=value, value=value) for value in ("480p", "720p", "1080p")]
SHAPES = [app_commands.Choice(name=value, value=value) for value in ("16:9", "9:16", "1:1")]
ZONES = [app_commands.Choice(name=zone, value=zone) for zone in COMMON]
USAGE_BY = [
    app_commands.Choice(name=described(f"usage-by-{by}"), value=str(by)) for by in (UsageBy.MEMBER, UsageBy.MONTH)
]
LANGUAGES = [app_commands.Choice(name=described(f"language-{value}"), value=value) for value in ("en", "ja")]

Interaction = discord.Interaction[Any]
GuildChannel = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel
Person = discord.Member | discord.User
Days = app_commands.Range[int, 1, 3650]


class AdminGroup(app_commands.Group):
    def __init__(self, desk: Desk, managing: Managing, overseeing: Overseeing, offer: Offer, *, name: str) -> None:
        super().__init__(
            name=named(name, ("管理",) if name == NAME else ()),
            description=described("command-admin"),
            default_permissions=discord.Permissions(manage_guild=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._desk = desk
        self._managing = managing
        self._overseeing = overseeing
        self._tiers = [tier.name for tier in offer.tiers]
        if not offer.managers_give_tiers:
            self.remove_command(self.tier.name)
            self.remove_command(self.reset.name)
            self.remove_command(self.refund.name)

    @app_commands.command(name=named("server", ("サーバー",)), description=described("command-admin-server"))
    @app_commands.describe(
        use=described("option-use"),
        spoiler=described("option-spoiler"),
        threads=described("option-threads"),
        seconds=described("option-default-seconds"),
        size=described("option-default-size"),
        aspect_ratio=described("option-default-aspect"),
        language=described("option-default-language"),
        timezone=described("option-default-timezone"),
    )
    @app_commands.rename(
        use=named("use", ("利用",)),
        spoiler=named("spoiler", ("ネタバレ",)),
        threads=named("threads", ("スレッド",)),
        seconds=named("seconds", ("秒",)),
        size=named("size", ("サイズ",)),
        aspect_ratio=named("aspect_ratio", ("縦横比",)),
        language=named("language", ("言語",)),
        timezone=named("timezone", ("タイムゾーン",)),
    )
    @app_commands.choices(
        use=SWITCH,
        spoiler=SWITCH,
        threads=THREADS,
        size=[*SIZES, DEFAULT],
        aspect_ratio=[*SHAPES, DEFAULT],
        language=[*LANGUAGES, DEFAULT],
        timezone=[*ZONES, DEFAULT],
    )
    async def server(
        self,
        interaction: Interaction,
        *,
        use: str | None = None,
        spoiler: str | None = None,
        threads: str | None = None,
        seconds: float | None = None,
        size: str | None = None,
        aspect_ratio: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        chosen: dict[str, object] = {
            "seconds": seconds,
            "size": size,
            "aspect_ratio": aspect_ratio,
            "language": language,
            "timezone": timezone,
        }
        texts = {key: written(BY_NAME["settings"], value) for key, value in chosen.items() if value is not None}
        defaults = {key: text for key, text in texts.items() if text is not None}
        asked = AskedPolicy(usable=use, spoiler=spoiler, threads=threads, defaults=defaults)
        await self._desk.manage(interaction, lambda context: self._managing.policy(context, asked))

    @app_commands.command(name=named("channel", ("チャンネル",)), description=described("command-admin-channel"))
    @app_commands.describe(
        channel=described("option-channel"),
        use=described("option-use"),
        spoiler=described("option-spoiler"),
        threads=described("option-threads"),
    )
    @app_commands.rename(
        channel=named("channel", ("チャンネル",)),
        use=named("use", ("利用",)),
        spoiler=named("spoiler", ("ネタバレ",)),
        threads=named("threads", ("スレッド",)),
    )
    @app_commands.choices(use=SWITCH, spoiler=SWITCH, threads=THREADS)
    async def channel(
        self,
        interaction: Interaction,
        *,
        channel: GuildChannel | None = None,
        use: str | None = None,
        spoiler: str | None = None,
        threads: str | None = None,
    ) -> None:
        asked = AskedPolicy(usable=use, spoiler=spoiler, threads=threads)

        async def act(context: Context) -> Answer:
            where = Named(id=str(channel.id), name=channel.name) if channel else _here(interaction, context)
            return await self._managing.policy(context, asked, where)

        await self._desk.manage(interaction, act)

    @app_commands.command(name=named("limits", ("上限",)), description=described("command-admin-limits"))
    @app_commands.describe(
        channel=described("option-limits-channel"),
        seconds=described("option-limit-seconds"),
        size=described("option-limit-size"),
        clips=described("option-limit-clips"),
        jobs=described("option-limit-jobs"),
        watermark=described("option-limit-watermark"),
    )
    @app_commands.rename(
        channel=named("channel", ("チャンネル",)),
        seconds=named("seconds", ("秒",)),
        size=named("size", ("サイズ",)),
        clips=named("clips", ("本数",)),
        jobs=named("jobs", ("同時",)),
        watermark=named("watermark", ("透かし",)),
    )
    @app_commands.choices(size=[*SIZES, DEFAULT], watermark=[*SWITCH[:1], DEFAULT])
    async def limits(
        self,
        interaction: Interaction,
        *,
        channel: GuildChannel | None = None,
        seconds: app_commands.Range[float, 0] | None = None,
        size: str | None = None,
        clips: app_commands.Range[int, 0] | None = None,
        jobs: app_commands.Range[int, 0] | None = None,
        watermark: str | None = None,
    ) -> None:
        chosen = {"seconds": seconds, "size": size, "clips": clips, "jobs": jobs, "watermark": watermark}
        limits = {name: _plain(value) for name, value in chosen.items() if value is not None}
        where = None if channel is None else Named(id=str(channel.id), name=channel.name)
        asked = AskedPolicy(limits=limits)
        await self._desk.manage(interaction, lambda context: self._managing.policy(context, asked, where))

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
                return await self._managing.usage(context, _of_server(interaction, member))
            return await self._overseeing.usage_of_server(context, month, by)

        await self._oversee(interaction, act)

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
                return await self._overseeing.refund(context, _anyone(interaction, member), reason)
            raise InvalidValue(name="/admin refund", value="", allowed="allowed-clip-or-member")

        await self._oversee(interaction, act)

    @app_commands.command(name=named("audit", ("記録",)), description=described("command-admin-audit"))
    @app_commands.describe(member=described("option-audit-member"))
    @app_commands.rename(member=named("member", ("メンバー",)))
    async def audit(self, interaction: Interaction, member: discord.User | None = None) -> None:
        whom = None if member is None else _anyone(interaction, member)
        await self._oversee(interaction, lambda context: self._overseeing.audit(context, whom))

    async def _oversee(self, interaction: Interaction, act: Callable[[Context], Awaitable[Answer]]) -> None:
        """Also for operators who do not manage this server."""
        await self._desk.manage(interaction, act, others=self._overseeing.may)

    @app_commands.command(name=named("block", ("ブロック",)), description=described("command-admin-block"))
    @app_commands.describe(
        member=described("option-member"), days=described("option-days"), reason=described("option-reason")
    )
    @app_commands.rename(
        member=named("member", ("メンバー",)), days=named("days", ("日数",)), reason=named("reason", ("理由",))
    )
    async def block(
        self, interaction: Interaction, member: discord.User, days: Days | None = None, reason: str = ""
    ) -> None:
        async def act(context: Context) -> Answer:
            whom = _anyone(interaction, member)
            return await self._managing.block(context, whom, blocked=True, days=days, reason=reason)

        await self._oversee(interaction, act)

    @app_commands.command(name=named("unblock", ("ブロック解除",)), description=described("command-admin-unblock"))
    @app_commands.describe(member=described("option-member"))
    @app_commands.rename(member=named("member", ("メンバー",)))
    async def unblock(self, interaction: Interaction, member: discord.User) -> None:
        await self._oversee(
            interaction, lambda context: self._managing.block(context, _anyone(interaction, member), blocked=False)
        )

    @app_commands.command(name=named("tier", ("ティア",)), description=described("command-admin-tier"))
    @app_commands.describe(
        tier=described("option-tier"),
        member=described("option-member"),
        role=described("option-role"),
        days=described("option-days"),
        reason=described("option-reason"),
    )
    @app_commands.rename(
        tier=named("tier", ("ティア",)),
        member=named("member", ("メンバー",)),
        role=named("role", ("ロール",)),
        days=named("days", ("日数",)),
        reason=named("reason", ("理由",)),
    )
    async def tier(
        self,
        interaction: Interaction,
        tier: str,
        member: discord.User | None = None,
        role: discord.Role | None = None,
        *,
        days: Days | None = None,
        reason: str = "",
    ) -> None:
        given = None if tier == NONE else tier

        async def act(context: Context) -> Answer:
            if member is not None and role is None:
                return await self._managing.member_tier(context, _of_server(interaction, member), given, days, reason)
            if role is not None and member is None:
                named_role = Named(id=f"{PLATFORM}:{role.id}", name=role.name)
                return await self._managing.role_tier(context, named_role, given, days, reason)
            raise InvalidValue(name="/admin tier", value="", allowed="allowed-member-or-role")

        await self._oversee(interaction, act)

    @tier.autocomplete("tier")
    async def _known_tiers(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        texts = await self._desk.texts(interaction)
        known = [app_commands.Choice(name=name, value=name) for name in self._tiers]
        taken = app_commands.Choice(name=texts("choice-no-tier"), value=NONE)
        return [choice for choice in (*known, taken) if current.lower() in choice.name.lower()]

    @app_commands.command(name=named("reset", ("リセット",)), description=described("command-admin-reset"))
    @app_commands.describe(member=described("option-member"))
    @app_commands.rename(member=named("member", ("メンバー",)))
    async def reset(self, interaction: Interaction, member: discord.User) -> None:
        await self._desk.manage(
            interaction, lambda context: self._managing.reset(context, _of_server(interaction, member))
        )


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _here(interaction: Interaction, context: Context) -> Named:
    """The channel of the command; for a thread the one above it."""
    channel = interaction.channel
    shown = channel.parent if isinstance(channel, discord.Thread) else channel
    return Named(id=context.requester.place.channel, name=getattr(shown, "name", "") or context.requester.place.channel)


def _anyone(interaction: Interaction, person: Person) -> Requester:
    """The person as the service knows them; who left the server can still be blocked."""
    return requester_of(person, guild=interaction.guild_id, channel=None, locale="en")


def _of_server(interaction: Interaction, person: Person) -> Requester:
    """Managers are told of the people of their server only. Raises NotFound."""
    if not isinstance(person, discord.Member):
        raise NotFound(what="member", id=person.display_name)
    return _anyone(interaction, person)
