"""Clips, posters, previews and the images that clips begin with, over HTTP."""

from __future__ import annotations

import asyncio
from typing import BinaryIO

from aiohttp import web

from bot.playground.people import CHANNELS, MEMBERS, requester
from inference.errors import RequestRejected
from inference.protocols import GenerationService, OpenedClip
from inference.types import JobId, Variant

CHUNK = 256 * 1024

KINDS = {"video": Variant.VIDEO, "poster": Variant.THUMBNAIL, "preview": Variant.PREVIEW, "upload": Variant.UPLOAD}


async def serve_rendition(request: web.Request, service: GenerationService) -> web.StreamResponse:
    """`/media/{job}/{kind}?as=MEMBER`: a rendition, whole or the one byte range asked for."""
    kind = KINDS.get(request.match_info["kind"])
    viewer = MEMBERS.get(request.query.get("as", "free"))
    if kind is None or viewer is None:
        raise web.HTTPNotFound
    asks = requester(viewer, next(iter(CHANNELS)), "en")
    try:
        async with service.open_clip(JobId(request.match_info["job"]), asks, kind) as opened:
            return await _send(request, opened, changing=kind is Variant.PREVIEW)
    except RequestRejected as error:
        raise web.HTTPNotFound(text=str(error)) from error


async def _send(request: web.Request, opened: OpenedClip, *, changing: bool) -> web.StreamResponse:
    first, end = _range(request, opened.length)
    response = web.StreamResponse(status=206 if request.http_range.start is not None else 200)
    response.content_type = opened.media_type
    response.content_length = end - first
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "no-store" if changing else "private, max-age=3600"
    if response.status == 206:
        response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{opened.length}"
    await response.prepare(request)
    if request.method != "HEAD":
        await _copy(opened.stream, response, first, end)
    await response.write_eof()
    return response


def _range(request: web.Request, length: int) -> tuple[int, int]:
    """First byte and the one behind the last. Raises 416 where nothing of the range exists."""
    try:
        first, end, _ = request.http_range.indices(length)
    except ValueError as error:
        raise _unsatisfiable(length) from error
    if first >= end:
        raise _unsatisfiable(length)
    return first, end


def _unsatisfiable(length: int) -> web.HTTPRequestRangeNotSatisfiable:
    return web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{length}"})


async def _copy(stream: BinaryIO, response: web.StreamResponse, first: int, end: int) -> None:
    await asyncio.to_thread(_skip, stream, first)
    left = end - first
    while left > 0 and (chunk := await asyncio.to_thread(stream.read, min(CHUNK, left))):
        await response.write(chunk)
        left -= len(chunk)


def _skip(stream: BinaryIO, count: int) -> None:
    if stream.seekable():
        stream.seek(count)
        return
    while count > 0 and (chunk := stream.read(min(CHUNK, count))):
        count -= len(chunk)
