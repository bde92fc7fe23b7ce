"""Clips as files of Slack: sent in three steps, and shown by Slack when it is done with them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.card import Media
from bot.slack_app.faults import TROUBLE, Fault, fault_of
from inference.errors import DeliveryError, NotFound, RequestRejected
from inference.protocols import GenerationService
from inference.types import JobId, Variant

LIMIT = 64 * 1024 * 1024
"""Bytes. Slack takes more; a clip passes through the bot's memory."""
SMALLEST = 32 * 1024
"""Below this a clip is no pleasure, and the trouble is another one."""
SHARE_PAUSES = (0.3, 0.7, 1.5, 3.0, 6.0, 10.0)
"""Seconds between looks for where Slack shows a file that it has taken."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    data: bytes = field(repr=False)
    title: str
    #: For those who cannot see it.
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A file in a conversation."""

    id: str
    #: Its own page at Slack.
    link: str = ""
    #: Since when, by Slack's clock; None where that is not known.
    at: float | None = None


def name_of(job: JobId, variant: Variant = Variant.VIDEO) -> str:
    """By this name a file is known again, whoever forgot having sent it."""
    return f"{job}.mp4" if variant == Variant.VIDEO else f"{job}.{variant}"


def job_of_file(file: Mapping[str, Any]) -> JobId | None:
    """The clip that the file is; None for any other file."""
    name = str(file.get("name") or "")
    return JobId(name.removesuffix(".mp4")) if name.startswith("clip_") and name.endswith(".mp4") else None


async def clip(service: GenerationService, media: Media, title: str, limit: int) -> File:
    """The clip in at most `limit` bytes. Raises NotFound where it is no more, DeliveryError where none is so small."""
    try:
        async with service.open_clip(media.job, media.requester, media.variant, max_bytes=limit) as opened:
            data = await asyncio.to_thread(opened.stream.read)
    except NotFound:
        raise
    except RequestRejected as error:
        raise DeliveryError(detail=str(error)) from error
    return File(name=name_of(media.job), data=data, title=title[:250] or media.job, alt=media.alt[:1000])


async def fitting(
    service: GenerationService,
    client: AsyncWebClient,
    media: Media,
    title: str,
    *,
    channel: str | None = None,
    thread: str | None = None,
) -> str:
    """The clip as large as Slack takes it; the file's id. Raises as `clip` and `upload` do."""
    limit = LIMIT
    while True:
        file = await clip(service, media, title, limit)
        try:
            return await upload(client, file, channel, thread)
        except SlackClientError as error:
            less = smaller(limit, len(file.data)) if fault_of(error) == Fault.SIZE else None
            if less is None:
                raise
            _log.info("too large", job=media.job, bytes=len(file.data), following=less)
            limit = less


def smaller(limit: int, sent: int) -> int | None:
    """What to try after Slack found `sent` bytes too many; None where it is of no use."""
    following = min(limit, sent) // 2
    return following if following >= SMALLEST else None


async def upload(client: AsyncWebClient, file: File, channel: str | None = None, thread: str | None = None) -> str:
    """Into the thread, or nowhere yet; the file's id. Raises what slack-sdk raises."""
    taken = await client.files_upload_v2(
        filename=file.name,
        content=file.data,
        title=file.title,
        alt_txt=file.alt,
        channel=channel,
        thread_ts=thread or None,
    )
    return str(taken["file"]["id"])


async def until_shown(client: AsyncWebClient, file: str, pauses: Sequence[float] = SHARE_PAUSES) -> Shared | None:
    """The file once it stands in a conversation, some time after Slack took it; None where that never comes.

    Raises nothing of Slack's: whoever sent it again because of that would show it twice.
    """
    for pause in pauses:
        try:
            described = (await client.files_info(file=file))["file"]
        except TROUBLE as error:
            _log.info("not seen yet", file=file, reason=str(error))
        else:
            if any(described.get("shares", {}).values()):
                return Shared(id=file, link=described.get("permalink") or "", at=_since(described["shares"]))
        await asyncio.sleep(pause)
    return None


def _since(shares: Mapping[str, Mapping[str, Any]]) -> float | None:
    """The ts of the message that holds the file."""
    told = [share.get("ts") for places in shares.values() for found in places.values() for share in found]
    return float(told[0]) if told and told[0] else None


def bears(message: Mapping[str, Any], job: JobId) -> bool:
    """Whether the message shows the clip."""
    return any(job_of_file(file) == job for file in message.get("files") or ())
