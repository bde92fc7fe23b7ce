"""The doors as they are, in `inference.codec`'s JSON, for `inference.client`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from pydantic_core import from_json as parse_json

from inference.api.bodies import Body, read_body, read_json, refuse
from inference.api.context import CATALOGUE, LIBRARY, LINKS, RULES, SERVICE, requester_of
from inference.api.stream import send_events
from inference.api.videos import submit
from inference.codec import from_plain, to_json
from inference.errors import InvalidValue
from inference.types import (
    Account,
    AccountChange,
    ClipLink,
    ClipPage,
    ClipQuery,
    Decisions,
    Family,
    Generate,
    Identity,
    Job,
    JobEvent,
    JobId,
    JobPage,
    JobQuery,
    MemberStanding,
    Offer,
    Operation,
    Place,
    Policy,
    Requester,
    ServerChange,
)
from inference.wire import NATIVE


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{NATIVE}/jobs", create),
        web.get(f"{NATIVE}/jobs", jobs),
        web.get(f"{NATIVE}/jobs/{{id}}", job),
        web.post(f"{NATIVE}/jobs/{{id}}/cancel", cancel),
        web.post(f"{NATIVE}/jobs/{{id}}/delivered", delivered),
        web.get(f"{NATIVE}/events", events),
        web.get(f"{NATIVE}/clips", clips),
        web.get(f"{NATIVE}/clips/{{id}}", clip),
        web.delete(f"{NATIVE}/clips/{{id}}", delete),
        web.get(f"{NATIVE}/clips/{{id}}/links", link),
        web.get(f"{NATIVE}/policy", policy),
        web.get(f"{NATIVE}/server", decisions),
        web.patch(f"{NATIVE}/server", govern),
        web.get(f"{NATIVE}/standing", standing),
        web.get(f"{NATIVE}/account", account),
        web.patch(f"{NATIVE}/account", change_account),
        web.get(f"{NATIVE}/offer", offer),
    ]


async def create(request: web.Request) -> web.Response:
    """`{operation, reply_to}` as JSON, or as multipart with the JSON in `request` and the image in `image`."""
    requester_of(request)  # refused before its body is read
    body = await read_body(request, "image")
    asked = body.fields if request.content_type == "application/json" else _nested(body)
    operation = _operation(asked.get("operation"), body)
    reply_to = asked.get("reply_to", "")
    if not isinstance(reply_to, str):
        raise InvalidValue(name="reply_to", value=str(reply_to)[:40], allowed="text")
    return json_of(Job, await submit(request, operation, reply_to))


def _nested(body: Body) -> dict[str, Any]:
    try:
        value = parse_json(body.fields.get("request", ""), allow_inf_nan=False)
    except ValueError as error:
        raise InvalidValue(name="request", value="", allowed="well-formed JSON") from error
    return value if isinstance(value, dict) else {}


def _operation(value: object, body: Body) -> Operation:
    """The operation with its upload put back. Whether a stored image may be named in its stead, the service decides."""
    operation: Operation = value_of(Operation, value, "operation")
    if body.upload is None:
        return operation
    if not isinstance(operation, Generate) or operation.image is not None:
        raise InvalidValue(name="image", value=body.upload.filename, allowed="one image, and only for a generate")
    return replace(operation, image=body.upload)


async def jobs(request: web.Request) -> web.Response:
    return json_of(JobPage, await request.app[LIBRARY].jobs(query_of(JobQuery, request), requester_of(request)))


async def job(request: web.Request) -> web.Response:
    return json_of(Job, await request.app[SERVICE].get(_id(request), requester_of(request)))


async def cancel(request: web.Request) -> web.Response:
    return json_of(Job, await request.app[SERVICE].cancel(_id(request), requester_of(request)))


async def delivered(request: web.Request) -> web.Response:
    await request.app[SERVICE].mark_delivered(_id(request))
    return web.Response(status=204)


async def events(request: web.Request) -> web.StreamResponse:
    """All jobs' events: for the faces themselves, which hold a key and act for nobody here."""
    return await send_events(request, lambda event: ("job", to_json(JobEvent, event)))


async def clips(request: web.Request) -> web.Response:
    return json_of(ClipPage, await request.app[LIBRARY].clips(query_of(ClipQuery, request), requester_of(request)))


async def clip(request: web.Request) -> web.Response:
    return json_of(Family, await request.app[LIBRARY].clip(_id(request), requester_of(request)))


async def delete(request: web.Request) -> web.Response:
    await request.app[LIBRARY].delete(_id(request), requester_of(request))
    return web.Response(status=204)


async def link(request: web.Request) -> web.Response:
    """A list of one, or of none where this deployment gives no links out."""
    found = await request.app[LINKS].link(_id(request), requester_of(request))
    return json_of(tuple[ClipLink, ...], () if found is None else (found,))


async def policy(request: web.Request) -> web.Response:
    """For the faces themselves: it says nothing about anyone."""
    return json_of(Policy, await request.app[RULES].policy(query_of(Place, request)))


async def govern(request: web.Request) -> web.Response:
    change: ServerChange = value_of(ServerChange, await read_json(request), "change")
    await request.app[RULES].govern(change, requester_of(request))
    return web.Response(status=204)


async def decisions(request: web.Request) -> web.Response:
    return json_of(Decisions, await request.app[RULES].decisions(requester_of(request)))


async def standing(request: web.Request) -> web.Response:
    member: Requester = query_of(Requester, request)
    return json_of(MemberStanding, await request.app[RULES].standing(member, requester_of(request)))


async def account(request: web.Request) -> web.Response:
    return json_of(Account, await request.app[LIBRARY].account(requester_of(request), _identity(request)))


async def change_account(request: web.Request) -> web.Response:
    change: AccountChange = value_of(AccountChange, await read_json(request), "change")
    changed = await request.app[LIBRARY].change_account(change, requester_of(request), _identity(request))
    return json_of(Account, changed)


async def offer(request: web.Request) -> web.Response:
    return json_of(Offer, await request.app[CATALOGUE].offer())


def _id(request: web.Request) -> JobId:
    return JobId(request.match_info["id"])


def _identity(request: web.Request) -> Identity | None:
    named = request.query.get("identity")
    return None if named is None else Identity(named)


def query_of(type_: Any, request: web.Request) -> Any:
    """The query value in the parameter `query`, as JSON."""
    try:
        return value_of(type_, parse_json(request.query.get("query", "{}"), allow_inf_nan=False), "query")
    except ValueError as error:
        raise InvalidValue(name="query", value="", allowed="well-formed JSON") from error


def value_of(type_: Any, value: object, name: str) -> Any:
    try:
        return from_plain(type_, value)
    except ValidationError as error:
        refuse(error, name)


def json_of(type_: Any, value: object) -> web.Response:
    return web.Response(text=to_json(type_, value), content_type="application/json")
