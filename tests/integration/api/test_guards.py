"""Keys, whom they act for, foreign hosts; probes and figures."""

import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from inference.client import Client
from inference.errors import NotAllowed, ServiceUnavailable, Unauthorized
from inference.types import Generate, Identity, JobId, Place, Requester
from inference.wire import CONTEXT_HEADER, MEMBER_HEADER, encode_requester
from tests.integration.api.conftest import Caller
from tests.support.api import Served, serve
from tests.support.studio import Studio, member, open_studio, operator

ANN = member("ann")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Bearer ключ", "Basic dXNlcjpwdw=="])
async def test_a_wrong_key(api: Caller, studio: Studio, header: str) -> None:
    for method, path in (("GET", "/v1/videos"), ("POST", "/v1/videos"), ("GET", "/v1/events"), ("GET", "/v1/nowhere")):
        status, answer = await api.call(method, path, headers={"Authorization": header})
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
    assert sum((await studio.jobs.counts()).values()) == 0


async def test_the_operators_key_acts_as_itself_or_as_the_command_line(api: Caller, studio: Studio) -> None:
    _, video = await api.call("POST", "/v1/videos", json={"prompt": "a"})
    _, other = await api.call("POST", "/v1/videos", json={"prompt": "a"}, headers={MEMBER_HEADER: "cli:local"})
    identities = []
    for id_ in (video["id"], other["id"]):
        job = await studio.jobs.get(JobId(id_))
        assert job is not None
        identities.append((job.requester.identity, job.tier))
    assert identities == [("api:operator", "pro"), ("cli:local", "pro")]
    status, answer = await api.call("GET", "/v1/videos", headers={MEMBER_HEADER: "discord:1"})
    assert (status, answer["error"]["code"]) == (403, "not_allowed")


async def test_a_bots_key_acts_for_members_and_never_as_an_operator(api: Caller, served: Served) -> None:
    bot = api.holding(served.keys.bot)
    status, answer = await bot.call("GET", "/v1/videos")
    assert (status, answer["error"]["param"]) == (400, MEMBER_HEADER)
    assert (await bot.call("GET", "/v1/videos", headers={MEMBER_HEADER: "discord:1"}))[0] == 200
    for identity in ("api:operator", "cli:local"):
        assert (await bot.call("GET", "/v1/videos", headers={MEMBER_HEADER: identity}))[0] == 403
    with pytest.raises(NotAllowed):
        await served.studio.face.account(operator())


async def test_a_member_and_their_context_must_agree(api: Caller, served: Served) -> None:
    bot = api.holding(served.keys.bot)
    smuggled = encode_requester(operator())
    for headers in (
        {MEMBER_HEADER: "playground:ann", CONTEXT_HEADER: smuggled},
        {MEMBER_HEADER: "playground:ann", CONTEXT_HEADER: "not base64!"},
        {MEMBER_HEADER: "playground:ann", CONTEXT_HEADER: "e30="},
        {MEMBER_HEADER: "ann"},
        {CONTEXT_HEADER: smuggled},
    ):
        assert (await bot.call("GET", "/v1/videos", headers=headers))[0] == 400


async def test_a_member_with_every_role_there_is_fits_into_a_header(served: Served) -> None:
    roles = tuple(f"discord:{10**18 + number}" for number in range(250))
    busy = Requester(identity=Identity("discord:7"), place=Place(platform="discord", channel="9"), roles=roles)
    assert (await served.studio.face.submit(Generate(prompt="a"), busy)).requester == busy


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Host": "localhost:99"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:8080"}, 200),
        ({"Host": "video.example:8081", "Origin": "https://video.example"}, 200),
    ],
    ids=str,
)
async def test_foreign_hosts_and_origins_are_refused(tmp_path: Path, headers: Mapping[str, str], status: int) -> None:
    async with (
        open_studio(tmp_path, api={"allowed_hosts": ["video.example"]}) as studio,
        serve(studio) as served,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {served.keys.operator}"}) as session,
    ):
        async with session.get(f"{served.url}/v1/videos", headers=headers) as response:
            assert response.status == status
        async with session.get(f"{served.url}/healthz", headers=headers) as response:
            assert response.status == 200


async def test_the_client_says_what_went_wrong_on_the_way(served: Served) -> None:
    async with Client(served.url, "wrong") as stranger:
        with pytest.raises(Unauthorized):
            await stranger.account(ANN)
    async with Client("http://127.0.0.1:1", "key") as lost:
        with pytest.raises(ServiceUnavailable):
            await lost.account(ANN)
        with pytest.raises(ServiceUnavailable):
            async with lost.open_clip(JobId("clip_1"), ANN):
                pass


async def test_readiness_names_what_is_missing(tmp_path: Path) -> None:
    checks = {"worker": False}

    async def ready() -> Mapping[str, bool]:
        return checks

    async with open_studio(tmp_path) as studio, serve(studio, ready) as served, aiohttp.ClientSession() as session:
        async with session.get(f"{served.url}/readyz") as response:
            assert response.status == 503
            assert await response.json() == {"ready": False, "checks": {"worker": False, "database": True}}
        checks["worker"] = True
        async with session.get(f"{served.url}/readyz") as response:
            assert response.status == 200


async def test_metrics_tell_queue_admission_refusals_and_seconds(api: Caller, studio: Studio) -> None:
    await api.call("POST", "/v1/videos", json={"prompt": ""})
    await api.call("POST", "/v1/videos", json={"prompt": "a"})
    claim = await studio.claim()
    await studio.show(claim, step=1)
    await api.call("POST", "/v1/videos", json={"prompt": "b"})
    await studio.succeed(claim)
    expected = [
        r'threadreel_jobs\{status="succeeded"\} 1\.0',
        r"threadreel_queue_length 1\.0",
        r'threadreel_refusals_total\{code="prompt_empty"\} 1\.0',
        r"threadreel_admission_seconds_count 3\.0",
        r'threadreel_clip_seconds_count\{preset="pocket"\} 1\.0',
        r'threadreel_wait_seconds_count\{tier="pro"\} 1\.0',
    ]
    text = ""
    while not all(re.search(line, text) for line in expected):  # what the feed tells comes a moment later
        async with api.session.get(f"{api.served.url}/metrics") as response:
            assert response.content_type == "text/plain"
            text = await response.text()
