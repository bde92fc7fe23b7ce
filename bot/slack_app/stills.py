"""Pictures that blocks may show.

Slack shows pictures in blocks as PNG, JPEG or GIF: from a public address, which a self-host lacks, or from a file of
Slack's own, which need stand in no conversation. So each is uploaded for us alone, shown once Slack has looked through
it, and deleted when nothing shows it any more. All of it goes on beside the messages: nothing waits for it for long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.card import Media
from bot.slack_app import uploads
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE, Fault, fault_of, retry_after
from bot.slack_app.places import Workspace
from inference.errors import DeliveryError, RequestRejected, ServiceUnavailable
from inference.protocols import GenerationService
from inference.types import Variant

REST_SECONDS, BUSY_SECONDS = 3600.0, 60.0
"""After Slack refused a picture for good, such as where uploads are off; and after it could not take one for now."""
READY_PAUSES = (0.2, 0.4, 0.8, 1.5, 3.0, 5.0)
"""Seconds between questions whether Slack has looked through a file."""
AT_ONCE = 4
PREVIEW, POSTER = "preview-", "poster-"
NAMES = tuple(f"{begin}clip_" for begin in (PREVIEW, POSTER))
"""By the beginnings of their names our pictures are known again."""
LEFT = 100
"""Old pictures that are taken away at a start."""
GRACE_SECONDS = 1.0
FORMS = {Variant.PREVIEW: Variant.PREVIEW_GIF, Variant.THUMBNAIL: Variant.THUMBNAIL_JPEG}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of Slack's that a block may show."""

    file: str
    alt: str


class Stills:
    """Never raises: a picture is worth no failure."""

    ready_pauses: Sequence[float] = READY_PAUSES

    def __init__(self, clients: Clients, service: GenerationService) -> None:
        self._clients = clients
        self._service = service
        #: Until when none are tried.
        self._resting: dict[Workspace, float] = {}
        #: Where what a process before us left was taken away.
        self._swept: set[Workspace] = set()
        #: Whatever is older was made by another process.
        self._since = int(time.time()) - 1
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def made(self, workspace: Workspace, media: Media, name: str) -> Picture | None:
        """The rendition as a picture; None where it cannot be."""
        if workspace not in self._swept:
            self._swept.add(workspace)
            self.begin(self._sweep(workspace))
        try:
            async with self._room, self._service.open_clip(media.job, media.requester, FORMS[media.variant]) as opened:
                data = await asyncio.to_thread(opened.stream.read)
                client = (await self._clients.line(workspace)).once
                file = await uploads.upload(client, uploads.File(name=name, data=data, title=name, alt=media.alt))
        except (RequestRejected, ServiceUnavailable, DeliveryError) as error:
            _log.info("no picture", job=media.job, reason=str(error))
            return None
        except TROUBLE as error:
            self._rest_after(workspace, error)
            return None
        is_ready = False
        try:
            is_ready = await self._is_ready(client, file)
        finally:
            if not is_ready:
                self.begin(self.discard(workspace, [file]))
        return Picture(file=file, alt=media.alt) if is_ready else None

    async def discard(self, workspace: Workspace, files: Sequence[str]) -> None:
        """Nothing shows them any more. At worst a small file stays, which nobody but us can see."""
        for file in files:
            with suppress(DeliveryError, *TROUBLE):
                await (await self._clients.line(workspace)).waiting.files_delete(file=file)

    def rests(self, workspace: Workspace) -> bool:
        return time.monotonic() < self._resting.get(workspace, 0.0)

    def rest(self, workspace: Workspace, seconds: float = REST_SECONDS) -> None:
        """Try none for so long."""
        self._resting[workspace] = time.monotonic() + seconds
        _log.info("no pictures for now", workspace=str(workspace), seconds=seconds)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Beside all else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """What was begun is finished, or given up."""
        tasks = list(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self, workspace: Workspace) -> None:
        """Pictures of a process that was cut off: nobody else will ever delete them."""
        try:
            client = (await self._clients.line(workspace)).patient
            me = (await client.auth_test())["user_id"]
            answer = await client.files_list(user=me, types="images", ts_to=str(self._since), count=LEFT)
        except (DeliveryError, *TROUBLE) as error:
            _log.info("not looked for old pictures", workspace=str(workspace), reason=str(error))
            return
        left = [file["id"] for file in answer.get("files") or () if str(file.get("name")).startswith(NAMES)]
        await self.discard(workspace, left)

    async def _is_ready(self, client: AsyncWebClient, file: str) -> bool:
        """Slack says of what kind a file is once it has looked through it; before, no block may show it."""
        for pause in self.ready_pauses:
            try:
                described = (await client.files_info(file=file))["file"]
            except TROUBLE as error:
                _log.info("not seen yet", file=file, reason=str(error))
            else:
                if described.get("mimetype"):
                    return True
            await asyncio.sleep(pause)
        return False

    def _rest_after(self, workspace: Workspace, error: BaseException) -> None:
        _log.info("a picture was refused", workspace=str(workspace), reason=str(error))
        pause = retry_after(error)
        if pause is None:
            pause = BUSY_SECONDS if fault_of(error) == Fault.BUSY else REST_SECONDS
        self.rest(workspace, pause)
