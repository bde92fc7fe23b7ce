"""Where in Discord something is: channels, threads, direct messages, and interactions of servers that we are not in.

`Spot.channel` is a channel's id, and for a thread its parent's; `Spot.thread` is the thread's, which is also the id of
the message that it hangs on. A private thread is a channel of its own too: what was said among few is never told in the
channel above, where all would read it. Where the bot is no member there is only the interaction's webhook: `~ID~TOKEN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import discord
from discord.abc import Messageable

from bot.discord_app.faults import Fault, fault_of
from bot.platform import MessageRef, Spot

PLATFORM = "discord"
TOKEN_LIFE = timedelta(minutes=15)
THREAD_NAME = 100
"""Characters that Discord allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Somewhere to send to, and how it is written down."""

    target: Messageable
    channel: str
    thread: str = ""
    #: The message in it to which a reply belongs, where there is no thread for it.
    answers: int | None = None

    def ref(self, message: discord.Message) -> MessageRef:
        return MessageRef(
            platform=PLATFORM,
            channel=self.channel,
            thread=self.thread,
            message=str(message.id),
            shown_at=moment(message.created_at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An interaction's own way to speak, while its token lives."""

    interaction: int
    token: str

    @property
    def has_expired(self) -> bool:
        return discord.utils.utcnow() - discord.utils.snowflake_time(self.interaction) > TOKEN_LIFE


def channel_of(channel: object, channel_id: int) -> int:
    """The channel that is meant: a thread stands in its parent."""
    return (channel.parent_id or channel_id) if isinstance(channel, discord.Thread) else channel_id


def spot_of(channel: object, channel_id: int) -> Spot:
    """Where a message or command stands."""
    if isinstance(channel, discord.Thread):
        above = channel.id if channel.is_private() else channel.parent_id
        return Spot(platform=PLATFORM, channel=str(above), thread=str(channel.id))
    return Spot(platform=PLATFORM, channel=str(channel_id))


def moment(when: datetime) -> float:
    """Seconds since 1970 in whole milliseconds: ids tell no more, and both are compared."""
    return when.replace(microsecond=when.microsecond // 1000 * 1000).timestamp()


def webhook_spot(interaction: int, token: str) -> Spot:
    return Spot(platform=PLATFORM, channel=f"~{interaction}~{token}")


def webhook_of(channel: str) -> Webhook | None:
    """The interaction that a spot's or a message's channel stands for, if it does."""
    if not channel.startswith("~"):
        return None
    _, interaction, token = channel.split("~", 2)
    return Webhook(interaction=int(interaction), token=token)


class Places:
    """Opens spots. Every verb raises what discord.py raises."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def at(self, ref: MessageRef) -> discord.PartialMessage:
        """The message, without asking Discord for it."""
        where = self._client.get_partial_messageable(int(ref.thread or ref.channel))
        return where.get_partial_message(int(ref.message))

    async def open(self, spot: Spot, title: str) -> Opened:
        """The spot's thread, begun where there is none yet; else the channel."""
        if not spot.thread:
            return Opened(target=await self.channel(int(spot.channel)), channel=spot.channel)
        try:
            thread = await self.channel(int(spot.thread))
        except discord.NotFound:
            return await self._begin_thread(spot, title)
        return Opened(target=thread, channel=spot.channel, thread=spot.thread)

    async def known(self, spot: Spot) -> Opened:
        """The spot's thread or channel as it is; nothing is begun."""
        target = await self.channel(int(spot.thread or spot.channel))
        return Opened(target=target, channel=spot.channel, thread=spot.thread)

    async def parent(self, spot: Spot, title: str) -> Opened:
        """The channel above a thread that takes nothing any more; in a forum a new post."""
        channel = await self._client.fetch_channel(int(spot.channel))
        if isinstance(channel, discord.ForumChannel):
            return await self._new_post(channel, title)
        assert isinstance(channel, Messageable)
        return Opened(target=channel, channel=spot.channel)

    async def dm(self, user: int) -> Opened:
        channel = await self._client.create_dm(discord.Object(user))
        return Opened(target=channel, channel=str(channel.id))

    async def channel(self, id: int) -> Messageable:  # noqa: A002  # Discord's word
        known = self._client.get_channel(id) or await self._client.fetch_channel(id)
        return known if isinstance(known, Messageable) else self._client.get_partial_messageable(id)

    def file_limit(self, ref: MessageRef, otherwise: int) -> int:
        """Bytes that a file of ours may have there."""
        channel = self._client.get_channel(int(ref.channel)) if ref.channel.isdecimal() else None
        guild = getattr(channel, "guild", None)
        return guild.filesize_limit if isinstance(guild, discord.Guild) else otherwise

    async def _begin_thread(self, spot: Spot, title: str) -> Opened:
        """Hang a thread on the message, or begin a new post in a forum. Else answer the message in its channel."""
        id_ = int(spot.channel)
        if isinstance(self._client.get_channel(id_), discord.ForumChannel):
            return await self.parent(spot, title)
        parent = await self.channel(id_)
        in_channel = Opened(target=parent, channel=spot.channel, answers=int(spot.thread))
        if not isinstance(parent, discord.TextChannel):
            return in_channel
        try:
            thread = await parent.get_partial_message(int(spot.thread)).create_thread(name=_thread_name(title))
        except discord.HTTPException as error:
            if fault_of(error) != Fault.HAS_THREAD:
                return in_channel
            thread = await self._known_thread(int(spot.thread))
        return Opened(target=thread, channel=spot.channel, thread=str(thread.id))

    async def _known_thread(self, id: int) -> discord.Thread:  # noqa: A002  # Discord's word
        """The thread that somebody else began a moment ago."""
        thread = await self._client.fetch_channel(id)
        assert isinstance(thread, discord.Thread)
        return thread

    @staticmethod
    async def _new_post(forum: discord.ForumChannel, title: str) -> Opened:
        tags = forum.available_tags[:1] if forum.flags.require_tag else []
        made = await forum.create_thread(
            name=_thread_name(title),
            content="🎬",
            applied_tags=tags,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return Opened(target=made.thread, channel=str(forum.id), thread=str(made.thread.id))


def _thread_name(title: str) -> str:
    name = " ".join(title.split()) or "🎬"
    return name if len(name) <= THREAD_NAME else f"{name[: THREAD_NAME - 1]}…"
