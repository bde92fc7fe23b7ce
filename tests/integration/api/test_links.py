"""Links that open a clip without a key: whole and in ranges, for a while, and nothing else."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from inference.api.keys import load_link_key
from inference.errors import LinkExpired, LinkInvalid, NotFound
from inference.service.links import LinkSigner
from inference.settings import ApiSettings
from inference.types import ClipLink, Generate, JobId
from tests.support.api import Served, serve
from tests.support.studio import Studio, member, noisy_video, open_studio

BALL = Generate(prompt="a red ball")
ANN, BOB = member("ann"), member("bob")
PUBLIC = "https://clips.example.org"


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with open_studio(tmp_path, api={"public_url": f"{PUBLIC}/"}) as studio:
        yield studio


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A stranger's browser."""
    async with aiohttp.ClientSession() as session:
        yield session


async def linked(served: Served, operation: Generate = BALL) -> tuple[JobId, ClipLink, URL]:
    """A clip, its link, and the same link as it arrives here behind a proxy."""
    clip = await served.studio.make(operation, ANN)
    link = await served.studio.face.link(clip.id, ANN)
    assert link is not None
    return clip.id, link, URL(link.url.replace(PUBLIC, served.url))


async def test_a_link_opens_its_clip_for_anyone(served: Served, session: aiohttp.ClientSession) -> None:
    clip, link, url = await linked(served)
    assert link.url.startswith(f"{PUBLIC}/clips/{clip}.mp4?expires=")
    assert timedelta(hours=71) < link.expires_at - datetime.now(UTC) <= timedelta(hours=72)
    async with session.get(url, headers={"Host": "clips.example.org"}) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert await answer.read() == noisy_video()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == f"inline; filename*=UTF-8''{clip}.mp4"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; media-src 'self'")
        # Of its own origin, else a browser's player is refused the very bytes; and nothing runs.
        assert policy.endswith("sandbox allow-same-origin")
    async with session.head(url) as answer:
        assert (answer.status, answer.content_length) == (200, len(noisy_video()))


@pytest.mark.parametrize(
    ("asked", "wanted"), [("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-7", slice(-7, None))]
)
async def test_a_player_seeks_by_ranges(
    served: Served, session: aiohttp.ClientSession, asked: str, wanted: slice
) -> None:
    _, _, url = await linked(served)
    async with session.get(url, headers={"Range": asked}) as answer:
        assert answer.status == 206
        assert await answer.read() == noisy_video()[wanted]
    async with session.get(url, headers={"Range": "bytes=99999999-"}) as answer:
        assert answer.status == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(noisy_video())}"


async def test_a_link_that_was_changed_opens_nothing(served: Served, session: aiohttp.ClientSession) -> None:
    clip, _, url = await linked(served)
    other = await served.studio.make(BALL, BOB)
    later = str(int(url.query["expires"]) + 3600)
    wrong = [
        url.with_path(f"/clips/{other.id}.mp4", keep_query=True),
        url.update_query(expires=later),
        url.update_query(signature="0" * 64),
        url.update_query(signature="é"),
        url.with_query(None),
        url.without_query_params("expires"),
        URL(f"{str(url).partition('?')[0]}?expires=%FF&signature=%FF", encoded=True),
        url.with_path("/clips/clip_none.mp4", keep_query=True),
    ]
    for changed in wrong:
        async with session.get(changed) as answer:
            text = await answer.text()
            assert (answer.status, answer.content_type) == (403, "text/plain"), changed
            assert "not one of ours" in text
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert clip


async def test_an_expired_link_says_so(served: Served, session: aiohttp.ClientSession) -> None:
    _, _, url = await linked(served)
    clip = JobId(url.name.removesuffix(".mp4"))
    yesterday = LinkSigner(
        public_url=served.url,
        key=load_link_key(served.studio.settings.data_dir),
        lives=timedelta(hours=1),
        clock=lambda: datetime.now(UTC).timestamp() - 86_400,
    )
    async with session.get(yesterday.link(clip).url) as answer:
        assert answer.status == 410
        assert "has expired" in await answer.text()


async def test_a_deleted_clip_takes_its_links_along(served: Served, session: aiohttp.ClientSession) -> None:
    clip, _, url = await linked(served)
    await served.studio.face.delete(clip, ANN)
    async with session.get(url) as answer:
        assert answer.status == 404


async def test_only_who_may_see_a_clip_gets_a_link(served: Served) -> None:
    clip = await served.studio.make(Generate(prompt="a secret", private=True), ANN)
    assert await served.studio.face.link(clip.id, ANN) is not None
    with pytest.raises(NotFound):
        await served.studio.face.link(clip.id, BOB)


async def test_without_a_public_address_there_are_no_links(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with open_studio(tmp_path) as studio, serve(studio) as served:
        clip = await studio.make(BALL, ANN)
        assert await studio.face.link(clip.id, ANN) is None
        assert await served.studio.face.link(clip.id, ANN) is None
        signer = LinkSigner(public_url=served.url, key=load_link_key(tmp_path), lives=timedelta(hours=1))
        async with session.get(signer.link(clip.id).url) as answer:
            assert answer.status == 403


async def test_a_link_opens_no_other_door(served: Served, session: aiohttp.ClientSession) -> None:
    _, _, url = await linked(served)
    async with session.post(url) as answer:
        assert answer.status == 405
    async with session.get(f"{served.url}/clips/../v1/videos") as answer:
        assert answer.status == 401
    async with session.get(URL(f"{served.url}/clips/%2e%2e/v1/videos", encoded=True)) as answer:
        assert answer.status in {401, 404}


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = load_link_key(tmp_path)
    assert len(key) >= 32
    assert load_link_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "link_key").stat().st_mode) == 0o600


def test_another_key_signs_other_links() -> None:
    now = [1_000_000.0]
    ours, theirs = (
        LinkSigner(public_url=PUBLIC, key=key, lives=timedelta(hours=1), clock=lambda: now[0]) for key in (b"a", b"b")
    )
    query = URL(theirs.link(JobId("clip_1")).url).query
    with pytest.raises(LinkInvalid):
        ours.check(JobId("clip_1"), query["expires"], query["signature"])
    theirs.check(JobId("clip_1"), query["expires"], query["signature"])
    now[0] += 3600
    with pytest.raises(LinkExpired):
        theirs.check(JobId("clip_1"), query["expires"], query["signature"])


@pytest.mark.parametrize("url", ["clips.example.org", "ftp://clips.example.org", "https://", "https://a.b/?x=1"])
def test_a_public_address_is_checked_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        ApiSettings(public_url=url)
