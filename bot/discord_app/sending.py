"""Sends and edits, trying the next best place where the one that was meant takes nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import discord
import structlog

from bot.discord_app.drafts import Draft
from bot.discord_app.faults import Fault, fault_of
from bot.discord_app.people import user_id
from bot.discord_app.places import Opened, Places, Webhook, moment, webhook_of
from bot.platform import MessageRef, Spot
from bot.texts import texts_for
from inference.errors import DeliveryError
from inference.types import Identity

NOBODY = discord.AllowedMentions.none()
NEXT_PLACE = frozenset({Fault.PLACE, Fault.ARCHIVED, Fault.LOCKED})
REMEMBERED = 1000

_log = structlog.get_logger(__name__)


class Sending:
    """Raises what discord.py raises where no mend helps."""

    def __init__(self, client: discord.Client, places: Places) -> None:
        self._client = client
        self._places = places
        #: Messages whose words AutoMod refused: their later looks go without, too.
        self._wordless: OrderedDict[str, None] = OrderedDict()

    async def send(self, spot: Spot, draft: Draft, nonce: str) -> MessageRef:
        """A new message: in the spot, else in its parent channel, else to the member directly."""
        hook = webhook_of(spot.channel)
        if hook is not None:
            return await self._follow_up(spot, hook, draft)
        card = draft.card
        if card.only_for is not None:
            return await self._privately(spot, card.only_for, draft, nonce)
        ways: list[Callable[[], Awaitable[Opened]]] = [lambda: self._places.open(spot, card.title)]
        if spot.thread:
            ways.append(lambda: self._places.parent(spot, card.title))
        if card.asked_by is not None:
            user = user_id(card.asked_by)
            ways.append(lambda: self._places.dm(user))
        return await self._first_that_takes(ways, draft, nonce)

    async def edit(self, ref: MessageRef, draft: Draft) -> MessageRef:
        """The message looks like this, since `shown_at` of what is returned."""
        try:
            return await self._edit(ref, draft.without_words() if ref.message in self._wordless else draft)
        except discord.HTTPException as error:
            if fault_of(error) != Fault.WORDS:
                raise
            self._is_wordless(ref.message)
            return await self._edit(ref, draft.without_words())

    async def remove(self, ref: MessageRef) -> None:
        """Take away what a newer message replaced, if it can be."""
        with suppress(discord.HTTPException):
            await self._places.at(ref).delete()

    async def _first_that_takes(
        self, ways: list[Callable[[], Awaitable[Opened]]], draft: Draft, nonce: str
    ) -> MessageRef:
        for way in ways[:-1]:
            try:
                return await self._into(await way(), draft, nonce)
            except discord.HTTPException as error:
                if fault_of(error) not in NEXT_PLACE:
                    raise
                _log.info("another place", job=draft.card.job, reason=str(error))
        return await self._into(await ways[-1](), draft, nonce)

    async def _into(self, opened: Opened, draft: Draft, nonce: str) -> MessageRef:
        """Send, leaving out what is refused: the reply, the words."""
        answers, wordless = opened.answers, False
        while True:
            try:
                shown = draft.without_words() if wordless else draft
                message = await self._send(opened, shown, nonce, answers)
            except discord.HTTPException as error:
                fault = fault_of(error)
                if fault == Fault.NO_REPLY and answers is not None:
                    answers = None
                elif fault == Fault.WORDS and not wordless:
                    wordless = True
                else:
                    raise
                continue
            if wordless:
                self._is_wordless(str(message.id))
            return opened.ref(message)

    @staticmethod
    async def _send(opened: Opened, draft: Draft, nonce: str, answers: int | None) -> discord.Message:
        view, attached = draft.view(), draft.attached
        if answers is None:
            return await opened.target.send(view=view, files=attached, nonce=nonce, allowed_mentions=NOBODY)
        reference = discord.MessageReference(
            message_id=answers, channel_id=int(opened.channel), fail_if_not_exists=False
        )
        return await opened.target.send(
            view=view, files=attached, nonce=nonce, allowed_mentions=NOBODY, reference=reference
        )

    async def _edit(self, ref: MessageRef, draft: Draft) -> MessageRef:
        view = draft.view()
        hook = webhook_of(ref.channel)
        attached = discord.utils.MISSING if draft.kept else draft.attached
        if hook is not None:
            webhook = self._webhook(hook)
            await webhook.edit_message(int(ref.message), view=view, attachments=attached, allowed_mentions=NOBODY)
            return ref
        edited = await self._places.at(ref).edit(view=view, attachments=attached, allowed_mentions=NOBODY)
        return ref if edited.edited_at is None else replace(ref, shown_at=moment(edited.edited_at))

    # --- To one member alone ---

    async def _privately(self, spot: Spot, owner: Identity, draft: Draft, nonce: str) -> MessageRef:
        """As a direct message. Where those are closed the member is told so, and finds the clip with /result."""
        try:
            return await self._into(await self._places.dm(user_id(owner)), draft, nonce)
        except discord.HTTPException as error:
            if fault_of(error) != Fault.DM_CLOSED:
                raise
            if draft.card.job is not None:  # else it is about no clip
                await self._say_closed(spot, owner, draft)
            raise DeliveryError(detail="direct messages are closed") from error

    async def _say_closed(self, spot: Spot, owner: Identity, draft: Draft) -> None:
        text = texts_for(draft.card.language)("dm-closed", member=f"<@{user_id(owner)}>")
        with suppress(discord.HTTPException):
            opened = await self._places.open(spot, "")
            await opened.target.send(text, nonce=f"closed{draft.mark}", allowed_mentions=NOBODY)

    # --- Where we are no member ---

    async def _follow_up(self, spot: Spot, hook: Webhook, draft: Draft) -> MessageRef:
        """One of the five that such an interaction has; its later looks are edits."""
        message = await self._webhook(hook).send(
            view=draft.view(),
            files=draft.attached,
            allowed_mentions=NOBODY,
            ephemeral=draft.card.only_for is not None,
            wait=True,
        )
        return MessageRef(platform=spot.platform, channel=spot.channel, thread="", message=str(message.id))

    def _webhook(self, hook: Webhook) -> discord.Webhook:
        """Raises DeliveryError where its token has run out: asking all the same would count as a failed login."""
        if hook.has_expired:
            raise DeliveryError(detail="the interaction's 15 minutes are over")
        assert self._client.application_id is not None
        return discord.Webhook.partial(self._client.application_id, hook.token, client=self._client)

    def _is_wordless(self, message: str) -> None:
        self._wordless[message] = None
        if len(self._wordless) > REMEMBERED:
            self._wordless.popitem(last=False)
