"""Operations as the door has it, in `inference.codec`'s JSON; a plot is a PNG."""

from __future__ import annotations

from aiohttp import web

from inference.api.bodies import read_json
from inference.api.context import OPERATIONS, requester_of
from inference.api.native import json_of, query_of, value_of
from inference.types import AuditPage, AuditQuery, Overview, Refund, Refunded, UsageQuery, UsageReport
from inference.wire import NATIVE


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{NATIVE}/usage", usage),
        web.get(f"{NATIVE}/usage.png", plot),
        web.post(f"{NATIVE}/refunds", refund),
        web.get(f"{NATIVE}/audit", audit),
        web.get(f"{NATIVE}/overview", overview),
    ]


async def usage(request: web.Request) -> web.Response:
    report = await request.app[OPERATIONS].usage(query_of(UsageQuery, request), requester_of(request))
    return json_of(UsageReport, report)


async def plot(request: web.Request) -> web.Response:
    picture = await request.app[OPERATIONS].plot(query_of(UsageQuery, request), requester_of(request))
    return web.Response(body=picture, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})


async def refund(request: web.Request) -> web.Response:
    requester = requester_of(request)
    asked: Refund = value_of(Refund, await read_json(request), "refund")
    return json_of(Refunded, await request.app[OPERATIONS].refund(asked, requester))


async def audit(request: web.Request) -> web.Response:
    return json_of(AuditPage, await request.app[OPERATIONS].audit(query_of(AuditQuery, request), requester_of(request)))


async def overview(request: web.Request) -> web.Response:
    return json_of(Overview, await request.app[OPERATIONS].overview(requester_of(request)))
