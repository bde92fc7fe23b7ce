"""Images that members attach, and clips' posters, as uploads. The service alone decides whether they are images."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import discord

from bot.discord_app.faults import TROUBLE
from inference.errors import ServiceUnavailable, UploadTooLarge
from inference.protocols import GenerationService
from inference.types import JobId, Requester, Upload, Variant

MAX_BYTES = 20 * 1024 * 1024
"""Larger ones are not fetched: no model looks at so much."""
SECONDS = 30.0
"""How long one may take to be fetched: whoever asked is waiting."""

Picture = discord.Attachment | JobId


def attached(attachments: Iterable[discord.Attachment]) -> discord.Attachment | None:
    """The first image of a message."""
    return next((file for file in attachments if is_image(file)), None)


def is_image(file: discord.Attachment) -> bool:
    return (file.content_type or "").startswith("image/")


async def images_of(attachments: Iterable[discord.Attachment]) -> tuple[Upload, ...]:
    """Their bytes, read from where Discord itself says they are. Raises UploadTooLarge, ServiceUnavailable."""
    return tuple([await _read(file) for file in attachments])


async def picture_of(service: GenerationService, requester: Requester, picture: Picture) -> Upload:
    """An attached image, or the poster of a clip that the requester may see."""
    if isinstance(picture, discord.Attachment):
        return await _read(picture)
    async with service.open_clip(picture, requester, Variant.THUMBNAIL) as opened:
        return Upload(data=await asyncio.to_thread(opened.stream.read), filename=opened.filename)


async def _read(file: discord.Attachment) -> Upload:
    if file.size > MAX_BYTES:
        raise UploadTooLarge(size=file.size, limit=MAX_BYTES)
    try:
        async with asyncio.timeout(SECONDS):
            return Upload(data=await file.read(), filename=file.filename)
    except TROUBLE as error:
        raise ServiceUnavailable(detail=f"the attachment cannot be read: {error!r}") from error
