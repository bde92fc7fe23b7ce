"""Schedules and notices as they are, for `inference.client`."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from inference.api.bodies import read_json, refuse
from inference.api.context import NOTICES, PLANNED, idempotency_key, requester_of
from inference.codec import from_plain, to_json
from inference.types import Generate, Notice, Schedule, ScheduleId, When
from inference.wire import NATIVE

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class _Ask:
    operation: Generate
    when: When
    reply_to: Annotated[str, Field(max_length=1000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class _Take:
    platforms: Annotated[tuple[str, ...], Field(max_length=20)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{NATIVE}/schedules", create),
        web.get(f"{NATIVE}/schedules", own),
        web.delete(f"{NATIVE}/schedules/{{id}}", cancel),
        web.post(f"{NATIVE}/notices/taken", take),
        web.delete(f"{NATIVE}/notices/taken/{{id}}", give_back),
    ]


async def create(request: web.Request) -> web.Response:
    requester = requester_of(request)
    ask: _Ask = await _read(request, _Ask)
    key = idempotency_key(request)
    kept = await request.app[PLANNED].schedule(ask.operation, ask.when, requester, ask.reply_to, key)
    return _json(Schedule, kept)


async def own(request: web.Request) -> web.Response:
    found = await request.app[PLANNED].schedules(requester_of(request))
    return _json(tuple[Schedule, ...], tuple(found))


async def cancel(request: web.Request) -> web.Response:
    schedule = ScheduleId(request.match_info["id"])
    return _json(Schedule, await request.app[PLANNED].cancel_schedule(schedule, requester_of(request)))


async def take(request: web.Request) -> web.Response:
    """For the faces themselves, which hold a key and act for nobody here."""
    ask: _Take = await _read(request, _Take)
    found = await request.app[NOTICES].take_notices(ask.platforms, ask.limit)
    return _json(tuple[Notice, ...], tuple(found))


async def give_back(request: web.Request) -> web.Response:
    notice = request.match_info["id"]
    if notice.isdecimal() and len(notice) < 19:
        await request.app[NOTICES].return_notice(int(notice))
    return web.Response(status=204)


async def _read(request: web.Request, type_: Any) -> Any:
    try:
        return from_plain(type_, await read_json(request))
    except ValidationError as error:
        refuse(error)


def _json(type_: Any, value: object) -> web.Response:
    return web.Response(text=to_json(type_, value), content_type="application/json")
