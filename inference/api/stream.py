"""Job events as server-sent events, with cursors as their ids: a client resumes where it lost the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import structlog
from aiohttp import web

from inference.api.asks import EventsAsk
from inference.api.bodies import checked
from inference.api.context import CLOSING, SERVICE
from inference.errors import InvalidValue, ThreadreelError
from inference.types import JobEvent
from inference.wire import KEEP_ALIVE_SECONDS

Frame = Callable[[JobEvent], tuple[str, str] | None]
"""An event's name and JSON data; None for what this client shall not see."""

_log = structlog.get_logger(__name__)


async def send_events(request: web.Request, frame: Frame) -> web.StreamResponse:
    """Stream events until the client leaves or the server stops."""
    after = _cursor(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    response.headers["X-Accel-Buffering"] = "no"
    await response.prepare(request)
    await response.write(b": connected\n\n")
    try:
        async for event in _until_closing(request.app[SERVICE].events(after), request.app[CLOSING]):
            await response.write(_encoded(event, frame))
    except ConnectionResetError:
        _log.info("event stream left")  # the client went away between two events
    except ThreadreelError as error:
        _log.warning("event stream broke", code=error.code, exc_info=error)  # the client comes back with its cursor
    return response


def _cursor(request: web.Request) -> int | None:
    """`?after=`, or what a browser's EventSource sends by itself when it reconnects."""
    resumed = request.headers.get("Last-Event-ID")
    if resumed is None:
        return checked(EventsAsk, request.query).after
    if not (resumed.isascii() and resumed.isdigit() and len(resumed) < 19):
        raise InvalidValue(name="Last-Event-ID", value=resumed[:40], allowed="the id of an event")
    return int(resumed)


def _encoded(event: JobEvent | None, frame: Frame) -> bytes:
    framed = frame(event) if event is not None else None
    if event is None or framed is None:
        return b": alive\n\n"
    name, data = framed
    return f"id: {event.cursor}\nevent: {name}\ndata: {data}\n\n".encode()


async def _until_closing(events: AsyncIterator[JobEvent], closing: asyncio.Event) -> AsyncIterator[JobEvent | None]:
    """The events; None whenever nothing came for a while; the end when the server stops."""
    stop = asyncio.ensure_future(closing.wait())
    upcoming = asyncio.ensure_future(_next(events))
    try:
        while not closing.is_set():
            await asyncio.wait({upcoming, stop}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not upcoming.done():
                yield None
                continue
            event = upcoming.result()
            if event is None:
                return
            upcoming = asyncio.ensure_future(_next(events))
            yield event
    finally:
        for task in (stop, upcoming):
            task.cancel()
            with suppress(asyncio.CancelledError, ThreadreelError):
                await task


async def _next(events: AsyncIterator[JobEvent]) -> JobEvent | None:
    """The next event; None at the end of a service that stops."""
    async for event in events:
        return event
    return None
