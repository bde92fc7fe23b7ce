"""The page's event stream (server-sent events): a snapshot, or what was missed, and then everything as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from aiohttp import web

from bot.playground.board import Board
from bot.playground.hub import Hub, PageEvent

QUIET_SECONDS = 15.0
"""A comment is sent after so much silence, so that proxies and browsers keep the stream open."""


async def serve_events(request: web.Request, member: str, board: Board, hub: Hub) -> web.StreamResponse:
    """Runs until the page leaves or the server stops. `?after=` or Last-Event-ID says what the page has seen."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    last_id = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    with hub.listening() as live, contextlib.suppress(ConnectionResetError):
        await _catch_up(response, member, board, hub, last_id)
        await _follow(response, member, hub, live)
    return response


async def _catch_up(response: web.StreamResponse, member: str, board: Board, hub: Hub, last_id: str) -> None:
    missed = hub.missed(last_id)
    if missed is None:
        snapshot = json.dumps(board.shown_to(member), ensure_ascii=False)
        await response.write(_frame("snapshot", snapshot, hub.id_of(hub.newest)))
        return
    for event in missed:
        if event.is_for(member):
            await response.write(_frame(event.name, event.data, hub.id_of(event.number)))


async def _follow(response: web.StreamResponse, member: str, hub: Hub, live: AsyncIterator[PageEvent]) -> None:
    upcoming = asyncio.ensure_future(anext(live, None))
    try:
        while True:
            done, _ = await asyncio.wait([upcoming], timeout=QUIET_SECONDS)
            if not done:
                await response.write(b": still here\n\n")
                continue
            event = upcoming.result()
            if event is None:
                return
            if event.is_for(member):
                await response.write(_frame(event.name, event.data, hub.id_of(event.number)))
            upcoming = asyncio.ensure_future(anext(live, None))
    finally:
        upcoming.cancel()


def _frame(name: str, data: str, id: str) -> bytes:  # noqa: A002  # the protocol's word
    return f"id: {id}\nevent: {name}\ndata: {data}\n\n".encode()
