"""Links that open a clip without a key: what a member's browser gets where no chat took the file.

People read these answers, so refusals are sentences and no envelopes.
"""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from inference.api.content import answer
from inference.api.context import METRICS, SHARED_CLIPS
from inference.api.refusals import public_message, status_of
from inference.errors import RequestRejected
from inference.protocols import OpenedClip
from inference.types import JobId
from inference.wire import SHARED

_STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-site",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Never sniffed, kept by nobody, and the address told to nobody: it is all that is needed to watch."""
_NOTHING_RUNS = (
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-same-origin"
)
"""Enough for a browser's own player, which brings its styles along, and reads its own address again for each range."""


def routes() -> list[web.RouteDef]:
    return [web.get(f"{SHARED}/{{id}}.mp4", shared)]


async def shared(request: web.Request) -> web.StreamResponse:
    """`GET /clips/{id}.mp4?expires=…&signature=…`, in ranges too."""
    clip = JobId(request.match_info["id"])
    expires, signature = request.query.get("expires", ""), request.query.get("signature", "")
    try:
        async with request.app[SHARED_CLIPS].open_shared(clip, expires, signature) as opened:
            return await answer(request, opened, f'"{clip}-{opened.length}"', _headers(opened))
    except RequestRejected as error:
        request.app[METRICS].refused(error.code)
        headers = _STRICT | {"Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(status=status_of(error), text=f"{public_message(error)}\n", headers=headers)


def _headers(opened: OpenedClip) -> dict[str, str]:
    named = f"inline; filename*=UTF-8''{quote(opened.filename, safe='')}"
    return _STRICT | {"Content-Security-Policy": _NOTHING_RUNS, "Content-Disposition": named}
