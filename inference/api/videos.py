"""OpenAI's Videos API."""

from __future__ import annotations

import json

from aiohttp import web

from inference.api import shape
from inference.api.asks import CreateAsk, ListAsk, RemixAsk, flattened
from inference.api.bodies import checked, read_body
from inference.api.content import content
from inference.api.context import CALLER, LIBRARY, METRICS, SERVICE, SETTINGS, idempotency_key, requester_of
from inference.api.stream import send_events
from inference.types import Job, JobEvent, JobId, Operation

POLL_AFTER_MS = "1000"
"""What OpenAI's clients are told to wait between two looks at an unfinished job."""


def routes() -> list[web.RouteDef]:
    return [
        web.post("/v1/videos", create),
        web.get("/v1/videos", list_),
        web.get("/v1/videos/{id}", retrieve),
        web.delete("/v1/videos/{id}", delete),
        web.get("/v1/videos/{id}/content", content),
        web.post("/v1/videos/{id}/remix", remix),
        web.post("/v1/videos/{id}/cancel", cancel),
        web.get("/v1/events", events),
    ]


async def create(request: web.Request) -> web.Response:
    requester_of(request)  # refused before its body is read
    body = await read_body(request, "input_reference")
    ask = checked(CreateAsk, flattened(body.fields))
    return _answer(await submit(request, ask.operation(body.upload, request.app[SETTINGS].max_upload_bytes)))


async def remix(request: web.Request) -> web.Response:
    body = await read_body(request, "")
    ask = checked(RemixAsk, body.fields)
    return _answer(await submit(request, ask.operation(_id(request))))


async def submit(request: web.Request, operation: Operation, reply_to: str = "") -> Job:
    with request.app[METRICS].admission():
        return await request.app[SERVICE].submit(operation, requester_of(request), reply_to, idempotency_key(request))


async def list_(request: web.Request) -> web.Response:
    query = checked(ListAsk, request.query).query()
    page = await request.app[LIBRARY].jobs(query, requester_of(request))
    return web.json_response(shape.page(page.jobs, has_more=page.has_more))


async def retrieve(request: web.Request) -> web.Response:
    return _answer(await request.app[SERVICE].get(_id(request), requester_of(request)))


async def cancel(request: web.Request) -> web.Response:
    return _answer(await request.app[SERVICE].cancel(_id(request), requester_of(request)))


async def delete(request: web.Request) -> web.Response:
    job = _id(request)
    await request.app[LIBRARY].delete(job, requester_of(request))
    return web.json_response(shape.deleted(job))


async def events(request: web.Request) -> web.StreamResponse:
    """Videos as they change, named as OpenAI's webhooks are. Who acts for a member sees that member's only."""
    requester = request[CALLER].requester
    everyone = requester is None or requester.is_operator

    def frame(event: JobEvent) -> tuple[str, str] | None:
        if not everyone and requester is not None and event.job.requester.identity != requester.identity:
            return None
        if event.job.removed:
            return "video.deleted", json.dumps(shape.deleted(event.job.id))
        return f"video.{shape.STATUS[event.job.status]}", json.dumps(shape.video(event.job))

    return await send_events(request, frame)


def _id(request: web.Request) -> JobId:
    return JobId(request.match_info["id"])


def _answer(job: Job) -> web.Response:
    headers = {} if job.status.is_final else {"openai-poll-after-ms": POLL_AFTER_MS}
    return web.json_response(shape.video(job), headers=headers)
