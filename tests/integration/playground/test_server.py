"""The page's server: who may ask, what is served, and how bytes are."""

from __future__ import annotations

import io

import aiohttp
import pytest

from tests.integration.playground.conftest import House
from tests.integration.playground.test_conversation import BALL, make
from tests.support.studio import noisy_video


async def test_the_page_may_load_nothing_but_itself(house: House) -> None:
    async with house.page() as page:
        answer = await page.get("/")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        missing = await page.get("/static/nothing.js")
        assert (missing.status, missing.headers["X-Content-Type-Options"]) == (404, "nosniff")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "169.254.169.254:8080"])
async def test_another_host_name_is_turned_away(house: House, host: str) -> None:
    async with house.page() as page:
        assert (await page.get("/api/house", Host=host)).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_can_change_nothing(house: House, headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"nonce": "12345678", "message": "1", "thread": "", "action": "v1:delete:x", "fields": {}}
        sent = headers | {"X-Playground-Member": "pro"}
        async with session.post(f"{house.url}/api/actions", json=body, headers=sent) as answer:
            assert answer.status == 403


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_house_names_every_command_in_the_language(house: House, language: str) -> None:
    async with house.page() as page:
        answer = await page.get("/api/house", **{"X-Playground-Language": language})
        told = answer.json
    generate = next(command for command in told["commands"] if command["name"] == "generate")
    assert generate["description"] == {"en": "Make a clip from words", "ja": "ことばからクリップを作る"}[language]
    named = {"en": {"--seconds ", "--ar ", "--private "}, "ja": {"--秒 ", "--縦横比 ", "--非公開 "}}[language]
    assert {option["insert"] for option in generate["options"]} >= named


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"channel": "nowhere"}, 400),
        ({"nonce": "../../etc"}, 400),
        ({"text": "x" * 30_000}, 400),
        ({"thread": "999"}, 400),
    ],
)
async def test_what_no_page_would_send_is_refused(house: House, fields: dict[str, str], status: int) -> None:
    async with house.page() as page:
        refused = await page.say(**({"text": "hello"} | fields))  # type: ignore[arg-type]
        assert refused.status == status
        assert (await refused.json())["message"].startswith("The bot did not understand this page.")
        assert not page.messages


async def test_an_image_beyond_the_limit_is_refused_in_words(house: House) -> None:
    async with house.page() as page:
        form = aiohttp.FormData({"nonce": "12345678", "channel": "reels", "text": "/generate x"})
        form.add_field("image", io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(21 * 1024 * 1024)), filename="big.png")
        async with page.session.post(f"{page.base}/api/messages", data=form, headers=page.headers) as answer:
            told = await answer.json()
    assert (answer.status, told["code"]) == (400, "upload_too_large")
    assert "20,971,520" in told["message"]


async def test_clips_are_served_in_ranges(house: House) -> None:
    video = noisy_video()
    async with house.page() as page:
        url = (await make(house, page, f"/generate {BALL}", BALL))["card"]["media"]["url"]
        whole = await page.get(url)
        assert (whole.status, whole.type, whole.headers["Accept-Ranges"]) == (200, "video/mp4", "bytes")
        assert whole.body == video
        for header, expected in {
            "bytes=0-99": video[:100],
            "bytes=100-": video[100:],
            "bytes=-50": video[-50:],
            f"bytes=10-{len(video) * 2}": video[10:],
        }.items():
            part = await page.get(url, Range=header)
            assert (part.status, part.body) == (206, expected)
            first = len(video) - 50 if header == "bytes=-50" else int(header[6:].partition("-")[0])
            assert part.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(video)}"
        beyond = await page.get(url, Range=f"bytes={len(video)}-")
        assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(video)}")
        assert (await page.get(url, Range="bytes=nonsense")).status == 416


@pytest.mark.parametrize(
    "path",
    [
        "/media/clip_none/video",
        "/media/clip_none/master",
        "/media/clip_none/upload",
        "/uploads/00000000-0000",
        "/media/x/video?as=root",
    ],
)
async def test_what_is_not_there_is_not_found(house: House, path: str) -> None:
    async with house.page() as page:
        assert (await page.get(path)).status == 404
