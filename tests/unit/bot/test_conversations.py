"""What the faces remember, on real rows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from bot.platform import Spot
from inference.types import JobId
from storage.conversations import PostState, SqlConversations
from storage.database import open_database

JOB = JobId("clip_1")
NORMAL, FULL = 1, 2
"""SQLite's `synchronous`."""


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SqlConversations]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'chat.db'}") as database:
        yield SqlConversations(database)


async def told(kept: SqlConversations, job: str, thread: str, message: str) -> None:
    await kept.begin_post(JobId(job), "p", "c", thread)
    await kept.record_message(JobId(job), "p", "c", thread, message)
    await kept.record_told(JobId(job), "p", "c", thread, message, has_clip=True)


async def test_a_job_has_one_post_however_often_it_is_begun(kept: SqlConversations) -> None:
    posts = await asyncio.gather(*(kept.begin_post(JOB, "p", "c", str(n)) for n in range(5)))
    assert len(set(posts)) == 1
    assert posts[0].state == PostState.POSTING
    other = await kept.begin_post(JOB, "q", "c", "")
    assert (other.platform, other.thread) == ("q", "")


async def test_a_post_is_found_by_its_message(kept: SqlConversations) -> None:
    await told(kept, "clip_1", "", "m1")
    found = await kept.post_of_message("p", "c", "m1")
    assert found is not None
    assert (found.job, found.state, found.has_clip) == (JOB, PostState.TOLD, True)
    assert await kept.post_of_message("p", "elsewhere", "m1") is None


async def test_the_newest_clip_of_a_thread_is_the_one_told_last(kept: SqlConversations) -> None:
    await told(kept, "root", "", "m1")
    assert await kept.newest_clip("p", "c", "m1") == "root"
    await told(kept, "first", "m1", "m2")
    await told(kept, "second", "m1", "m3")
    await told(kept, "elsewhere", "m9", "m4")
    assert await kept.newest_clip("p", "c", "m1") == "second"
    await kept.record_removed(JobId("second"), "p")
    assert await kept.newest_clip("p", "c", "m1") == "first"
    assert await kept.newest_clip("p", "c", "") is None
    assert await kept.newest_clip("q", "c", "m1") is None


async def test_the_newest_clips_of_a_thread_come_in_their_order(kept: SqlConversations) -> None:
    for job, thread, message in (("root", "", "m1"), ("first", "m1", "m2"), ("second", "m1", "m3")):
        await told(kept, job, thread, message)
    assert await kept.newest_clips("p", "c", "m1", limit=9) == ["second", "first", "root"]
    assert await kept.newest_clips("p", "c", "m1", limit=2) == ["second", "first"]
    assert await kept.newest_clips("p", "c", "", limit=9) == ()


async def test_only_what_must_outlive_a_power_cut_waits_for_the_disk(tmp_path: Path) -> None:
    waited: list[int] = []

    def look(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        waited.append(driver.execute("PRAGMA synchronous").fetchone()[0])

    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'chat.db'}", power_safe=False) as database:
        kept = SqlConversations(database)
        event.listen(Engine, "commit", look)
        try:
            await kept.begin_post(JOB, "p", "c", "")
            await kept.record_message(JOB, "p", "c", "", "m1")
            assert set(waited) == {NORMAL}
            waited.clear()
            await kept.record_told(JOB, "p", "c", "", "m1", has_clip=True)
            await kept.record_removed(JOB, "p")
            assert waited == [FULL, NORMAL]
        finally:
            event.remove(Engine, "commit", look)


async def test_a_thread_keeps_its_first_clip(kept: SqlConversations) -> None:
    await kept.remember_thread("p", "c", "m1", JobId("a"))
    await kept.remember_thread("p", "c", "m1", JobId("b"))
    assert await kept.root_clip("p", "c", "m1") == "a"
    assert await kept.root_clip("p", "c", "m2") is None


async def test_an_event_is_new_once(kept: SqlConversations) -> None:
    seen = await asyncio.gather(*(kept.first_time("p", "e1") for _ in range(5)))
    assert sorted(seen) == [False] * 4 + [True]
    assert await kept.first_time("q", "e1")
    assert await kept.forget_events(timedelta(days=1)) == 0
    assert await kept.forget_events(timedelta(days=-1)) == 2
    assert await kept.first_time("p", "e1")


async def test_what_kinds_a_platform_told_of_are_remembered_with_their_last_time(kept: SqlConversations) -> None:
    await asyncio.gather(*(kept.note_heard("p", "message.im") for _ in range(5)))
    first = (await kept.heard("p"))["message.im"]
    await kept.note_heard("p", "app_mention")
    await kept.note_heard("p", "message.im")
    heard = await kept.heard("p")
    assert set(heard) == {"message.im", "app_mention"}
    assert heard["message.im"] >= first
    assert await kept.heard("q") == {}


async def test_the_playgrounds_messages_keep_their_order_and_their_ids(kept: SqlConversations) -> None:
    first = await kept.append_message("general", "", "ann", {"text": "赤い玉"})
    second = await kept.append_message("general", str(first.id), "bot", {"card": {}})
    assert await kept.delete_message(second.id)
    assert not await kept.delete_message(second.id)
    third = await kept.append_message("general", "", "ben", {})
    assert first.id < second.id < third.id
    changed = await kept.update_message(first.id, {"text": "青い玉"})
    assert changed is not None
    assert changed.edited_at is not None
    assert await kept.message(first.id) == changed
    assert await kept.update_message(second.id, {}) is None
    assert [message.id for message in await kept.messages("general")] == [first.id, third.id]
    assert [message.id for message in await kept.messages("general", after=first.id)] == [third.id]
    assert [message.id for message in await kept.messages("general", None, limit=1)] == [third.id]


@pytest.mark.parametrize("text", ["", "x", "{}", '["a"]', "[1,2,3]", '"abc"', "null"])
def test_a_strange_place_is_no_place(text: str) -> None:
    assert Spot.decoded(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    spot = Spot(platform="slack", channel='C"1', thread="日本")
    assert Spot.decoded(spot.encoded()) == spot
