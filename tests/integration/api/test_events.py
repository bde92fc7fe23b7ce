"""The event streams: replay from a cursor, in both ways of saying it, and nothing of other members."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from inference.api.app import create_app
from inference.api.keys import load_keys
from inference.client import Client
from inference.errors import ServiceUnavailable
from inference.types import Generate, JobEvent, JobStatus
from tests.integration.api.conftest import Caller
from tests.support.studio import Studio, member, open_studio

ANN, BOB = member("ann"), member("bob", "plus")
BALL = Generate(prompt="a red ball")


async def frames(response: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    """The next server-sent events, as their fields."""
    found: list[dict[str, Any]] = []
    fields: dict[str, Any] = {}
    async with asyncio.timeout(20):
        async for line in response.content:
            name, _, value = line.decode().strip().partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                found.append(fields | {"data": json.loads(fields["data"])})
                fields = {}
            if len(found) == count:
                break
    return found


async def test_events_are_videos_and_resume_behind_a_cursor(api: Caller, studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    async with api.open("GET", "/v1/events?after=0") as response:
        assert response.content_type == "text/event-stream"
        told = await frames(response, 3)
    assert [event["data"]["id"] for event in told] == [clip.id] * 3
    assert [int(event["id"]) for event in told] == sorted({int(event["id"]) for event in told})
    assert (told[-1]["event"], told[-1]["data"]["status"]) == ("video.completed", "completed")

    for headers, query in (({}, f"?after={told[1]['id']}"), ({"Last-Event-ID": told[1]["id"]}, "")):
        async with api.open("GET", f"/v1/events{query}", headers=headers) as response:
            (again,) = await frames(response, 1)
            assert again == told[2]


async def test_a_stream_goes_on_with_what_happens_now(api: Caller, studio: Studio) -> None:
    async with api.open("GET", "/v1/events?after=0") as response:
        job = await studio.face.submit(BALL, ANN)
        (queued,) = await frames(response, 1)
        assert (queued["event"], queued["data"]["id"]) == ("video.queued", job.id)
        await studio.face.cancel(job.id, ANN)
        (ended,) = await frames(response, 1)
        assert (ended["event"], ended["data"]["error"]["code"]) == ("video.failed", "cancelled")


async def test_a_deletion_is_told_and_its_words_are_told_no_more(api: Caller, studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    async with api.open("GET", "/v1/events?after=0") as response:
        await frames(response, 3)
        await studio.face.delete(clip.id, ANN)
        (told,) = await frames(response, 1)
    deleted = {"id": clip.id, "object": "video.deleted", "deleted": True}
    assert (told["event"], told["data"]) == ("video.deleted", deleted)
    async with api.open("GET", "/v1/events?after=0") as response:
        assert [event["data"] for event in await frames(response, 4)] == [deleted] * 4


@pytest.mark.parametrize("after", ["-1", str(2**63), "9" * 40, "x"])
async def test_a_cursor_that_can_be_none_is_refused(api: Caller, after: str) -> None:
    status, answer = await api.call("GET", f"/v1/events?after={after}")
    assert (status, answer["error"]["param"]) == (400, "after")


async def test_an_endless_event_is_an_outage_and_nothing_worse(tmp_path: Path) -> None:
    async def shout(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"data: " + b"x" * 4 * 1024 * 1024)
        return response

    app = web.Application()
    app.add_routes([web.get("/v1/threadreel/events", shout)])
    async with TestServer(app) as server, Client(str(server.make_url("/")), "key") as client:
        with pytest.raises(ServiceUnavailable):
            async for _ in client._stream(None):
                pass


async def test_who_acts_for_a_member_hears_of_that_member_only(api: Caller, studio: Studio) -> None:
    await studio.make(BALL, ANN)
    theirs = await studio.make(BALL, BOB)
    async with api.acting_for(BOB).open("GET", "/v1/events?after=0") as response:
        assert {event["data"]["id"] for event in await frames(response, 3)} == {theirs.id}


async def test_the_client_takes_a_broken_line_up_again(tmp_path: Path) -> None:
    """The server goes away and comes back at the same address: nothing is lost and nothing comes twice."""
    port = unused_port()
    keys = load_keys(tmp_path)
    async with open_studio(tmp_path) as studio, Client(f"http://127.0.0.1:{port}", keys.bot) as client:

        def app() -> web.Application:
            return create_app(studio.face, studio.face, keys, studio.settings)

        seen: list[JobEvent] = []
        async with asyncio.timeout(60), aclosing(client.events(0)) as events:  # type: ignore[type-var]
            async with TestServer(app(), port=port):
                first = await studio.make(BALL, ANN)
                while len(seen) < 3:
                    seen.append(await anext(events))
            second = await studio.face.submit(BALL, ANN)
            waiting = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0)
            async with TestServer(app(), port=port):
                seen.append(await waiting)
        assert [event.job.id for event in seen] == [first.id] * 3 + [second.id]
        assert seen[2].job.status is JobStatus.SUCCEEDED
        assert len({event.cursor for event in seen}) == 4
