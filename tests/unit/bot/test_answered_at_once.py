"""Replies that come while a message stands in the chat and is not written down yet: each means what its member saw."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from bot.platform import Answer
from inference.types import Generate, JobId, Remix
from tests.support.studio import member
from tests.unit.bot.conftest import SPOT, Room

T = TypeVar("T")
ANN = member("ann", "pro")


@asynccontextmanager
async def meanwhile(asking: Coroutine[Any, Any, T], release: asyncio.Event) -> AsyncIterator[asyncio.Task[T]]:
    """The question is asked, has time to be answered wrongly, and then what it must wait for happens."""
    task = asyncio.create_task(asking)
    await asyncio.wait({task}, timeout=0.3)
    release.set()
    async with asyncio.timeout(20):
        await task
        yield task


async def remixed(room: Room, answer: Answer | None) -> JobId:
    """The clip that the answer's job is made from."""
    assert answer is not None
    assert answer.job is not None, answer.text
    job = await room.studio.jobs.get(answer.job)
    assert job is not None
    assert isinstance(job.operation, Remix)
    return job.operation.parent


async def telling(room: Room, root: JobId, thread: str) -> JobId:
    """A remix in the thread, whose end is being told from now on."""
    spot = replace(SPOT, thread=thread)
    job = (await room.studio.face.submit(Remix(parent=root, instruction="bluer"), ANN, spot.encoded())).id
    await room.studio.succeed(await room.studio.claim())
    for event in await room.studio.jobs.events(None):
        room.delivery.take(event)
    return job


async def until_there(room: Room, job: JobId, *, with_clip: bool) -> str:
    async with asyncio.timeout(20):
        while not (there := room.chat.of_job(job)) or (with_clip and not there[0].clips):
            await asyncio.sleep(0.01)
    return there[0].ref.message


async def test_words_behind_a_clip_that_is_not_written_down_yet_are_about_it(room: Room) -> None:
    root, thread = await room.clip()
    room.chat.behind["deliver"] = release = asyncio.Event()
    newest = await telling(room, root, thread)
    await until_there(room, newest, with_clip=True)
    async with meanwhile(room.core.reply(room.at(thread), "make it green"), release) as answer:
        assert await remixed(room, answer.result()) == newest
    await room.delivery.settled()


async def test_words_said_before_a_clip_stood_there_are_about_the_one_before(room: Room) -> None:
    room.chat.now = 10.0
    root, thread = await room.clip()
    room.chat.before["deliver"] = release = asyncio.Event()
    newest = await telling(room, root, thread)
    await until_there(room, newest, with_clip=False)
    room.chat.now = 30.0
    said = replace(room.at(thread), said_at=20.0)
    async with meanwhile(room.core.reply(said, "make it green"), release) as answer:
        assert await remixed(room, answer.result()) == root
    await room.delivery.settled()
    later = replace(room.at(thread), said_at=30.0)
    assert await remixed(room, await room.core.reply(later, "make it green")) == newest


async def test_a_reply_to_a_message_that_is_not_written_down_yet_is_about_its_job(room: Room) -> None:
    room.chat.behind["post"] = release = asyncio.Event()
    job = (await room.studio.face.submit(Generate(prompt="a red ball"), ANN, SPOT.encoded())).id
    for event in await room.studio.jobs.events(None):
        room.delivery.take(event)
    message = await until_there(room, job, with_clip=False)
    async with meanwhile(room.core.job_of(room.at(replies_to=message)), release) as found:
        assert found.result() == job
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
