"""GenerationService and ClipLinks over HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import aiohttp
import structlog

from inference.client.download import Download
from inference.client.wire import acting, part
from inference.codec import from_json, to_json, to_plain
from inference.errors import ServiceUnavailable
from inference.protocols import OpenedClip
from inference.types import ClipLink, Generate, Job, JobEvent, JobId, Operation, Requester, Upload, Variant
from inference.wire import IDEMPOTENCY_HEADER, KEEP_ALIVE_SECONDS, NATIVE

_STREAM = aiohttp.ClientTimeout(sock_connect=5, sock_read=3 * KEEP_ALIVE_SECONDS)
_LINE_BYTES = 1024 * 1024
"""Longest event: a job with its recipe, a few prompts long."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_log = structlog.get_logger(__name__)


class GenerationOverHttp(Download):
    """Implements GenerationService and ClipLinks."""

    async def submit(
        self, operation: Operation, requester: Requester, reply_to: str = "", idempotency_key: str | None = None
    ) -> Job:
        headers = acting(requester) | ({IDEMPOTENCY_HEADER: idempotency_key} if idempotency_key is not None else {})
        body = _submission(operation, reply_to)
        return await self.ask(Job, "POST", f"{NATIVE}/jobs", headers=headers, **body)

    async def get(self, job: JobId, requester: Requester) -> Job:
        return await self.ask(Job, "GET", f"{NATIVE}/jobs/{part(job)}", headers=acting(requester))

    async def cancel(self, job: JobId, requester: Requester) -> Job:
        return await self.ask(Job, "POST", f"{NATIVE}/jobs/{part(job)}/cancel", headers=acting(requester))

    async def mark_delivered(self, job: JobId) -> None:
        await self.tell("POST", f"{NATIVE}/jobs/{part(job)}/delivered")

    async def events(self, after: int | None = None) -> AsyncIterator[JobEvent]:
        """See the port. A broken line is taken up again behind the last cursor, with growing pauses."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async for event in self._stream(after):
                    after = event.cursor
                    pause = _FIRST_PAUSE
                    yield event
            except ServiceUnavailable as error:
                _log.info("event stream broke", after=after, pause=pause, detail=error.detail)
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def open_clip(
        self, job: JobId, requester: Requester, variant: Variant = Variant.VIDEO, max_bytes: int | None = None
    ) -> AbstractAsyncContextManager[OpenedClip]:
        query = {"variant": variant.value} | ({"max_bytes": str(max_bytes)} if max_bytes is not None else {})
        return self.download(f"/v1/videos/{part(job)}/content", requester, query, job)

    async def link(self, clip: JobId, requester: Requester) -> ClipLink | None:
        path = f"{NATIVE}/clips/{part(clip, 'clip')}/links"
        links = await self.ask(tuple[ClipLink, ...], "GET", path, headers=acting(requester))
        return next(iter(links), None)

    async def _stream(self, after: int | None) -> AsyncIterator[JobEvent]:
        query = {"after": str(after)} if after is not None else {}
        opening = self.response("GET", f"{NATIVE}/events", params=query, timeout=_STREAM, read_bufsize=_LINE_BYTES)
        async with opening as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield from_json(JobEvent, line.removeprefix(b"data: "))


def _submission(operation: Operation, reply_to: str) -> dict[str, Any]:
    """The body of a submit, as aiohttp's arguments; bytes of an upload travel as a part of their own."""
    image = operation.image if isinstance(operation, Generate) else None
    if not isinstance(image, Upload):
        return {"json": {"operation": to_plain(Operation, operation), "reply_to": reply_to}}
    assert isinstance(operation, Generate)
    bare = to_json(Operation, replace(operation, image=None))
    form = aiohttp.FormData()
    form.add_field("request", f'{{"operation": {bare}, "reply_to": {json.dumps(reply_to)}}}')
    # As a file: aiohttp warns of large bytes, which would hold up the event loop.
    form.add_field(
        "image", io.BytesIO(image.data), filename=image.filename or "upload", content_type="application/octet-stream"
    )
    return {"data": form}
