"""What GenerationService promises, whichever implementation serves it."""

import asyncio
import io
from contextlib import aclosing
from dataclasses import replace

import pytest
from PIL import Image

from inference.errors import (
    InvalidValue,
    NotAllowed,
    NotFound,
    ResolutionExceeded,
)
from inference.types import (
    Again,
    Generate,
    JobEvent,
    JobId,
    JobStatus,
    Remix,
    Shape,
    Variant,
)
from tests.support.studio import Studio, member, operator, picture, webp

ANN, BOB, PAT = member("ann"), member("bob", "plus"), member("pat", "pro")
BALL = Generate(prompt="a red ball rising over the sea")


async def first(studio: Studio, count: int, after: int | None) -> list[JobEvent]:
    """The next events; fails by timeout where there are fewer."""
    events = []
    async with asyncio.timeout(20), aclosing(studio.face.events(after)) as following:  # type: ignore[type-var]
        async for event in following:
            events.append(event)
            if len(events) == count:
                break
    return events


# --- Remix and again


async def test_a_remix_starts_from_its_parents_latents_with_its_seed(studio: Studio) -> None:
    parent = await studio.make(replace(BALL, seed=7, negative_prompt="text"), ANN)
    job = await studio.face.submit(Remix(parent=parent.id, instruction="make it blue", strength=0.5), BOB)
    (plan,) = job.recipe.pieces
    assert plan.kind == "render"
    assert plan.prompt == job.recipe.prompt == "a red ball rising over the sea. make it blue"
    assert (plan.seed, plan.negative_prompt) == (7, "text")
    assert plan.start is not None
    assert plan.start.strength == 0.5
    assert plan.start.media == await studio.clips.blob(parent.id, "latents")
    assert (job.recipe.size, job.recipe.num_frames) == (parent.size, parent.num_frames)
    assert not job.recipe.watermark  # the remixer's tier decides, and pays
    assert (await studio.used(ANN), await studio.used(BOB)) == (1, 1)


async def test_two_remixes_of_one_clip_are_two_children_of_one_family(studio: Studio) -> None:
    parent = await studio.make(BALL, PAT)
    blue = await studio.make(Remix(parent=parent.id, instruction="make it blue"), PAT)
    slow = await studio.make(Remix(parent=parent.id, instruction="slower"), PAT)
    deep = await studio.make(Remix(parent=blue.id, instruction="at night"), PAT)
    assert deep.recipe.prompt == "a red ball rising over the sea. make it blue. at night"
    family = await studio.face.clip(deep.id, ANN)
    assert family.clip.id == deep.id
    assert [clip.id for clip in family.members] == [parent.id, blue.id, slow.id, deep.id]


async def test_again_is_the_same_recipe_with_another_seed(studio: Studio) -> None:
    parent = await studio.make(replace(BALL, seed=7), BOB)
    remix = await studio.make(Remix(parent=parent.id, instruction="make it blue"), BOB)
    job = await studio.face.submit(Again(parent=remix.id), BOB)
    (plan,), (before,) = job.recipe.pieces, remix.recipe.pieces
    assert plan.kind == before.kind == "render"
    assert replace(plan, seed=7) == before
    assert plan.seed == job.recipe.seed != 7


@pytest.mark.parametrize("strength", [0.0, -0.1, 1.01])
async def test_a_strength_that_cannot_be_is_refused(studio: Studio, strength: float) -> None:
    parent = await studio.make(BALL, BOB)
    with pytest.raises(InvalidValue, match="strength"):
        await studio.face.submit(Remix(parent=parent.id, instruction="b", strength=strength), BOB)


async def test_a_remix_beyond_the_tier_of_who_asks_is_refused(studio: Studio) -> None:
    parent = await studio.make(replace(BALL, shape=Shape(resolution=1080)), PAT)
    with pytest.raises(ResolutionExceeded) as refused:
        await studio.face.submit(Remix(parent=parent.id, instruction="make it blue"), ANN)
    assert (refused.value.asked, refused.value.lifted_by) == (1080, "pro")


async def test_a_remix_of_a_clip_without_latents_is_refused(studio: Studio) -> None:
    parent = await studio.make(BALL, BOB)
    latents = await studio.clips.blob(parent.id, "latents")
    assert latents is not None
    studio.blobs.delete(latents.blob)
    with pytest.raises(NotFound) as refused:
        await studio.face.submit(Remix(parent=parent.id, instruction="make it blue"), BOB)
    assert refused.value.what == "rendition"


# --- Private


