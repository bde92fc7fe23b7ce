"""`/admin`, for those who manage the server: Discord shows it to nobody else, and it is checked again here.

What holds in the server and its channels stands here; what is done to members in `admin_members`, and what there is to
look at and to give back in `admin_books`.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.administering import Administering
from bot.commands.table import BY_NAME
from bot.commands.zones import COMMON
from bot.discord_app.admin_books import BooksPart
from bot.discord_app.admin_members import MembersPart
from bot.discord_app.desk import Desk, written
from bot.discord_app.translate import described, named
from bot.managing import INHERIT, AskedPolicy, Managing, Named
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from inference.types import Offer, Threads

NAME = "admin"
SWITCH = [app_commands.Choice(name=described(f"choice-{value}"), value=value) for value in ("yes", "no", INHERIT)]
THREADS = [
    *(app_commands.Choice(name=described(f"threads-{value}"), value=str(value)) for value in Threads),
    app_commands.Choice(name=described(f"choice-{INHERIT}"), value=INHERIT),
]
DEFAULT = app_commands.Choice(name=described("choice-default"), value="default")
SIZES = [app_commands.Choice(name=value, value=value) for value in ("480p", "720p", "1080p")]
SHAPES = [app_commands.Choice(name=value, value=value) for value in ("16:9", "9:16", "1:1")]
ZONES = [app_commands.Choice(name=zone, value=zone) for zone in COMMON]
LANGUAGES = [app_commands.Choice(name=described(f"language-{value}"), value=value) for value in ("en", "ja")]

Interaction = discord.Interaction[Any]
GuildChannel = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel


class AdminGroup(app_commands.Group):
    def __init__(
        self,
        desk: Desk,
        managing: Managing,
        administering: Administering,
        overseeing: Overseeing,
        offer: Offer,
        *,
        name: str,
    ) -> None:
        super().__init__(
            name=named(name, ("管理",) if name == NAME else ()),
            description=described("command-admin"),
            default_permissions=discord.Permissions(manage_guild=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._desk = desk
        self._managing = managing
        members = MembersPart(desk, managing, administering, overseeing, tiers=[tier.name for tier in offer.tiers])
        for part in (members, BooksPart(desk, managing, overseeing)):
            for command in part.commands:
                self.add_command(command)

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


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _here(interaction: Interaction, context: Context) -> Named:
    """The channel of the command; for a thread the one above it."""
    channel = interaction.channel
    shown = channel.parent if isinstance(channel, discord.Thread) else channel
    return Named(id=context.requester.place.channel, name=getattr(shown, "name", "") or context.requester.place.channel)
