"""Bytes of renditions: ranges, validators, headers."""

import pytest

from inference.types import Generate
from tests.integration.api.conftest import Caller
from tests.support.studio import Studio, member, noisy_video


@pytest.fixture
async def path(studio: Studio) -> str:
    clip = await studio.make(Generate(prompt="a red ball"), member("ann"))
    return f"/v1/videos/{clip.id}/content"


SIZE = len(noisy_video())


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-50", SIZE - 50, SIZE - 1),
        (f"bytes=10-{SIZE * 2}", 10, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ],
)
async def test_a_range_is_sent_alone(api: Caller, path: str, asked: str, first: int, last: int) -> None:
    async with api.open("GET", path, headers={"Range": asked}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
        assert await response.read() == noisy_video()[first : last + 1]


async def test_a_range_outside_is_refused(api: Caller, path: str) -> None:
    async with api.open("GET", path, headers={"Range": f"bytes={SIZE}-"}) as response:
        assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("asked", ["bytes=5-2", "lines=1-2", "bytes=", "bytes=0-1,4-5"])
async def test_a_range_that_cannot_be_read_is_ignored(api: Caller, path: str, asked: str) -> None:
    async with api.open("GET", path, headers={"Range": asked}) as response:
        assert (response.status, len(await response.read())) == (200, SIZE)


async def test_strict_headers(api: Caller, path: str) -> None:
    async with api.open("GET", path) as response:
        assert response.headers["Content-Type"] == "video/mp4"
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["Cache-Control"].startswith("private")
        assert response.content_disposition.type == "attachment"
        assert response.content_disposition.filename.endswith(".mp4")


async def test_what_the_client_has_is_not_sent_again(api: Caller, path: str) -> None:
    async with api.open("GET", path) as response:
        tag = response.headers["ETag"]
    async with api.open("GET", path, headers={"If-None-Match": f'"other", {tag}'}) as response:
        assert (response.status, await response.read()) == (304, b"")
    async with api.open("GET", path, headers={"Range": "bytes=0-9", "If-Range": tag}) as response:
        assert response.status == 206
    async with api.open("GET", path, headers={"Range": "bytes=0-9", "If-Range": '"older"'}) as response:
        assert (response.status, len(await response.read())) == (200, SIZE)


async def test_head_tells_the_length_alone(api: Caller, path: str) -> None:
    async with api.open("HEAD", path) as response:
        assert (response.status, response.headers["Content-Length"]) == (200, str(SIZE))
        assert await response.read() == b""


async def test_every_variant_has_its_own_tag_and_type(api: Caller, path: str) -> None:
    seen = set()
    for variant, kind in (("video", "video/mp4"), ("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")):
        async with api.open("GET", f"{path}?variant={variant}") as response:
            assert response.content_type == kind
            seen.add(response.headers["ETag"])
    assert len(seen) == 3


async def test_an_unknown_variant_is_refused(api: Caller, path: str) -> None:
    status, answer = await api.call("GET", f"{path}?variant=latents")
    assert (status, answer["error"]["param"]) == (400, "variant")


async def test_a_preview_is_never_cached(api: Caller, studio: Studio) -> None:
    job = await studio.face.submit(Generate(prompt="a"), member("ann"))
    studio.blobs.put(f"{job.id}/1/preview.webp", b"blurry")
    async with api.open("GET", f"/v1/videos/{job.id}/content?variant=preview") as response:
        assert (response.headers["Cache-Control"], "ETag" in response.headers) == ("no-store", False)
        assert await response.read() == b"blurry"


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
async def test_no_file_has_less_than_a_byte(api: Caller, path: str, limit: str) -> None:
    status, answer = await api.call("GET", f"{path}?max_bytes={limit}")
    assert (status, answer["error"]["param"]) == (400, "max_bytes")


async def test_limits_near_each_other_share_a_smaller_file(api: Caller, studio: Studio, path: str) -> None:
    clip = path.split("/")[-2]
    for limit in (SIZE // 2, SIZE // 2 + 1, SIZE // 2 + 2):
        async with api.open("GET", f"{path}?max_bytes={limit}") as response:
            assert 0 < len(await response.read()) <= limit
    assert len(studio.blobs.names(f"{clip}/small/")) == 1