async def test_anothers_private_clip_is_not_there(studio: Studio) -> None:
    secret = await studio.make(replace(BALL, private=True), BOB)
    for attempt in (
        studio.face.get(secret.id, ANN),
        studio.face.cancel(secret.id, ANN),
        studio.face.clip(secret.id, ANN),
        studio.face.delete(secret.id, ANN),
        studio.face.submit(Remix(parent=secret.id, instruction="b"), ANN),
        studio.face.submit(Again(parent=secret.id), ANN),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        async with studio.face.open_clip(secret.id, ANN):
            pass
    assert (await studio.face.get(secret.id, BOB)).id == secret.id
    assert (await studio.operators.get(secret.id, operator())).id == secret.id


async def test_what_is_made_of_a_private_clip_stays_private(studio: Studio) -> None:
    secret = await studio.make(replace(BALL, private=True), BOB)
    job = await studio.face.submit(Remix(parent=secret.id, instruction="make it blue"), BOB)
    with pytest.raises(NotFound):
        await studio.face.get(job.id, ANN)


# --- Cancel


async def test_a_cancelled_job_in_the_queue_ends_at_once_and_is_refunded(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    assert (await studio.face.cancel(job.id, ANN)).status is JobStatus.CANCELLED
    assert await studio.used(ANN) == 0
    assert (await studio.face.cancel(job.id, ANN)).status is JobStatus.CANCELLED


async def test_a_running_job_is_asked_to_stop(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    claim = await studio.claim()
    asked = await studio.face.cancel(job.id, ANN)
    assert (asked.status, asked.cancel_requested) == (JobStatus.RUNNING, True)
    await studio.stop(claim)
    assert (await studio.face.get(job.id, ANN)).status is JobStatus.CANCELLED
    assert await studio.used(ANN) == 0


async def test_only_the_owner_or_an_operator_cancels(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    with pytest.raises(NotAllowed):
        await studio.face.cancel(job.id, BOB)
    assert (await studio.operators.cancel(job.id, operator())).status is JobStatus.CANCELLED


async def test_an_unknown_job_is_not_found(studio: Studio) -> None:
    for attempt in (studio.face.get(JobId("clip_none"), ANN), studio.face.cancel(JobId("clip_none"), ANN)):
        with pytest.raises(NotFound):
            await attempt


async def test_a_failed_job_says_why_and_is_refunded(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    await studio.fail(await studio.claim())
    ended = await studio.face.get(job.id, ANN)
    assert ended.status is JobStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.code == "render_failed"
    assert await studio.used(ANN) == 0


# --- Renditions


@pytest.mark.parametrize(
    ("variant", "media_type"),
    [(Variant.THUMBNAIL, "image/webp"), (Variant.SPRITESHEET, "image/jpeg"), (Variant.VIDEO, "video/mp4")],
)
async def test_every_rendition_opens(studio: Studio, variant: Variant, media_type: str) -> None:
    clip = await studio.make(BALL, ANN)
    async with studio.face.open_clip(clip.id, ANN, variant) as opened:
        data = opened.stream.read()
    assert (opened.media_type, opened.length) == (media_type, len(data))
    assert len(data) > 0
    assert opened.filename.startswith(clip.id)


async def test_a_smaller_rendition_is_made_where_a_chat_asks_for_it(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    limit = clip.video_bytes // 2
    async with studio.face.open_clip(clip.id, ANN, max_bytes=limit) as opened:
        data = opened.stream.read()
    assert 0 < len(data) <= limit
    assert data[4:8] == b"ftyp"
    async with studio.face.open_clip(clip.id, ANN, max_bytes=clip.video_bytes) as opened:
        assert len(opened.stream.read()) == clip.video_bytes


async def test_an_impossible_limit_is_refused(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    with pytest.raises(InvalidValue, match="max_bytes"):
        async with studio.face.open_clip(clip.id, ANN, max_bytes=10):
            pass


@pytest.mark.parametrize("frames", [1, 3])
async def test_for_chats_that_take_no_webp_there_are_other_forms(studio: Studio, frames: int) -> None:
    job = await studio.face.submit(BALL, ANN)
    studio.blobs.put(f"{job.id}/1/preview.webp", webp(frames))
    async with studio.face.open_clip(job.id, ANN, Variant.PREVIEW_GIF) as opened:
        data = opened.stream.read()
        assert (opened.media_type, opened.length, opened.filename) == ("image/gif", len(data), f"{job.id}.gif")
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, getattr(shown, "n_frames", 1), shown.size) == ("GIF", frames, (64, 36))
    clip = await studio.succeed(await studio.claim())
    (poster,) = [name for name in studio.blobs.names(f"{clip.id}/") if name.endswith("poster.webp")]
    studio.blobs.put(poster, webp())
    async with studio.face.open_clip(clip.id, ANN, Variant.THUMBNAIL_JPEG, max_bytes=100_000) as opened:
        with Image.open(io.BytesIO(opened.stream.read())) as shown:
            assert shown.format == "JPEG"
    with pytest.raises(InvalidValue, match="max_bytes"):
        async with studio.face.open_clip(clip.id, ANN, Variant.THUMBNAIL_JPEG, max_bytes=10):
            pass
    studio.blobs.put(poster, b"damaged")
    with pytest.raises(NotFound):
        async with studio.face.open_clip(clip.id, ANN, Variant.THUMBNAIL_JPEG):
            pass


async def test_the_newest_preview_of_a_running_job_opens(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    with pytest.raises(NotFound):
        async with studio.face.open_clip(job.id, ANN, Variant.PREVIEW):
            pass
    studio.blobs.put(f"{job.id}/2/preview.webp", b"old")
    studio.blobs.put(f"{job.id}/10/preview.webp", b"new")
    async with studio.face.open_clip(job.id, ANN, Variant.PREVIEW) as opened:
        assert opened.stream.read() == b"new"


async def test_the_image_that_a_clip_begins_with_opens_as_it_was_stored(studio: Studio) -> None:
    job = await studio.face.submit(replace(BALL, image=picture(), private=True), BOB)
    async with studio.face.open_clip(job.id, BOB, Variant.UPLOAD) as opened:
        assert (opened.media_type, opened.stream.read(8)) == ("image/png", b"\x89PNG\r\n\x1a\n")
    plain = await studio.face.submit(BALL, BOB)
    for other, requester in ((job, ANN), (plain, BOB)):
        with pytest.raises(NotFound):
            async with studio.face.open_clip(other.id, requester, Variant.UPLOAD):
                pass


async def test_an_unfinished_clip_has_no_video(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    with pytest.raises(NotFound):
        async with studio.face.open_clip(job.id, ANN):
            pass


# --- Events


async def test_events_tell_every_change_in_order(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN, reply_to="thread")
    await studio.succeed(await studio.claim())
    events = await first(studio, 3, after=0)
    assert [event.job.id for event in events] == [job.id] * 3
    assert [event.cursor for event in events] == sorted({event.cursor for event in events})
    assert events[-1].job.status is JobStatus.SUCCEEDED
    assert events[-1].job.clip is not None


async def test_events_go_on_behind_a_cursor(studio: Studio) -> None:
    await studio.face.submit(BALL, ANN)
    (seen,) = await first(studio, 1, after=0)
    following = asyncio.create_task(first(studio, 1, after=seen.cursor))
    job = await studio.face.submit(BALL, BOB)
    (news,) = await following
    assert (news.job.id, news.job.status) == (job.id, JobStatus.QUEUED)
    assert news.job.estimate is not None


async def test_without_a_cursor_only_what_was_not_delivered_is_told_again(studio: Studio) -> None:
    told = await studio.face.submit(BALL, ANN, reply_to="thread")
    await studio.succeed(await studio.claim())
    await studio.face.mark_delivered(told.id)
    await studio.face.mark_delivered(told.id)
    await studio.make(BALL, ANN)  # nobody awaits a post
    untold = await studio.face.submit(BALL, ANN, reply_to="thread")
    await studio.succeed(await studio.claim())
    following = asyncio.create_task(first(studio, 2, after=None))
    newest, live = (await following) if following.done() else await _with_one_more(studio, following)
    assert (newest.job.id, newest.job.status) == (untold.id, JobStatus.SUCCEEDED)
    assert live.cursor > newest.cursor


async def _with_one_more(studio: Studio, following: "asyncio.Task[list[JobEvent]]") -> list[JobEvent]:
    await studio.face.submit(BALL, BOB)
    return await following


async def test_progress_reaches_followers_with_the_newest_cursor(studio: Studio) -> None:
    await studio.face.submit(BALL, ANN)
    claim = await studio.claim()
    (_, running) = await first(studio, 2, after=0)
    following = asyncio.create_task(first(studio, 1, after=running.cursor))
    await studio.show(claim, step=3)
    (event,) = await following
    while event.job.progress is None or event.job.progress.step != 3:
        (event,) = await first(studio, 1, after=running.cursor)
    assert event.cursor == running.cursor
    assert event.job.progress.total == 8
