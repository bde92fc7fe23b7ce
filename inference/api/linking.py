"""Linking as it is, for `inference.client`."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.api.bodies import read_json, refuse
from inference.api.context import LINKING, requester_of
from inference.codec import to_json
from inference.types import Account, Identity, LinkCode
from inference.wire import NATIVE


class _Typed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    code: Annotated[str, Field(max_length=100)]


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{NATIVE}/links", begin),
        web.post(f"{NATIVE}/links/typed", finish),
        web.delete(f"{NATIVE}/links", part),
    ]


async def begin(request: web.Request) -> web.Response:
    return _json(LinkCode, await request.app[LINKING].begin_link(requester_of(request)))


async def finish(request: web.Request) -> web.Response:
    """`{code}`: in the body, for addresses are written into logs."""
    requester = requester_of(request)
    try:
        typed = _Typed.model_validate(await read_json(request))
    except ValidationError as error:
        refuse(error, "code")
    return _json(Account, await request.app[LINKING].finish_link(typed.code, requester))


async def part(request: web.Request) -> web.Response:
    named = request.query.get("identity")
    identity = None if named is None else Identity(named)
    return _json(Account, await request.app[LINKING].unlink(requester_of(request), identity))


def _json(type_: Any, value: object) -> web.Response:
    return web.Response(text=to_json(type_, value), content_type="application/json")
