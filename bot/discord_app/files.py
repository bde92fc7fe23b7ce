"""Bytes of clips and previews as Discord takes them."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field

import discord

from bot.card import Card, Media
from bot.platform import Answer
from bot.render.job import linked_card
from bot.texts import texts_for
from inference.errors import DeliveryError, NotFound, RequestRejected
from inference.protocols import GenerationService, PostingDoors
from inference.types import Variant

USUAL_LIMIT = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
"""Bytes of a file where no server allows more: 10 MiB."""
REQUEST_LIMIT = 24 * 1024 * 1024
"""A request is documented at 25 MiB; a little of it is not the file."""
SMALLEST = 32 * 1024
"""Below this a clip is no pleasure, and the trouble is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A file that may have to be sent more than once."""

    name: str
    data: bytes = field(repr=False)
    alt: str

    def to_discord(self) -> discord.File:
        return discord.File(io.BytesIO(self.data), filename=self.name, description=self.alt[:1024])


def handed_over(answer: Answer) -> list[Bytes]:
    """What an answer hands over beside its words."""
    return [Bytes(name=file.name, data=file.data, alt=file.alt) for file in answer.files]


def preview_name(media: Media) -> str:
    """Another one for each preview, so that no client shows an old one from its cache."""
    return f"preview-{media.revision}.webp"


async def preview(service: GenerationService, media: Media) -> Bytes | None:
    """The newest look; None where it has gone with its attempt."""
    try:
        async with service.open_clip(media.job, media.requester, Variant.PREVIEW) as opened:
            data = await asyncio.to_thread(opened.stream.read)
    except NotFound:
        return None
    return Bytes(name=preview_name(media), data=data, alt=media.alt)


async def picture(service: GenerationService, media: Media) -> Bytes | None:
    """A small picture of a clip; None where it is no more."""
    try:
        async with service.open_clip(media.job, media.requester, media.variant) as opened:
            data = await asyncio.to_thread(opened.stream.read)
            return Bytes(name=opened.filename, data=data, alt=media.alt)
    except NotFound:
        return None


async def clip(service: GenerationService, media: Media, limit: int) -> Bytes:
    """The clip in at most `limit` bytes. Raises NotFound where it is no more, DeliveryError where none is so small."""
    try:
        async with service.open_clip(media.job, media.requester, media.variant, max_bytes=limit) as opened:
            data = await asyncio.to_thread(opened.stream.read)
            return Bytes(name=f"{media.job}.mp4", data=data, alt=media.alt)
    except NotFound:
        raise
    except RequestRejected as error:
        raise DeliveryError(detail=str(error)) from error


async def as_link(service: PostingDoors, card: Card) -> Card:
    """The card of a clip that fits no limit: a link in the clip's place, where this deployment gives links out."""
    assert card.media is not None
    try:
        link = await service.link(card.media.job, card.media.requester)
    except NotFound:
        link = None
    return linked_card(card, link, texts_for(card.language))


def smaller(limit: int, sent: int) -> int | None:
    """What to try after Discord found `sent` bytes too many; None where it is of no use."""
    following = REQUEST_LIMIT if min(limit, sent) > REQUEST_LIMIT else min(limit, sent) // 2
    return following if following >= SMALLEST else None
