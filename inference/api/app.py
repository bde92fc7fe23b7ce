"""The HTTP application, put together from service, library and keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from aiohttp import web

from inference.api import health, linking, links, native, operations, privacy, schedules, videos
from inference.api.context import (
    CATALOGUE,
    CLOSING,
    KEYS,
    LIBRARY,
    LINKING,
    LINKS,
    METRICS,
    NOTICES,
    OPERATIONS,
    PLANNED,
    PRIVACY,
    READY,
    RULES,
    SERVICE,
    SETTINGS,
    SHARED_CLIPS,
    WATCH,
    Ready,
)
from inference.api.guards import answer_errors, check_host, check_key
from inference.api.keys import Keys
from inference.api.metrics import Metrics
from inference.api.operator.routes import add_page
from inference.errors import ThreadreelError
from inference.protocols import Doors, GenerationService, QueueWatch, SharedClips
from inference.settings import Settings

MAX_HEADER_BYTES = 64 * 1024
"""A requester travels in a header, and a Discord member can have 250 roles of about 30 characters each."""

_RESTART_SECONDS = 5.0
_log = structlog.get_logger(__name__)


def create_app(
    service: GenerationService,
    library: Doors,
    keys: Keys,
    settings: Settings,
    *,
    shared: SharedClips | None = None,
    watch: QueueWatch | None = None,
    ready: Ready | None = None,
) -> web.Application:
    """The API over these doors.

    `shared` serves links to clips; `watch` feeds metrics and readiness; `ready` adds named checks to `/readyz`.
    """
    app = web.Application(
        middlewares=[answer_errors, check_host, check_key],
        client_max_size=settings.api.max_upload_bytes * 2,
        handler_args={"max_field_size": MAX_HEADER_BYTES},
    )
    app[SERVICE] = service
    app[LIBRARY] = library
    app[CATALOGUE] = library
    app[LINKS] = library
    app[RULES] = library
    app[LINKING] = library
    app[PRIVACY] = library
    app[PLANNED] = library
    app[NOTICES] = library
    app[OPERATIONS] = library
    app[KEYS] = keys
    app[SETTINGS] = settings.api
    app[METRICS] = Metrics()
    app[CLOSING] = asyncio.Event()
    if watch is not None:
        app[WATCH] = watch
        app.cleanup_ctx.append(_follow_jobs)
    if shared is not None:
        app[SHARED_CLIPS] = shared
        app.add_routes(links.routes())
    if ready is not None:
        app[READY] = ready
    for door in (videos, native, linking, privacy, operations, schedules, health):
        app.add_routes(door.routes())
    add_page(app)
    app.on_shutdown.append(_end_streams)
    return app


async def _end_streams(app: web.Application) -> None:
    """Let event streams end by themselves, so that a stop need not wait for their clients."""
    app[CLOSING].set()


async def _follow_jobs(app: web.Application) -> AsyncIterator[None]:
    """Measure jobs as they pass, for as long as the server runs."""
    task = asyncio.create_task(_measure(app))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _measure(app: web.Application) -> None:
    while True:
        try:
            async for event in app[SERVICE].events(await app[WATCH].last_cursor()):
                if not event.job.removed:
                    app[METRICS].followed(event.job)
        except ThreadreelError as error:
            _log.warning("metrics lost the events", code=error.code)
        await asyncio.sleep(_RESTART_SECONDS)
