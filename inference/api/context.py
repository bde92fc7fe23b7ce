"""What handlers reach through the application and the request, as typed keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from inference.api.keys import KeyRole, Keys
from inference.api.metrics import Metrics
from inference.errors import InvalidValue
from inference.protocols import (
    Catalogue,
    ClipLinks,
    GenerationService,
    HouseRules,
    Library,
    Linking,
    Notices,
    Operations,
    Privacy,
    QueueWatch,
    Schedules,
    SharedClips,
)
from inference.settings import ApiSettings
from inference.types import Requester
from inference.wire import IDEMPOTENCY_HEADER, MEMBER_HEADER

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Named checks, all of which must hold before traffic makes sense."""

SERVICE = web.AppKey("service", GenerationService)
LINKS = web.AppKey("links", ClipLinks)
SHARED_CLIPS = web.AppKey("shared_clips", SharedClips)
LINKING = web.AppKey("linking", Linking)
PRIVACY = web.AppKey("privacy", Privacy)
RULES = web.AppKey("rules", HouseRules)
PLANNED = web.AppKey("planned", Schedules)
NOTICES = web.AppKey("notices", Notices)
OPERATIONS = web.AppKey("operations", Operations)
LIBRARY = web.AppKey("library", Library)
CATALOGUE = web.AppKey("catalogue", Catalogue)
KEYS = web.AppKey("keys", Keys)
SETTINGS = web.AppKey("settings", ApiSettings)
WATCH = web.AppKey("watch", QueueWatch)
READY: web.AppKey[Ready] = web.AppKey("ready")
METRICS = web.AppKey("metrics", Metrics)
CLOSING = web.AppKey("closing", asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who holds the key, and for whom they act here."""

    role: KeyRole
    #: None where a bot's key named nobody.
    requester: Requester | None


CALLER = web.RequestKey("caller", Caller)


def requester_of(request: web.Request) -> Requester:
    """Whom this request is for. Raises InvalidValue where a bot's key must say so and did not."""
    requester = request[CALLER].requester
    if requester is None:
        raise InvalidValue(name=MEMBER_HEADER, value="", allowed="with a bot's key, an identity such as discord:USER")
    return requester


def idempotency_key(request: web.Request) -> str | None:
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key is not None and not (1 <= len(key) <= 255 and key.isascii()):
        raise InvalidValue(name=IDEMPOTENCY_HEADER, value=f"{len(key)} characters", allowed="1 to 255, ASCII only")
    return key
