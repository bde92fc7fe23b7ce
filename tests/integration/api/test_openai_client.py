"""The official client, unchanged but for its base URL."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import cast

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from inference.types import JobId, MediaRef, Remix
from tests.support.api import Served
from tests.support.studio import Studio, noisy_video, picture

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture
async def client(served: Served) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{served.url}/v1", api_key=served.keys.operator) as client:
        yield client


async def render_next(studio: Studio) -> JobId:
    """What a worker does with the next job."""
    while not (await studio.jobs.counts())["queued"]:
        await asyncio.sleep(0.02)
    return (await studio.succeed(await studio.claim())).id


async def test_create_and_retrieve(client: AsyncOpenAI, studio: Studio) -> None:
    video = await client.videos.create(prompt="a red ball", model="sora-2", seconds="4", size="1280x720")
    assert (video.object, video.status, video.progress) == ("video", "queued", 0)
    assert (video.model, video.prompt, video.seconds, video.size) == ("pocket", "a red ball", "4", "1280x720")
    assert (video.error, video.completed_at, video.remixed_from_video_id) == (None, None, None)

    claim = await studio.claim()
    await studio.show(claim, step=4)
    running = await client.videos.retrieve(video.id)
    assert (running.status, running.progress) == ("in_progress", 50)

    await studio.succeed(claim)
    done = await client.videos.retrieve(video.id)
    assert (done.status, done.progress) == ("completed", 100)
    assert done.completed_at is not None
    assert done.completed_at >= done.created_at == video.created_at


async def test_create_and_poll(client: AsyncOpenAI, studio: Studio) -> None:
    worker = asyncio.create_task(render_next(studio))
    video = await client.videos.create_and_poll(prompt="a red ball", poll_interval_ms=20)
    assert (video.status, video.id) == ("completed", await worker)


async def test_poll_uses_the_pause_that_the_server_names(client: AsyncOpenAI, studio: Studio) -> None:
    video = await client.videos.create(prompt="a red ball")
    answer = await client.videos.with_raw_response.retrieve(video.id)
    assert int(answer.headers["openai-poll-after-ms"]) > 0
    await render_next(studio)
    assert "openai-poll-after-ms" not in (await client.videos.with_raw_response.retrieve(video.id)).headers


async def test_extras_travel_as_extra_fields(client: AsyncOpenAI, studio: Studio) -> None:
    extras = {"seed": 7, "negative_prompt": "text", "aspect_ratio": "1:1", "resolution": "480p", "private": True}
    video = await client.videos.create(prompt="a red ball", extra_body=extras)
    job = await studio.jobs.get(JobId(video.id))
    assert job is not None
    assert (job.recipe.seed, job.recipe.negative_prompt, job.operation.private) == (7, "text", True)
    assert str(video.size) == "480x480"
    assert video.model_extra is not None
    assert video.model_extra["threadreel"]["seed"] == 7


async def test_an_image_is_the_first_frame(client: AsyncOpenAI, studio: Studio) -> None:
    png = picture().data
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    as_file = await client.videos.create(prompt="it waves", input_reference=("red.png", png, "image/png"))
    as_url = await client.videos.create(prompt="it waves", extra_body={"input_reference": {"image_url": url}})
    for video in (as_file, as_url):
        job = await studio.jobs.get(JobId(video.id))
        assert job is not None
        assert isinstance(getattr(job.operation, "image", None), MediaRef)


@pytest.mark.parametrize("variant", ["video", "thumbnail", "spritesheet"])
async def test_download_content(client: AsyncOpenAI, studio: Studio, variant: str) -> None:
    video = await client.videos.create(prompt="a red ball")
    await render_next(studio)
    content = await client.videos.download_content(video.id, variant=variant)  # type: ignore[arg-type]
    data = await content.aread()
    assert data == (noisy_video() if variant == "video" else variant.encode())


async def test_remix(client: AsyncOpenAI, studio: Studio) -> None:
    parent = await client.videos.create(prompt="a red ball")
    await render_next(studio)
    remix = await client.videos.remix(parent.id, prompt="make it blue", extra_body={"strength": 0.5})
    assert (remix.status, remix.prompt, remix.remixed_from_video_id) == ("queued", "make it blue", parent.id)
    job = await studio.jobs.get(JobId(remix.id))
    assert job is not None
    assert cast(Remix, job.operation).strength == 0.5


async def test_list_pages_through_jobs_of_every_status(client: AsyncOpenAI, studio: Studio) -> None:
    done = await client.videos.create(prompt="first")
    await render_next(studio)
    failed = await client.videos.create(prompt="second")
    await studio.fail(await studio.claim())
    waiting = await client.videos.create(prompt="third")

    assert [video.id async for video in client.videos.list(limit=2)] == [waiting.id, failed.id, done.id]
    page = await client.videos.list(limit=2, order="asc")
    assert ([video.status for video in page.data], page.has_more) == (["completed", "failed"], True)
    assert page.last_id == failed.id


async def test_delete(client: AsyncOpenAI, studio: Studio) -> None:
    video = await client.videos.create(prompt="a red ball")
    await render_next(studio)
    gone = await client.videos.delete(video.id)
    assert (gone.id, gone.object, gone.deleted) == (video.id, "video.deleted", True)
    assert [left async for left in client.videos.list()] == []
    with pytest.raises(openai.NotFoundError):
        await client.videos.download_content(video.id)


async def test_a_failed_and_a_cancelled_video_say_why(client: AsyncOpenAI, studio: Studio) -> None:
    failed = await client.videos.create(prompt="a red ball")
    await studio.fail(await studio.claim())
    told = (await client.videos.retrieve(failed.id)).error
    assert told is not None
    assert (told.code, "test" in told.message) == ("render_failed", False)  # the engine's detail stays in the logs

    cancelled = await client.videos.create(prompt="a red ball")
    await client.post(f"/videos/{cancelled.id}/cancel", cast_to=object)
    video = await client.videos.retrieve(cancelled.id)
    assert video.error is not None
    assert (video.status, video.error.code) == ("failed", "cancelled")


async def test_refusals_are_the_clients_own_exceptions_and_are_not_repeated(served: Served) -> None:
    async with AsyncOpenAI(base_url=f"{served.url}/v1", api_key="wrong") as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.videos.list()
    async with AsyncOpenAI(base_url=f"{served.url}/v1", api_key=served.keys.operator) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.videos.create(prompt="")
        assert (refused.value.code, refused.value.param) == ("prompt_empty", "prompt")
        for _ in range(4):
            await client.videos.create(prompt="a red ball")
        with pytest.raises(openai.RateLimitError) as limited:
            await client.videos.create(prompt="a red ball")
        assert limited.value.code == "too_many_jobs"
        assert limited.value.response.headers["x-should-retry"] == "false"


async def test_the_blocking_client_works_too(served: Served, studio: Studio) -> None:
    def make() -> bytes:
        with OpenAI(base_url=f"{served.url}/v1", api_key=served.keys.operator) as client:
            video = client.videos.create_and_poll(prompt="a red ball", seconds="4", poll_interval_ms=20)
            return client.videos.download_content(video.id).read()

    making = asyncio.create_task(asyncio.to_thread(make))
    await render_next(studio)
    assert await making == noisy_video()
