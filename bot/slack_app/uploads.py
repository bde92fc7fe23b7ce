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
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE, Fault, fault_of
from bot.slack_app.places import Where, Workspace
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
    #: For those who cannot see it; empty where it may not be said.
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


class Uploads:
    """Clips on their way into conversations."""

    #: See `SHARE_PAUSES`.
    share_pauses: Sequence[float] = SHARE_PAUSES

    def __init__(self, clients: Clients, service: GenerationService) -> None:
        self._clients = clients
        self._service = service
        #: Where Slack took files with a description and showed them nowhere.
        self._undescribed: set[Workspace] = set()

    async def nowhere(self, workspace: Workspace, media: Media, title: str) -> str:
        """For us alone, yet; the file's id. Raises as `into`."""
        return await self._fitting(workspace, media, title, None, None)

    async def into(self, where: Where, media: Media, title: str, thread: str) -> Shared:
        """Into the thread, as large as Slack takes it.

        Slack has taken files that have a description, answered that all is well, and never shown them (slack-sdk's
        issue 1818, open since January 2026): such a one is deleted, and sent once more without.
        Raises NotFound where the clip is no more, DeliveryError where none is so small, and what slack-sdk raises.
        """
        file, shown = await self._shown(where, media, title, thread)
        if shown is None and where.workspace not in self._undescribed and await self._discarded(where.workspace, file):
            _log.warning("Slack showed no file that has a description; sent without", job=media.job, file=file)
            self._undescribed.add(where.workspace)
            file, shown = await self._shown(where, media, title, thread)
        if shown is None:
            _log.warning("Slack has not shown the file yet", job=media.job, file=file)
        return shown or Shared(id=file)

    async def _shown(self, where: Where, media: Media, title: str, thread: str) -> tuple[str, Shared | None]:
        file = await self._fitting(where.workspace, media, title, where.channel, thread)
        client = (await self._clients.line(where.workspace)).patient
        return file, await until_shown(client, file, self.share_pauses)

    async def _discarded(self, workspace: Workspace, file: str) -> bool:
        """Whether the file is surely gone: else it may still come, and must not come twice."""
        try:
            await (await self._clients.line(workspace)).patient.files_delete(file=file)
        except (DeliveryError, *TROUBLE) as error:
            _log.info("not deleted", file=file, reason=str(error))
            return False
        return True

    async def _fitting(
        self, workspace: Workspace, media: Media, title: str, channel: str | None, thread: str | None
    ) -> str:
        """As large as Slack takes it."""
        limit = LIMIT
        client = (await self._clients.line(workspace)).once
        while True:
            file = await self._clip(workspace, media, title, limit)
            try:
                return await upload(client, file, channel, thread)
            except SlackClientError as error:
                less = smaller(limit, len(file.data)) if fault_of(error) == Fault.SIZE else None
                if less is None:
                    raise
                _log.info("too large", job=media.job, bytes=len(file.data), following=less)
                limit = less

    async def _clip(self, workspace: Workspace, media: Media, title: str, limit: int) -> File:
        """The clip in at most `limit` bytes."""
        try:
            async with self._service.open_clip(media.job, media.requester, media.variant, max_bytes=limit) as opened:
                data = await asyncio.to_thread(opened.stream.read)
        except NotFound:
            raise
        except RequestRejected as error:
            raise DeliveryError(detail=str(error)) from error
        alt = "" if workspace in self._undescribed else media.alt[:1000]
        return File(name=name_of(media.job), data=data, title=title[:250] or media.job, alt=alt)


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
        alt_txt=file.alt or None,
        channel=channel,
        thread_ts=thread or None,
    )
    return str(taken["file"]["id"])


async def until_shown(client: AsyncWebClient, file: str, pauses: Sequence[float] = SHARE_PAUSES) -> Shared | None:
    """The file once it stands in a conversation, some time after Slack took it; None where Slack says that it does not.

    Raises nothing of Slack's: whoever sent it again because of that would show it twice. Where Slack does not say at
    all, it is believed to stand somewhere.
    """
    was_seen = False
    for pause in pauses:
        try:
            described = (await client.files_info(file=file))["file"]
        except TROUBLE as error:
            _log.info("not seen yet", file=file, reason=str(error))
        else:
            was_seen = True
            if any(described.get("shares", {}).values()):
                return Shared(id=file, link=described.get("permalink") or "", at=_since(described["shares"]))
        await asyncio.sleep(pause)
    return None if was_seen else Shared(id=file)


def _since(shares: Mapping[str, Mapping[str, Any]]) -> float | None:
    """The ts of the message that holds the file."""
    told = [share.get("ts") for places in shares.values() for found in places.values() for share in found]
    return float(told[0]) if told and told[0] else None


def bears(message: Mapping[str, Any], job: JobId) -> bool:
    """Whether the message shows the clip."""
    return any(job_of_file(file) == job for file in message.get("files") or ())
