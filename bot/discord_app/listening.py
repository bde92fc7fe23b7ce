"""Plain messages: replies in a clip's thread, mentions, direct messages; with the Message Content intent or without."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import discord
import structlog
from discord.abc import Messageable
from discord.ext import commands

from bot.discord_app.desk import Desk
from bot.discord_app.faults import TROUBLE, Fault, fault_of
from bot.discord_app.files import handed_over
from bot.discord_app.people import requester_of, skus_of
from bot.discord_app.permissions import check
from bot.discord_app.pictures import images_of, is_image
from bot.discord_app.places import PLATFORM, channel_of, moment, spot_of
from bot.discord_app.purchases import Purchases
from bot.discord_app.replying import plain_text
from bot.discord_app.sending import NOBODY
from bot.discord_app.views import answer_view
from bot.platform import Answer, Context
from bot.render.errors import error_text
from bot.session import ChatCore
from inference.errors import ThreadreelError
from storage.conversations import SqlConversations

WRITTEN = frozenset({discord.MessageType.default, discord.MessageType.reply})

_log = structlog.get_logger(__name__)
Client = commands.Bot | commands.AutoShardedBot


class Listening:
    """Takes what people write. `is_guest`: the bot is someone else's, so what is not about clips is not ours."""

    def __init__(
        self, client: Client, core: ChatCore, desk: Desk, conversations: SqlConversations, *, is_guest: bool
    ) -> None:
        self.purchases = Purchases(client)
        self._client = client
        self._core = core
        self._desk = desk
        self._conversations = conversations
        self._is_guest = is_guest

    async def heard(self, message: discord.Message) -> None:
        if message.author.bot or message.webhook_id is not None or message.type not in WRITTEN:
            return
        mentioned = self._me in message.mentions
        is_direct = message.guild is None
        replies = message.reference is not None and message.type == discord.MessageType.reply
        if not (mentioned or is_direct or replies or isinstance(message.channel, discord.Thread)):
            return
        context = self._context(message)
        if not (mentioned or is_direct or self._client.intents.message_content):
            await self._hint_once(message, context)
            return
        if self._is_guest and (await self._client.get_context(message)).valid:
            return  # a command of the bot that we are a guest of
        answer = await self._answer(message, context, speaks_to_us=mentioned or is_direct)
        if answer is not None:
            await self._show(message, answer)

    async def _answer(self, message: discord.Message, context: Context, *, speaks_to_us: bool) -> Answer | None:
        """None where it was no business of ours, or where the job's own message says everything."""
        words = self._words(message)
        if not await self._core.is_about_clips(context):
            return await self._core.hint(context) if speaks_to_us and not self._is_guest else None
        texts = await self._core.texts(context.requester)
        if self._desk.is_closing:
            return Answer(text=texts("restarting"), is_problem=True)
        try:
            self._check_place(message, texts)
            images = await images_of(file for file in message.attachments if is_image(file))
        except ThreadreelError as error:
            return Answer(text=error_text(error, texts), is_problem=True)
        bought = await self.purchases.of(message.author.id, message.guild.id if message.guild else None)
        requester = replace(context.requester, entitlements=skus_of(bought))
        answer = await self._core.reply(replace(context, requester=requester), words, images)
        if answer is None or answer.is_problem or answer.card is not None or answer.job is None:
            return answer
        return Answer(text=answer.note) if answer.note else None

    async def _hint_once(self, message: discord.Message, context: Context) -> None:
        """We see that something was written and not what: say once a week and thread how to be heard."""
        if not context.spot.thread or not await self._core.is_about_clips(context):
            return
        if await self._conversations.first_time(PLATFORM, f"hint:{context.spot.thread}"):
            texts = await self._core.texts(context.requester)
            await self._show(message, Answer(text=texts("thread-hint")))

    async def _show(self, message: discord.Message, answer: Answer) -> None:
        """As a reply; without the reference where we may not read the history. Cards are for the member alone."""
        look: dict[str, Any] = (
            {"content": plain_text(answer.text)} if answer.card is None else {"view": answer_view(answer, ())}
        )
        nonce = f"said{message.id}"[:25]
        if answer.files:
            await self._show_plainly(
                message.author, look | {"files": [file.to_discord() for file in handed_over(answer)]}, nonce
            )
            return
        if answer.card is not None and message.guild is not None:
            await self._show_plainly(message.author, look, nonce)
            return
        try:
            reference = message.to_reference(fail_if_not_exists=False)
            await message.channel.send(**look, reference=reference, nonce=nonce, allowed_mentions=NOBODY)
        except TROUBLE as error:
            if fault_of(error) != Fault.NO_REPLY:
                _log.info("reply not shown", message=message.id, reason=str(error))
                return
            await self._show_plainly(message.channel, look, nonce)

    @staticmethod
    async def _show_plainly(target: Messageable, look: dict[str, Any], nonce: str) -> None:
        try:
            await target.send(**look, nonce=nonce, allowed_mentions=NOBODY)
        except TROUBLE as error:
            _log.info("reply not shown", nonce=nonce, reason=str(error))

    # --- What the message says ---

    @property
    def _me(self) -> discord.ClientUser:
        assert self._client.user is not None
        return self._client.user

    def _words(self, message: discord.Message) -> str:
        """Without the mention that only addresses us."""
        return re.sub(rf"<@!?{self._me.id}>", " ", message.content).strip()

    def _context(self, message: discord.Message) -> Context:
        guild = message.guild
        replied = message.reference.message_id if message.reference else None
        known = self._desk.languages.get(str(message.author.id))
        return Context(
            requester=requester_of(
                message.author,
                guild=guild.id if guild else None,
                channel=channel_of(message.channel, message.channel.id),
                locale=known or (guild.preferred_locale.value if guild else "en"),
            ),
            spot=spot_of(message.channel, message.channel.id),
            event=str(message.id),
            replies_to=str(replied) if replied else "",
            said_at=moment(message.created_at),
        )

    @staticmethod
    def _check_place(message: discord.Message, texts: Any) -> None:
        """Raises CannotPost."""
        if message.guild is None or message.guild.me is None:
            return
        channel = message.channel
        allowed = channel.permissions_for(message.guild.me)
        check(allowed, texts, in_thread=isinstance(channel, discord.Thread))
