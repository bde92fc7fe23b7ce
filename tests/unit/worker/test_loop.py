from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from inference.errors import DeviceFault, OutOfMemory
from inference.media.decode import read_frames
from inference.protocols import ALL_SHAPES
from inference.types import Again, JobStatus, MediaRef, Recipe, Remix, Size, SourceRange, Terms
from storage.books import check_books
from tests.support.drafts import plan, recipe
from tests.support.toy_engine import ToyEngine
from tests.unit.worker.conftest import Shop


async def test_a_job_becomes_a_clip_with_all_its_renditions(shop: Shop) -> None:
    job = await shop.submit()
    async with shop.working(ToyEngine()):
        ended = await shop.ended(job)

    assert ended.status is JobStatus.SUCCEEDED
    assert ended.clip is not None
    assert (ended.clip.size, ended.clip.native_size) == (Size(width=128, height=64), Size(width=64, height=32))
    assert (ended.clip.root, ended.clip.parent, ended.clip.author) == (job, None, "Ada")
    names = ["latents.safetensors", "master.mp4", "poster.webp", "sprites.jpg", "video.mp4"]
    assert shop.blobs.names(f"{job}/") == [f"{job}/1/{name}" for name in names]
    assert ended.clip.video_bytes == shop.blobs.length(f"{job}/1/video.mp4")
    assert await shop.jobs.device_seconds("tiny", ended.recipe.shape_key) is not None
    assert await shop.jobs.device_seconds("tiny", ALL_SHAPES) is not None
    assert await check_books(shop.database) == []


async def test_another_take_bears_no_words_of_its_own(shop: Shop) -> None:
    async with shop.working(ToyEngine()):
        first = await shop.ended(await shop.submit())
        again = await shop.ended(await shop.submit(operation=Again(parent=first.id)))

    assert again.clip is not None
    assert (again.clip.text, again.clip.parent) == ("", first.id)


@pytest.mark.parametrize(("name", "size"), [("video", (128, 64)), ("master", (64, 32))])
async def test_exactly_the_asked_frames_are_delivered(shop: Shop, name: str, size: tuple[int, int]) -> None:
    job = await shop.submit(recipe(plan(num_frames=13), num_frames=12))
    async with shop.working(ToyEngine()):
        await shop.ended(job)

    frames = read_frames(io.BytesIO(shop.read(f"{job}/1/{name}.mp4")))
    assert frames.shape == (12, size[1], size[0], 3)


async def test_a_preset_is_loaded_once_for_many_jobs_and_every_job_renders_in_one_thread(shop: Shop) -> None:
    engine = ToyEngine()
    jobs = [await shop.submit() for _ in range(3)]
    async with shop.working(engine):
        for job in jobs:
            await shop.ended(job)

    assert engine.loads == ["tiny"]
    assert len(engine.threads) == 1
    assert engine.closed


async def test_pieces_are_joined_and_ranges_come_from_a_stored_master(shop: Shop) -> None:
    async with shop.working(ToyEngine()):
        first = await shop.submit()
        await shop.ended(first)
        source = SourceRange(media=MediaRef(blob=f"{first}/1/master.mp4", first_frame=2, count=5))
        joined = await shop.submit(recipe(source, plan(num_frames=9), num_frames=14))
        assert (await shop.ended(joined)).status is JobStatus.SUCCEEDED

    assert len(read_frames(io.BytesIO(shop.read(f"{joined}/1/master.mp4")))) == 14


async def test_a_remix_joins_its_parents_family(shop: Shop) -> None:
    async with shop.working(ToyEngine()):
        first = await shop.submit()
        await shop.ended(first)
        second = await shop.submit(operation=Remix(parent=first, instruction="make it blue"))
        child = (await shop.ended(second)).clip
        third = await shop.submit(operation=Remix(parent=second, instruction="slower"))
        grandchild = (await shop.ended(third)).clip

    assert child is not None
    assert grandchild is not None
    assert (child.parent, child.root, child.text) == (first, first, "make it blue")
    assert (grandchild.parent, grandchild.root) == (second, first)


async def test_a_running_job_stops_within_a_step_of_its_cancel_and_is_refunded(shop: Shop) -> None:
    engine = ToyEngine(step_seconds=0.2)
    job = await shop.submit(recipe(plan(steps=1000)))
    async with shop.working(engine):
        await _stepping(shop, engine)
        await shop.jobs.request_cancel(job)
        ended = await shop.ended(job)

    assert ended.status is JobStatus.CANCELLED
    assert engine.steps < 20
    assert shop.blobs.names(f"{job}/") == []
    assert await check_books(shop.database) == []


async def test_a_job_that_was_given_to_another_worker_is_dropped_without_a_trace(shop: Shop) -> None:
    engine = ToyEngine(step_seconds=0.05)
    job = await shop.submit(recipe(plan(steps=1000)))
    async with shop.working(engine):
        await _stepping(shop, engine)
        assert await shop.jobs.release("test-0") == 1
        claim = await shop.claim()
        await shop.until(lambda: _quiet(engine))
        assert shop.blobs.names(f"{job}/") == []
        assert (await shop.job(job)).status is JobStatus.RUNNING
        await shop.jobs.heartbeat(claim, timedelta(seconds=30))


async def test_a_worker_that_is_told_to_stop_gives_its_job_back_without_counting_the_attempt(shop: Shop) -> None:
    engine = ToyEngine(step_seconds=0.05)
    job = await shop.submit(recipe(plan(steps=1000)))
    async with shop.working(engine) as stop:
        await _stepping(shop, engine)
        stop.set()

    given_back = await shop.job(job)
    assert (given_back.status, given_back.attempt) == (JobStatus.QUEUED, 0)
    assert await check_books(shop.database) == []


