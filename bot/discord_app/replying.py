"""One interaction's answer: acknowledged once and at once, then shown to the one who asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import structlog
from discord import ui

from bot.discord_app import files
from bot.discord_app.faults import TROUBLE, Fault, fault_of
from bot.discord_app.files import Bytes
from bot.discord_app.sending import NOBODY
from bot.discord_app.views import answer_view, plain
from bot.platform import Answer
from inference.errors import DeliveryError
from inference.protocols import PostingDoors
from inference.types import Variant

_log = structlog.get_logger(__name__)


class Reply:
    """The only one who acknowledges its interaction."""

    def __init__(self, interaction: discord.Interaction[Any], service: PostingDoors) -> None:
        self._interaction = interaction
        self._service = service
        self._is_lost = False

    async def acknowledge(self) -> None:
        """Within Discord's three seconds, whatever comes then. A lost token loses only the answer, not the request."""
        if self._interaction.response.is_done():
            return
        try:
            await self._interaction.response.defer(ephemeral=True, thinking=True)
        except TROUBLE as error:
            self._is_lost = fault_of(error) != Fault.ACKNOWLEDGED
            _log.warning("not acknowledged", interaction=self._interaction.id, reason=str(error))

    async def show(self, answer: Answer, *, extra: ui.ActionRow[Any] | None = None) -> None:
        """In the acknowledgement; where that is lost, in the channel."""
        if not self._is_lost:
            try:
                await self._edit(answer, extra)
                return
            except TROUBLE as error:
                _log.warning("answer not shown", interaction=self._interaction.id, reason=str(error))
        await self._in_channel(answer)

    async def _edit(self, answer: Answer, extra: ui.ActionRow[Any] | None) -> None:
        if answer.card is None and extra is None:
            await self._interaction.edit_original_response(
                content=plain_text(answer.text),
                attachments=[file.to_discord() for file in files.handed_over(answer)],
                allowed_mentions=NOBODY,
            )
            return
        limit = self._interaction.filesize_limit or files.USUAL_LIMIT
        while True:
            try:
                attached = await self._files(answer, limit)
            except DeliveryError:  # no rendition is so small
                await self._edit_card(await self._linked(answer), [], extra)
                return
            try:
                await self._edit_card(answer, attached, extra)
                return
            except discord.HTTPException as error:
                if fault_of(error) != Fault.SIZE or not _has_clip(answer):
                    raise
                less = files.smaller(limit, sum(len(file.data) for file in attached))
            if less is None:
                await self._edit_card(await self._linked(answer), [], extra)
                return
            limit = less

    async def _edit_card(self, answer: Answer, attached: list[Bytes], extra: ui.ActionRow[Any] | None) -> None:
        view = answer_view(answer, [file.name for file in attached], extra)
        sent = [file.to_discord() for file in (*attached, *files.handed_over(answer))]
        await self._interaction.edit_original_response(view=view, attachments=sent, allowed_mentions=NOBODY)

    async def _linked(self, answer: Answer) -> Answer:
        assert answer.card is not None
        return replace(answer, card=await files.as_link(self._service, answer.card))

    async def _files(self, answer: Answer, limit: int) -> list[Bytes]:
        """What the answer's card shows: its clip, or its small pictures."""
        card = answer.card
        if card is None:
            return []
        if card.media is not None and _has_clip(answer):
            return [await files.clip(self._service, card.media, limit)]
        return [file for media in card.gallery if (file := await files.picture(self._service, media))]

    async def _in_channel(self, answer: Answer) -> None:
        """The token is dead: the member hears of it where they asked. A job's own message says the rest."""
        channel = self._interaction.channel_id
        if channel is None or not answer.text:
            return
        target = self._interaction.client.get_partial_messageable(channel)
        try:
            await target.send(
                f"{self._interaction.user.mention} {plain_text(answer.text)}",
                allowed_mentions=NOBODY,
                nonce=f"answer{self._interaction.id}"[:25],
            )
        except TROUBLE as error:
            _log.warning("answer lost", interaction=self._interaction.id, reason=str(error))


def _has_clip(answer: Answer) -> bool:
    media = None if answer.card is None else answer.card.media
    return media is not None and media.variant == Variant.VIDEO


def plain_text(text: str) -> str:
    """Line by line, and nothing of it read as markup."""
    return "\n".join(plain(line) for line in text.splitlines())[:2000] or "\u200b"
