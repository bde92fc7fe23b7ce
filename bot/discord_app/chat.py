"""Discord as a ChatPlatform: one ordinary message of the bot per job, which outlives every interaction.

What goes wrong is mended here where it can be (see `faults`); what cannot leaves as a DeliveryError.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

import discord
import structlog

from bot.card import Card, Media
from bot.discord_app import files
from bot.discord_app.drafts import Draft
from bot.discord_app.faults import TROUBLE, Fault, as_delivery_error, fault_of
from bot.discord_app.files import Bytes
from bot.discord_app.marks import bears_mark, mark_of, nonce_of
from bot.discord_app.people import user_id
from bot.discord_app.places import PLATFORM, Opened, Places
from bot.discord_app.sending import Sending
from bot.platform import MessageGone, MessageRef, Spot
from inference.protocols import GenerationService
from inference.types import JobId, Variant

SEARCHED = 50
"""Messages of a place that are looked through for one of before a crash."""
OLD_EDIT_SECONDS = 60.0
"""Between edits of a message older than an hour, once Discord has said that they were too many."""
REMEMBERED = 1000
K = TypeVar("K")
V = TypeVar("V")

_log = structlog.get_logger(__name__)


class DiscordChat:
    """Implements ChatPlatform, FindsPosts and OpensThreads."""

    name = PLATFORM
    update_seconds = 5.0

    def __init__(self, client: discord.Client, service: GenerationService) -> None:
        self._client = client
        self._service = service
        self._places = Places(client)
        self._sending = Sending(client, self._places)
        #: Name of the preview that a message bears, by message.
        self._previews: OrderedDict[str, str] = OrderedDict()
        #: Until when a message's progress rests, by the monotonic clock: asking on and on gets an address banned.
        self._resting: OrderedDict[str, float] = OrderedDict()
        #: The message that was lost, by job: its nonce would bring it back.
        self._lost: OrderedDict[JobId, str] = OrderedDict()

    async def post(self, spot: Spot, card: Card, job: JobId) -> MessageRef:
        async with _translated():
            draft = Draft(card=card, mark=mark_of(job), file=await self._new_preview(card))
            nonce = nonce_of(job, self._lost.get(job, "post"))
            ref = await self._sending.send(spot, draft, nonce)
            self._remember_preview(ref, draft)
            return ref

    async def update(self, ref: MessageRef, card: Card) -> None:
        if card.progress is not None and time.monotonic() < self._resting.get(ref.message, 0.0):
            return
        async with _translated():
            draft = await self._draft(ref, card)
            try:
                await self._sending.edit(ref, draft)
            except discord.HTTPException as error:
                await self._mend_update(ref, draft, error)
            self._remember_preview(ref, draft)

    async def deliver(self, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        limit = self._places.file_limit(ref, files.USUAL_LIMIT)
        async with _translated():
            while True:
                file = await files.clip(self._service, media, limit)
                draft = Draft(card=card, mark=mark_of(media.job), file=file)
                try:
                    return await self._bear(ref, draft)
                except discord.HTTPException as error:
                    less = files.smaller(limit, len(file.data)) if fault_of(error) == Fault.SIZE else None
                    if less is None:
                        raise
                    _log.info("too large", job=media.job, bytes=len(file.data), following=less)
                    limit = less

    async def find(self, spot: Spot, card: Card, job: JobId) -> MessageRef | None:
        """Also where `post` turned to when the place was closed. Where history cannot be read the nonce must do."""
        mark = mark_of(job)
        for way in self._ways(spot, card):
            try:
                opened = await way()
                async for message in opened.target.history(limit=SEARCHED):
                    if message.author == self._client.user and bears_mark(message.components, mark):
                        return opened.ref(message)
            except TROUBLE as error:
                if fault_of(error) == Fault.BUSY:
                    raise as_delivery_error(error) from error
        return None

    def _ways(self, spot: Spot, card: Card) -> Iterator[Callable[[], Awaitable[Opened]]]:
        """Where `post` may have put the card, likeliest first."""
        if not spot.channel.isdecimal():
            return
        if card.only_for is None:
            for thread in dict.fromkeys((spot.thread, "")):
                yield partial(self._places.known, replace(spot, thread=thread))
        owner = card.only_for or card.asked_by
        if owner is not None:
            yield partial(self._places.dm, user_id(owner))

    async def open_thread(self, ref: MessageRef, title: str) -> None:
        """In a text channel; elsewhere nothing hangs on messages."""
        if not ref.channel.isdecimal():
            return
        async with _translated():
            await self._places.open(replace(ref.spot, thread=ref.message), title)

    # --- One message ---

    async def _bear(self, ref: MessageRef, draft: Draft) -> MessageRef:
        """The message shows the clip; a new one where this one cannot be changed any more."""
        try:
            return await self._sending.edit(ref, draft)
        except discord.HTTPException as error:
            fault = fault_of(error)
            if fault == Fault.MESSAGE:
                raise self._gone(ref, draft) from error
            if fault not in {Fault.OLD_EDIT, Fault.ARCHIVED, Fault.LOCKED, Fault.PLACE}:
                raise
            return await self._instead(ref, draft)

    async def _instead(self, ref: MessageRef, draft: Draft) -> MessageRef:
        """The same in a new message; the old one goes, if it can."""
        fresh = await self._sending.send(ref.spot, draft, nonce_of(draft.job, f"instead of {ref.message}"))
        await self._sending.remove(ref)
        return fresh

    async def _mend_update(self, ref: MessageRef, draft: Draft, error: discord.HTTPException) -> None:
        """Progress may be lost; the end of a job is told, elsewhere if need be."""
        fault = fault_of(error)
        if fault == Fault.MESSAGE:
            raise self._gone(ref, draft) from error
        if error.status in {401, 403}:
            _note(self._resting, ref.message, math.inf)
        elif fault == Fault.OLD_EDIT:
            _note(self._resting, ref.message, time.monotonic() + OLD_EDIT_SECONDS)
        elsewhere = {Fault.OLD_EDIT, Fault.ARCHIVED, Fault.LOCKED, Fault.PLACE}
        if draft.card.progress is not None or fault not in elsewhere:
            raise error
        await self._instead(ref, draft)

    def _gone(self, ref: MessageRef, draft: Draft) -> MessageGone:
        _note(self._lost, draft.job, ref.message)
        return MessageGone(detail=f"message {ref.message}")

    # --- Previews ---

    async def _draft(self, ref: MessageRef, card: Card) -> Draft:
        """The card with its preview: attached anew where there is a newer one, else kept."""
        mark = None if card.job is None else mark_of(card.job)
        media = card.media
        if media is None or media.variant != Variant.PREVIEW:
            return Draft(card=card, mark=mark)
        if self._previews.get(ref.message) == files.preview_name(media):
            return Draft(card=card, mark=mark, kept=files.preview_name(media))
        return Draft(card=card, mark=mark, file=await self._new_preview(card))

    async def _new_preview(self, card: Card) -> Bytes | None:
        if card.media is None or card.media.variant != Variant.PREVIEW:
            return None
        return await files.preview(self._service, card.media)

    def _remember_preview(self, ref: MessageRef, draft: Draft) -> None:
        if draft.file is not None:
            _note(self._previews, ref.message, draft.file.name)
        elif not draft.kept:
            self._previews.pop(ref.message, None)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """What is left of Discord's errors leaves as the port's."""
    try:
        yield
    except TROUBLE as error:
        raise as_delivery_error(error) from error


def _note(known: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep the newest `REMEMBERED`."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
