"""Reactions on a clip: ❌ stops or deletes one's own, ✉️ sends it as a direct message, ⭐ keeps a link there."""

from __future__ import annotations

from dataclasses import replace

import discord
import structlog
from discord.ext import commands

from bot.actions import Action, Verb
from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME
from bot.discord_app import files
from bot.discord_app.desk import Desk
from bot.discord_app.faults import TROUBLE, Fault, fault_of
from bot.discord_app.people import requester_of
from bot.discord_app.places import channel_of, spot_of
from bot.discord_app.sending import NOBODY
from bot.discord_app.views import answer_view
from bot.platform import Answer, Context
from bot.session import ChatCore
from inference.errors import DeliveryError, ThreadreelError
from inference.protocols import PostingDoors
from inference.types import JobId

STOP, SEND, KEEP = "❌", "✉️", "⭐"
WANTED = {STOP, SEND, KEEP, "✉", "❎"}

_log = structlog.get_logger(__name__)


class Reacting:
    def __init__(
        self,
        client: commands.Bot | commands.AutoShardedBot,
        core: ChatCore,
        desk: Desk,
        service: PostingDoors,
    ) -> None:
        self._client = client
        self._core = core
        self._desk = desk
        self._service = service

    async def reacted(self, payload: discord.RawReactionActionEvent) -> None:
        sign = payload.emoji.name
        is_bot = payload.member is not None and payload.member.bot
        if sign not in WANTED or is_bot or self._desk.is_closing or payload.user_id == self._client.application_id:
            return
        if (
            payload.message_author_id is not None
            and self._client.user
            and payload.message_author_id != self._client.user.id
        ):
            return
        try:
            context = await self._context(payload)
            job = None if context is None else await self._core.job_of(context)
            if context is not None and job is not None:
                await self._act(context, payload, job, sign)
        except TROUBLE as error:
            _log.info("reaction not followed", message=payload.message_id, reason=str(error))
        except (DeliveryError, ThreadreelError) as error:
            _log.info("reaction not followed", message=payload.message_id, reason=str(error))

    async def _act(self, context: Context, payload: discord.RawReactionActionEvent, job: JobId, sign: str) -> None:
        """Nobody is told of a refusal: a reaction asks for no answer."""
        if sign in {STOP, "❎"}:
            ended = (await self._service.get(job, context.requester)).status.is_final
            verb = Verb.DELETE if ended else Verb.CANCEL
            await self._core.press(context, str(Action(verb=verb, job=job)))
            return
        shown = await self._core.invoke(context, Invocation(command=BY_NAME["show"], values={"clip": job}))
        if shown.card is None or shown.card.media is None:
            return
        if sign == KEEP:
            texts = await self._core.texts(context.requester)
            place = payload.guild_id or "@me"
            link = f"https://discord.com/channels/{place}/{payload.channel_id}/{payload.message_id}"
            await self._write_to(payload.user_id, Answer(text=texts("bookmark", link=link)), ())
            return
        try:
            file = await files.clip(self._service, shown.card.media, files.USUAL_LIMIT)
        except DeliveryError:  # no rendition is so small
            linked = replace(shown, card=await files.as_link(self._service, shown.card))
            await self._write_to(payload.user_id, linked, ())
            return
        await self._write_to(payload.user_id, shown, (file,))

    async def _write_to(self, user: int, answer: Answer, attached: tuple[files.Bytes, ...]) -> None:
        """A direct message; where they are closed there is nobody to tell."""
        try:
            channel = await self._client.create_dm(discord.Object(user))
            if answer.card is None:
                await channel.send(answer.text, allowed_mentions=NOBODY)
                return
            view = answer_view(answer, [file.name for file in attached])
            await channel.send(view=view, files=[file.to_discord() for file in attached], allowed_mentions=NOBODY)
        except discord.HTTPException as error:
            if fault_of(error) != Fault.DM_CLOSED:
                raise

    async def _context(self, payload: discord.RawReactionActionEvent) -> Context | None:
        """Who reacted, to what. None for someone that we know nothing of."""
        user = (
            payload.member or self._client.get_user(payload.user_id) or await self._client.fetch_user(payload.user_id)
        )
        if user.bot:
            return None
        channel = self._client.get_channel(payload.channel_id) or await self._client.fetch_channel(payload.channel_id)
        guild = None if payload.guild_id is None else self._client.get_guild(payload.guild_id)
        known = self._desk.languages.get(str(user.id))
        return Context(
            requester=requester_of(
                user,
                guild=payload.guild_id,
                channel=channel_of(channel, payload.channel_id),
                locale=known or (guild.preferred_locale.value if guild else "en"),
            ),
            spot=spot_of(channel, payload.channel_id),
            event=f"{payload.message_id}:{payload.user_id}:{payload.emoji.name}",
            replies_to=str(payload.message_id),
        )
