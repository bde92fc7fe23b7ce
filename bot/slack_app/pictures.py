"""Images that members attach, and clips' posters, as uploads. The service alone decides whether they are images."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
import structlog
from yarl import URL

from bot.commands.errors import FilesUnreadable
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE
from bot.slack_app.places import Workspace
from inference.errors import ServiceUnavailable, UploadTooLarge
from inference.protocols import GenerationService
from inference.types import JobId, Requester, Upload, Variant

MAX_BYTES = 20 * 1024 * 1024
"""Larger ones are not fetched: no model looks at so much."""
HOST = "files.slack.com"
"""The only one that is ever shown the token, and that under its certificate."""
SECONDS = 30.0
PAGES = (b"<!doctype", b"<html")

_log = structlog.get_logger(__name__)


class Pictures:
    def __init__(self, clients: Clients, service: GenerationService, *, stand_in: str = "") -> None:
        """`stand_in` is the host of a Slack on loopback, whose files lie there too."""
        self._clients = clients
        self._service = service
        self._stand_in = stand_in

    async def of_files(self, workspace: Workspace, files: Iterable[Mapping[str, Any]]) -> tuple[Upload, ...]:
        """Bytes of those that are images. Raises UploadTooLarge, FilesUnreadable, ServiceUnavailable."""
        described = [await self._described(workspace, file) for file in files]
        return tuple([await self._read(workspace, file) for file in described if is_image(file)])

    async def poster(self, clip: JobId, requester: Requester) -> Upload:
        """Of a clip that the requester may see."""
        async with self._service.open_clip(clip, requester, Variant.THUMBNAIL) as opened:
            return Upload(data=await asyncio.to_thread(opened.stream.read), filename=opened.filename)

    async def _described(self, workspace: Workspace, file: Mapping[str, Any]) -> Mapping[str, Any]:
        """All that Slack says of the file: of one from another company the event says only that it is there."""
        if file.get("url_private") and file.get("file_access") != "check_file_info":
            return file
        try:
            client = (await self._clients.line(workspace)).patient
            found: Mapping[str, Any] = (await client.files_info(file=str(file["id"])))["file"]
        except TROUBLE as error:
            raise ServiceUnavailable(detail=f"the file cannot be looked up: {error}") from error
        return found

    async def _read(self, workspace: Workspace, file: Mapping[str, Any]) -> Upload:
        size = int(file.get("size") or 0)
        if size > MAX_BYTES:
            raise UploadTooLarge(size=size, limit=MAX_BYTES)
        url = URL(str(file.get("url_private_download") or file.get("url_private") or ""))
        if (url.scheme, url.host) != ("https", HOST) and url.host != (self._stand_in or None):
            raise FilesUnreadable(reason=f"it lies at {url.scheme}://{url.host}")
        token = (await self._clients.line(workspace)).once.token
        try:
            data = await self._fetched(url, str(token))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServiceUnavailable(detail=f"the file cannot be read: {error}") from error
        return Upload(data=data, filename=str(file.get("name") or ""))

    async def _fetched(self, url: URL, token: str) -> bytes:
        """Never across a redirect, where the token would be shown to whoever stands there."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise FilesUnreadable(reason=f"status {response.status}")
            data = await response.content.read(MAX_BYTES + 1)
            while len(data) <= MAX_BYTES and (more := await response.content.read(MAX_BYTES + 1 - len(data))):
                data += more
        if len(data) > MAX_BYTES:
            raise UploadTooLarge(size=len(data), limit=MAX_BYTES)
        if data[:100].lstrip().lower().startswith(PAGES):
            _log.error("Slack answers with a page instead of a file: the app lacks files:read")
            raise FilesUnreadable(reason="files:read is missing")
        return data


def is_image(file: Mapping[str, Any]) -> bool:
    return str(file.get("mimetype") or "").startswith("image/")