async def test_a_worker_that_is_told_to_stop_may_end_a_job_that_is_nearly_done(shop: Shop) -> None:
    shop.settings = shop.settings.model_copy(update={"drain_seconds": 30})
    engine = ToyEngine(step_seconds=0.05)
    job = await shop.submit()
    async with shop.working(engine) as stop:
        await _stepping(shop, engine)
        stop.set()

    assert (await shop.job(job)).status is JobStatus.SUCCEEDED


async def test_an_engine_error_fails_the_job_with_its_code_and_keeps_the_detail_from_members(shop: Shop) -> None:
    def trouble(step: int) -> None:
        raise OutOfMemory(detail="3 GiB at 0x7f")

    job = await shop.submit()
    async with shop.working(ToyEngine(trouble=trouble)):
        failed = await shop.ended(job)

    assert failed.status is JobStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.fields) == ("out_of_memory", {})
    assert failed.attempt == 1


async def test_anything_unforeseen_fails_the_job_and_the_worker_goes_on(shop: Shop) -> None:
    troubles = iter([ZeroDivisionError("secret path"), None])

    def trouble(step: int) -> None:
        if step == 1 and (error := next(troubles)):
            raise error

    bad, good = await shop.submit(), await shop.submit()
    async with shop.working(ToyEngine(trouble=trouble)):
        failed = await shop.ended(bad)
        assert (await shop.ended(good)).status is JobStatus.SUCCEEDED

    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.fields) == ("render_failed", {})


async def test_a_device_fault_queues_the_job_again_and_ends_the_worker(shop: Shop) -> None:
    def trouble(step: int) -> None:
        raise DeviceFault(detail="CUDA error")

    job = await shop.submit()
    with pytest.RaisesGroup(DeviceFault):
        async with shop.working(ToyEngine(trouble=trouble)):
            await asyncio.Event().wait()

    assert (await shop.job(job)).status is JobStatus.QUEUED


async def test_too_few_frames_fail_the_job_and_leave_nothing_behind(shop: Shop) -> None:
    job = await shop.submit(recipe(plan(num_frames=13), num_frames=20))
    async with shop.working(ToyEngine()):
        assert (await shop.ended(job)).status is JobStatus.FAILED

    assert shop.blobs.names(f"{job}/") == []
    assert not list(shop.slot().scratch.iterdir())


@pytest.mark.parametrize(
    ("terms", "wanted", "what"),
    [
        ({"max_seconds": 1.0}, recipe(plan(num_frames=25), num_frames=24), "length"),
        ({"num_frames": 12}, recipe(plan(num_frames=25), num_frames=24), "length"),
        ({"max_resolution": 62}, recipe(), "resolution"),
        ({"watermark": True}, recipe(), "watermark"),
    ],
)
async def test_an_engine_that_renders_more_than_was_charged_fails_the_job_and_leaves_nothing(
    shop: Shop, terms: dict[str, Any], wanted: Recipe, what: str
) -> None:
    usual = Terms(max_seconds=2.0, max_resolution=64, watermark=False, num_frames=24)
    good = await shop.submit(terms=usual)
    async with shop.working(ToyEngine()):
        assert (await shop.ended(good)).status is JobStatus.SUCCEEDED
        job = await shop.submit(wanted, terms=replace(usual, **terms))
        ended = await shop.ended(job)

    assert (ended.status, ended.clip, await shop.used()) == (JobStatus.FAILED, None, 1)
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.fields) == ("over_limit", {"what": what})
    assert shop.blobs.names(f"{job}/") == []
    assert await check_books(shop.database) == []


async def test_a_marked_clip_is_known_as_marked(shop: Shop) -> None:
    terms = Terms(max_seconds=1.0, max_resolution=64, watermark=True, num_frames=12)
    job = await shop.submit(recipe(watermark=True), terms=terms)
    async with shop.working(ToyEngine()):
        assert (await shop.ended(job)).status is JobStatus.SUCCEEDED


async def test_a_vanished_source_fails_the_job(shop: Shop) -> None:
    missing = SourceRange(media=MediaRef(blob="gone/1/master.mp4"))
    job = await shop.submit(recipe(missing))
    async with shop.working(ToyEngine()):
        failed = await shop.ended(job)

    assert failed.failure is not None
    assert failed.failure.code == "render_failed"


async def test_progress_and_a_small_preview_are_seen_while_the_job_runs(shop: Shop) -> None:
    job = await shop.submit(recipe(plan(steps=100)))
    async with shop.working(ToyEngine(step_seconds=0.05)):

        async def has_preview() -> bool:
            progress = (await shop.job(job)).progress
            return progress is not None and progress.preview > 0

        await shop.until(has_preview)
        progress = (await shop.job(job)).progress
        data = shop.read(f"{job}/1/preview.webp")
        await shop.jobs.request_cancel(job)

    assert progress is not None
    assert (progress.total, progress.fraction < 0.25) == (100, True)
    assert Image.open(io.BytesIO(data)).format == "WEBP"
    assert len(data) <= 20_000


async def _stepping(shop: Shop, engine: ToyEngine) -> None:
    async def stepped() -> bool:
        return engine.steps > 0

    await shop.until(stepped)


async def _quiet(engine: ToyEngine) -> bool:
    """No step is made any more."""
    before = engine.steps
    await asyncio.sleep(0.3)
    return engine.steps == before
