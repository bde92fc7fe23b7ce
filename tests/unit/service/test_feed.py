"""The event feed on real rows: order, gaps, slowness, many followers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from inference.errors import TooManyJobs
from inference.presets import load_presets
from inference.service.feed import EventFeed
from inference.service.outlook import Outlook
from inference.tiers import load_tiers
from inference.types import Generate, Job, JobEvent, JobStatus
from tests.support.hand_bell import HandBell
from tests.support.studio import Studio, member, open_studio

BALL = Generate(prompt="a red ball")
TIERS = """
[free]
clips_per_month = 100000
max_seconds = 5
max_resolution = 480
watermark = true
operations = ["generate"]
max_jobs = 100000
weight = 1
"""


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    """With room for many jobs of one member."""
    (tmp_path / "tiers.toml").write_text(TIERS)
    async with open_studio(tmp_path, tiers_file=tmp_path / "tiers.toml") as studio:
        yield studio


async def take(events: AsyncIterator[JobEvent], count: int) -> list[JobEvent]:
    async with asyncio.timeout(30):
        return [await anext(events) for _ in range(count)]


async def jobs(studio: Studio, count: int) -> list[Job]:
    return [await studio.face.submit(BALL, member("ann"), reply_to="thread") for _ in range(count)]


async def test_many_followers_hear_the_same_in_the_same_order(studio: Studio) -> None:
    streams = [studio.face.events(0) for _ in range(5)]
    heard = [asyncio.create_task(take(stream, 8)) for stream in streams]
    made = await jobs(studio, 8)
    for events in await asyncio.gather(*heard):
        assert [event.job.id for event in events] == [job.id for job in made]
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]


@asynccontextmanager
async def small_feed(studio: Studio) -> AsyncIterator[EventFeed]:
    """One that keeps 3 events for a follower and reads 4 at once."""
    feed = EventFeed(studio.jobs, Outlook(studio.jobs, load_presets(), load_tiers(), 1), 0.05, buffer=3, page=4)
    polling = asyncio.create_task(feed.run())
    yield feed
    feed.close()
    polling.cancel()


async def test_a_follower_that_sleeps_holds_nobody_up_and_loses_nothing(studio: Studio) -> None:
    async with small_feed(studio) as feed, aclosing(feed.follow(0)) as sleeper, aclosing(feed.follow(0)) as awake:  # type: ignore[type-var]
        first = await jobs(studio, 1)
        assert [event.job.id for event in await take(sleeper, 1)] == [first[0].id]
        heard = asyncio.create_task(take(awake, 21))
        rest = await jobs(studio, 20)
        assert [event.job.id for event in await heard] == [job.id for job in first + rest]
        late = await take(sleeper, 20)
    assert [event.job.id for event in late] == [job.id for job in rest]


async def test_a_feed_that_is_told_of_changes_looks_when_the_bell_rings(studio: Studio) -> None:
    bell = HandBell()
    outlook = Outlook(studio.jobs, load_presets(), load_tiers(), 1)
    feed = EventFeed(studio.jobs, outlook, 3600.0, bell=bell)
    polling = asyncio.create_task(feed.run())
    async with aclosing(feed.follow(0)) as events:  # type: ignore[type-var]
        (first,) = await jobs(studio, 1)
        assert [event.job.id for event in await take(events, 1)] == [first.id]
        (second,) = await jobs(studio, 1)  # as another process may write it: nobody nudges this feed
        bell.ring(JobStatus.QUEUED)
        assert [event.job.id for event in await take(events, 1)] == [second.id]
    feed.close()
    polling.cancel()


async def test_what_happened_while_nobody_followed_is_not_lost(studio: Studio) -> None:
    (first,) = await jobs(studio, 1)
    async with aclosing(studio.face.events(0)) as events:  # type: ignore[type-var]
        (seen,) = await take(events, 1)
    meanwhile = await jobs(studio, 3)
    async with aclosing(studio.face.events(seen.cursor)) as events:  # type: ignore[type-var]
        after = await take(events, 3)
        (later,) = await jobs(studio, 1)
        (live,) = await take(events, 1)
    assert first.id == seen.job.id
    assert [event.job.id for event in after] == [job.id for job in meanwhile]
    assert live.job.id == later.id


@pytest.mark.parametrize("after", [0, None])
async def test_more_than_a_page_is_replayed_whole(studio: Studio, after: int | None) -> None:
    made = await jobs(studio, 10)
    async with small_feed(studio) as feed, aclosing(feed.follow(after)) as events:  # type: ignore[type-var]
        assert [event.job.id for event in await take(events, 10)] == [job.id for job in made]


async def test_progress_never_follows_the_end(studio: Studio) -> None:
    await jobs(studio, 1)
    claim = await studio.claim()
    heard: list[JobEvent] = []

    async def listen() -> None:
        async for event in studio.face.events(0):
            heard.append(event)
            if event.job.status is JobStatus.SUCCEEDED:
                return

    listening = asyncio.create_task(listen())
    for step in range(6):
        await studio.show(claim, step)
        await asyncio.sleep(0.1)
    await studio.succeed(claim)
    async with asyncio.timeout(30):
        await listening
    steps = [event.job.progress.step for event in heard if event.job.status is JobStatus.RUNNING and event.job.progress]
    assert steps == sorted(steps)
    assert len(steps) > 1
    assert [event.cursor for event in heard] == sorted(event.cursor for event in heard)
    assert heard[-1].job.status is JobStatus.SUCCEEDED


async def test_followers_end_when_the_service_does(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        events = studio.face.events(0)
        waiting = asyncio.create_task(anext(events, None))
        await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        assert await waiting is None


async def test_a_requests_event_comes_with_its_estimate(studio: Studio) -> None:
    await jobs(studio, 3)
    async with aclosing(studio.face.events(0)) as events:  # type: ignore[type-var]
        told = [event.job.estimate for event in await take(events, 3)]
    assert [estimate.ahead if estimate else None for estimate in told] == [0, 1, 2]


async def test_who_waits_hears_a_new_place_when_the_queue_moves(studio: Studio) -> None:
    made = await jobs(studio, 3)
    outlook = Outlook(studio.jobs, load_presets(), load_tiers(), 1)
    feed = EventFeed(studio.jobs, outlook, 0.05, retell_seconds=0.1)
    polling = asyncio.create_task(feed.run())
    async with asyncio.timeout(30), aclosing(feed.follow(0)) as events:  # type: ignore[type-var]
        first = [await anext(events) for _ in range(3)]
        await studio.claim()
        places: dict[str, int] = {}
        async for event in events:
            if event.job.status is JobStatus.QUEUED and event.job.estimate is not None:
                places[event.job.id] = event.job.estimate.ahead
            if len(places) == 2:
                break
    polling.cancel()
    assert [event.job.estimate.ahead for event in first if event.job.estimate] == [0, 1, 2]
    assert places == {made[1].id: 0, made[2].id: 1}


# --- Estimates


async def test_estimates_follow_what_was_measured(studio: Studio) -> None:
    before = (await jobs(studio, 1))[0].estimate
    await studio.succeed(await studio.claim(), device_seconds=2.0)
    async with open_studio(studio.settings.data_dir, tiers_file=studio.settings.tiers_file) as restarted:
        after = (await jobs(restarted, 1))[0].estimate
    assert before is not None
    assert after is not None
    assert before.render_seconds != after.render_seconds == 2.0


async def test_the_wait_counts_what_runs_and_what_is_ahead(studio: Studio) -> None:
    await jobs(studio, 1)
    claim = await studio.claim()
    await studio.show(claim, step=4, eta=3.0)
    second, third = await jobs(studio, 2)
    assert second.estimate is not None
    assert third.estimate is not None
    assert (second.estimate.ahead, second.estimate.wait_seconds) == (0, 3.0)
    assert third.estimate.ahead == 1
    assert third.estimate.wait_seconds == pytest.approx(3.0 + second.estimate.render_seconds, abs=0.2)


async def test_with_a_free_worker_nobody_waits(tmp_path: Path) -> None:
    async with open_studio(tmp_path, worker={"count": 2}) as studio:
        await studio.face.submit(BALL, member("ann"))
        await studio.claim()
        second = await studio.face.submit(BALL, member("bob"))
        third = await studio.face.submit(BALL, member("cy"))
        assert second.estimate is not None
        assert third.estimate is not None
        assert second.estimate.wait_seconds == 0 < third.estimate.wait_seconds


async def test_a_newcomer_in_a_long_queue_is_told_without_reading_it_again(studio: Studio) -> None:
    await jobs(studio, 40)
    views = []
    for name in ("bob", "cy"):
        job = await studio.face.submit(BALL, member(name))
        assert job.estimate is not None
        views.append(job.estimate.ahead)
    assert views[0] <= 2
    assert views[1] <= 3


async def test_parallel_requests_never_exceed_the_limits(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        pat = member("pat", "pro")
        answers = await asyncio.gather(
            *(studio.face.submit(replace(BALL, seed=n), pat) for n in range(12)), return_exceptions=True
        )
        assert sum(isinstance(answer, Job) for answer in answers) == 4
        assert sum(isinstance(answer, TooManyJobs) for answer in answers) == 8
        assert await studio.used(pat) == 4
