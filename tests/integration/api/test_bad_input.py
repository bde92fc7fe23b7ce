"""Bad input: a status, a code, and nothing charged, queued or shown of the inside."""

import asyncio
import io
import struct
import zlib
from typing import Any

import aiohttp
import pytest
from yarl import URL

from inference.types import Generate, Size
from tests.integration.api.conftest import Caller
from tests.support.studio import Studio, member, operator, picture

SMALLER = "smaller (25 megapixels at most) PNG, JPEG or WebP"
ANN, BOB = member("ann"), member("bob", "plus")


def form(fields: dict[str, str], data: bytes | None = None) -> aiohttp.FormData:
    body = aiohttp.FormData(fields, default_to_multipart=True)
    if data is not None:
        body.add_field("input_reference", io.BytesIO(data), filename="../../etc/x.png", content_type="image/png")
    return body


def huge_png(side: int = 30_000) -> bytes:
    """A well-formed, small file of side x side black pixels, one bit each."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def assert_untouched(studio: Studio) -> None:
    assert sum((await studio.jobs.counts()).values()) == 0
    assert await studio.untouched(operator())
    assert await studio.untouched(ANN)


JSON_CASES: dict[str, tuple[dict[str, Any], int, str, str | None]] = {
    "empty prompt": ({"prompt": " "}, 400, "prompt_empty", "prompt"),
    "no prompt": ({}, 400, "prompt_empty", "prompt"),
    "endless prompt": ({"prompt": "x" * 10_000}, 400, "prompt_too_long", "prompt"),
    "prompt of another kind": ({"prompt": ["a"]}, 400, "invalid_value", "prompt"),
    "half a character": ({"prompt": "a red \ud800"}, 400, "invalid_value", "body"),
    "nothing visible": ({"prompt": "\u200b\x00"}, 400, "prompt_empty", "prompt"),
    "seconds beyond the model": ({"prompt": "a", "seconds": "12"}, 400, "invalid_value", "seconds"),
    "seconds beyond every tier too": ({"prompt": "a", "seconds": "600"}, 400, "invalid_value", "seconds"),
    "seconds that are none": ({"prompt": "a", "seconds": "soon"}, 400, "invalid_value", "seconds"),
    "seconds without end": ({"prompt": "a", "seconds": "inf"}, 400, "invalid_value", "seconds"),
    "size beyond every tier": ({"prompt": "a", "size": "7680x4320"}, 403, "resolution_exceeded", "size"),
    "size that is none": ({"prompt": "a", "size": "huge"}, 400, "invalid_value", "size"),
    "resolution that is none": ({"prompt": "a", "resolution": "best"}, 400, "invalid_value", "resolution"),
    "unknown ratio": ({"prompt": "a", "aspect_ratio": "3:7"}, 400, "invalid_value", "aspect_ratio"),
    "unknown preset": ({"prompt": "a", "model": "sora-9"}, 400, "unknown_preset", "model"),
    "seed beyond numbers": ({"prompt": "a", "seed": 10**30}, 400, "invalid_value", "seed"),
    "field that nobody knows": ({"prompt": "a", "characters": []}, 400, "invalid_value", "characters"),
    "image elsewhere": (
        {"prompt": "a", "input_reference": "http://169.254.169.254/x.png"},
        400,
        "invalid_value",
        "input_reference",
    ),
    "image by a foreign id": (
        {"prompt": "a", "input_reference": {"file_id": "file_1"}},
        400,
        "invalid_value",
        "input_reference",
    ),
    "image that is no base64": (
        {"prompt": "a", "input_reference": "data:image/png;base64,&&&"},
        400,
        "upload_invalid",
        "input_reference",
    ),
}


@pytest.mark.parametrize(("body", "status", "code", "param"), JSON_CASES.values(), ids=list(JSON_CASES))
async def test_a_field_that_cannot_be(
    api: Caller, studio: Studio, body: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    answered, answer = await api.call("POST", "/v1/videos", json=body)
    error = answer["error"]
    assert (answered, error["code"], error["param"]) == (status, code, param)
    assert error["message"]
    await assert_untouched(studio)


@pytest.mark.parametrize(
    "text", ["{", "[1, 2]", "null", '{"prompt": "a"', "\x00", '{"a":' * 5000, ""], ids=lambda text: text[:10]
)
async def test_malformed_json(api: Caller, studio: Studio, text: str) -> None:
    for method, path in (("POST", "/v1/videos"), ("POST", "/v1/threadreel/jobs"), ("PATCH", "/v1/threadreel/account")):
        status, answer = await api.call(method, path, data=text, headers={"Content-Type": "application/json"})
        assert (status, answer["error"]["code"]) == (400, "invalid_value")
    await assert_untouched(studio)


@pytest.mark.parametrize(
    ("data", "status", "code", "detail"),
    [
        (b"I am a text, not an image.", 400, "upload_invalid", {"reason": "not_an_image"}),
        (b"", 400, "upload_invalid", {"reason": "not_an_image"}),
        (picture(Size(width=512, height=512)).data[:400], 400, "upload_invalid", {"reason": "damaged"}),
        (huge_png(), 400, "upload_invalid", {"reason": "too_many_pixels", "accepted": SMALLER}),
        (b"\x89PNG" + bytes(300_000), 413, "upload_too_large", {"unit": "bytes", "limit": 200_000}),
    ],
    ids=["text", "nothing", "truncated", "30,000 x 30,000", "too many bytes"],
)
async def test_an_image_that_cannot_be(
    api: Caller, studio: Studio, data: bytes, status: int, code: str, detail: dict[str, object]
) -> None:
    answered, answer = await api.call("POST", "/v1/videos", data=form({"prompt": "it waves"}, data))
    error = answer["error"]
    assert (answered, error["code"], error["param"]) == (status, code, "input_reference")
    assert detail.items() <= error["details"].items()
    await assert_untouched(studio)


async def test_a_malformed_form(api: Caller, studio: Studio) -> None:
    for kind, data in (
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"no parts"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n"),
        ("text/plain", b"a red ball"),
    ):
        status, answer = await api.call("POST", "/v1/videos", data=data, headers={"Content-Type": kind})
        assert (status, answer["error"]["code"]) in {(400, "invalid_value"), (400, "prompt_empty")}
    twice = aiohttp.FormData([("prompt", "a"), ("prompt", "b")], default_to_multipart=True)
    assert (await api.call("POST", "/v1/videos", data=twice))[0] == 400
    await assert_untouched(studio)


async def test_a_tiers_limits_name_themselves_and_what_lifts_them(api: Caller, studio: Studio) -> None:
    ann = api.acting_for(ANN)
    status, answer = await ann.call("POST", "/v1/videos", json={"prompt": "a", "seconds": 6, "model": "ltx-2b"})
    assert (status, answer["error"]["code"]) == (403, "seconds_exceeded")
    told = {"tier": "free", "lifted_by": "plus", "in_server": False, "limit": 5.0, "asked": 6.0}
    assert answer["error"]["details"] == told
    status, answer = await ann.call("POST", "/v1/videos", json={"prompt": "a", "resolution": "720p"})
    assert (status, answer["error"]["details"]["lifted_by"]) == (403, "plus")
    assert (await ann.call("POST", "/v1/videos", json={"prompt": "a"}))[0] == 200
    status, answer = await ann.call("POST", "/v1/videos", json={"prompt": "a"})
    assert (status, answer["error"]["code"], answer["error"]["type"]) == (429, "too_many_jobs", "rate_limit_error")
    await studio.succeed(await studio.claim())
    for _ in range(9):
        await studio.make(Generate(prompt="a"), ANN)
    status, answer = await ann.call("POST", "/v1/videos", json={"prompt": "a"})
    assert (status, answer["error"]["code"], answer["error"]["details"]["limit"]) == (429, "quota_exceeded", 10)


async def test_who_asks_too_often_is_told_when_to_come_back(api: Caller, studio: Studio) -> None:
    ann = api.acting_for(ANN)
    for _ in range(20):
        assert (await ann.call("POST", "/v1/videos", json={"prompt": " "}))[0] == 400
    async with ann.open("POST", "/v1/videos", json={"prompt": "a"}) as response:
        error = (await response.json())["error"]
        assert (response.status, error["code"], error["type"]) == (429, "rate_exceeded", "rate_limit_error")
        assert 55 <= error["details"]["retry_after"] <= 60
        assert response.headers["Retry-After"] == str(error["details"]["retry_after"])
        assert "x-should-retry" not in response.headers
    assert error["details"]["lifted_by"] == "plus"
    assert await studio.untouched(ANN)


async def test_what_is_not_there_or_not_theirs(api: Caller, studio: Studio) -> None:
    secret = await studio.make(Generate(prompt="a", private=True), BOB)
    ann = api.acting_for(ANN)
    for id_ in (secret.id, "clip_none", "..%2f..%2fetc", "%00", "x" * 3000):
        for method, path in (
            ("GET", f"/v1/videos/{id_}"),
            ("GET", f"/v1/videos/{id_}/content"),
            ("DELETE", f"/v1/videos/{id_}"),
            ("POST", f"/v1/videos/{id_}/cancel"),
        ):
            status, answer = await ann.call(method, path)
            assert (status, answer["error"]["code"]) == (404, "not_found"), (method, path)
        status, answer = await ann.call("POST", f"/v1/videos/{id_}/remix", json={"prompt": "make it blue"})
        assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_only_the_owner_deletes(api: Caller, studio: Studio) -> None:
    clip = await studio.make(Generate(prompt="a"), BOB)
    status, answer = await api.acting_for(ANN).call("DELETE", f"/v1/videos/{clip.id}")
    assert (status, answer["error"]["code"], answer["error"]["type"]) == (403, "not_allowed", "permission_error")
    assert (await api.acting_for(BOB).call("DELETE", f"/v1/videos/{clip.id}"))[0] == 200


async def test_a_query_that_cannot_be(api: Caller) -> None:
    for query in ("limit=0", "limit=1000", "limit=x", "order=up", "page=2"):
        assert (await api.call("GET", f"/v1/videos?{query}"))[0] == 400
    for path in ("/v1/events?after=soon", "/v1/threadreel/clips?query={", "/v1/threadreel/jobs?query=[]"):
        assert (await api.call("GET", path))[0] == 400
    status, _ = await api.call("GET", "/v1/events", headers={"Last-Event-ID": "-1"})
    assert status == 400


async def test_an_unknown_route_and_a_wrong_method_answer_in_the_envelope(api: Caller) -> None:
    status, answer = await api.call("GET", "/v1/images")
    assert (status, answer["error"]["code"]) == (404, "unknown_route")
    status, answer = await api.call("PUT", "/v1/videos")
    assert (status, answer["error"]["code"]) == (405, "method_not_allowed")


async def test_the_same_idempotency_key_is_the_same_video(api: Caller, studio: Studio) -> None:
    headers = {"Idempotency-Key": "click-1"}
    (_, first), (_, second) = [
        await api.call("POST", "/v1/videos", json={"prompt": "a"}, headers=headers) for _ in range(2)
    ]
    assert first["id"] == second["id"]
    assert await studio.used(operator()) == 1
    too_long = {"Idempotency-Key": "k" * 256}
    assert (await api.call("POST", "/v1/videos", json={"prompt": "a"}, headers=too_long))[0] == 400


async def test_bytes_that_are_no_text(api: Caller, studio: Studio) -> None:
    bot = api.acting_for(ANN)
    url = URL(api.served.url)
    for name in (b"X-Threadreel-Member", b"X-Threadreel-Context", b"Idempotency-Key"):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        key = api.served.keys.bot.encode()
        writer.write(b"GET" if name.startswith(b"X") else b"POST")
        writer.write(b" /v1/videos HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 14\r\n")
        writer.write(b"Content-Type: application/json\r\nAuthorization: Bearer " + key + b"\r\n")
        if name == b"Idempotency-Key":
            writer.write(b"X-Threadreel-Member: discord:1\r\n")
        writer.write(name + b": discord:\xff\r\n\r\n" + b'{"prompt":"a"}')
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 "), name
        writer.close()
    for path, status in (
        ("/v1/videos/%FF", 404),
        ("/v1/videos?after=%FF", 200),
        ("/v1/threadreel/account?identity=%FF", 403),
        ("/v1/threadreel/clips?query=%FF", 400),
        ("/v1/threadreel/clips?query=%7B%22text%22:%22%5Cud800%22%7D", 400),
    ):
        assert (await bot.call("GET", path))[0] == status, path
    await assert_untouched(studio)
