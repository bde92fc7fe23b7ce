"""Bytes of renditions over HTTP: whole, in ranges (RFC 9110, section 14) and not at all where the client has them."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from inference.api.asks import ContentAsk
from inference.api.bodies import checked
from inference.api.context import SERVICE, requester_of
from inference.protocols import OpenedClip
from inference.types import JobId, Variant

CHANGING = frozenset({Variant.PREVIEW, Variant.PREVIEW_GIF})
"""The same address has other bytes in a moment."""
_CHUNK = 256 * 1024


async def content(request: web.Request) -> web.StreamResponse:
    """`GET /v1/videos/{id}/content`."""
    job = JobId(request.match_info["id"])
    ask = checked(ContentAsk, request.query)
    opening = request.app[SERVICE].open_clip(job, requester_of(request), ask.variant, ask.max_bytes)
    async with opening as opened:
        tag = None if ask.variant in CHANGING else f'"{job}-{ask.variant.value}-{opened.length}"'
        return await answer(request, opened, tag, as_attachment(opened, tag))


async def answer(
    request: web.Request, opened: OpenedClip, tag: str | None, headers: dict[str, str]
) -> web.StreamResponse:
    """What the request asks of the bytes: all, a range, or only whether `tag` is still theirs."""
    headers = headers | {"Accept-Ranges": "bytes"} | ({"ETag": tag} if tag else {})
    if tag is not None and tag in _tags(request):
        return web.Response(status=304, headers=headers)
    wanted = _range(request, opened.length, tag)
    if wanted is None:
        headers["Content-Range"] = f"bytes */{opened.length}"
        return web.Response(status=416, headers=headers)
    return await _send(request, opened, wanted, headers)


def as_attachment(opened: OpenedClip, tag: str | None) -> dict[str, str]:
    """Bytes of strangers' making: never sniffed, never run, never cached by others."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(opened.filename, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache" if tag else "no-store",
    }


def _tags(request: web.Request) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]


def _range(request: web.Request, length: int, tag: str | None) -> range | None:
    """The bytes to send; None where the range lies outside. A range that cannot be read is ignored, as the RFC asks."""
    everything = range(length)
    if request.headers.get("If-Range", tag) != tag:
        return everything
    try:
        asked = request.http_range
    except ValueError:
        return everything
    if asked == slice(None, None, 1):
        return everything
    start, stop, _ = asked.indices(length)
    return range(start, stop) if start < stop else None


async def _send(request: web.Request, opened: OpenedClip, wanted: range, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=200, headers=headers)
    response.content_type = opened.media_type
    response.content_length = len(wanted)
    if len(wanted) != opened.length:
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{opened.length}"
    await response.prepare(request)
    if request.method != "HEAD":
        await asyncio.to_thread(opened.stream.seek, wanted.start)
        left = len(wanted)
        while left and (chunk := await asyncio.to_thread(opened.stream.read, min(left, _CHUNK))):
            left -= len(chunk)
            await response.write(chunk)
    await response.write_eof()
    return response
