"""One message per job, whatever happens on the way. Real service, real rows, a chat in memory."""

import asyncio
from dataclasses import replace

import pytest

from bot.card import Tone
from bot.delivery import Delivery, Patience
from bot.platform import MessageGone
from bot.render.job import deleted_card
from bot.texts import texts_for
from inference.client import Client
from inference.errors import NotFound
from inference.types import Generate, JobId, JobStatus, Variant
from storage.conversations import PostState
from tests.support.api import serve
from tests.support.chat import ForgetfulChat, SlowChat, busy, never
from tests.support.studio import member
from tests.unit.bot.conftest import SPOT, Room

ANN = member("ann", "pro")


async def asked(room: Room, prompt: str = "a red ball") -> JobId:
    return (await room.studio.face.submit(Generate(prompt=prompt), ANN, SPOT.encoded())).id


async def undelivered(room: Room) -> set[JobId]:
    return {event.job.id for event in await room.studio.jobs.events(None)}


async def test_one_message_is_posted_changes_and_bears_the_clip(room: Room) -> None:
    running = asyncio.create_task(room.delivery.run())
    job = await asked(room)
    await until(lambda: bool(room.chat.of_job(job)))
    claim = await room.studio.claim()
    await room.studio.show(claim, 3)
    await until(lambda: room.chat.of_job(job)[0].card.progress is not None)
    await until(lambda: room.chat.of_job(job)[0].card.progress.label == "Painting 3 of 8")  # type: ignore[union-attr]
    await room.studio.succeed(claim)
    await until(lambda: bool(room.chat.of_job(job)[0].clips))
    await until_async(lambda: told(room, job))
    running.cancel()
    (message,) = room.chat.messages.values()
    assert [media.variant for media in message.clips] == [Variant.VIDEO]
    assert message.card.tone == Tone.DONE
    assert message.cards[0].buttons[0].action == f"v1:cancel:{job}"
    assert [button.action.split(":")[1] for button in message.card.buttons] == ["remix", "again", "info", "delete"]
    assert await undelivered(room) == set()


async def told(room: Room, job: JobId) -> bool:
    post = await room.conversations.post(job, "playground")
    return post is not None and post.state == PostState.TOLD and job not in await undelivered(room)


async def until(holds: object) -> None:
    async with asyncio.timeout(20):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def until_async(holds: object) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_what_ended_while_the_bot_was_away_is_told_once(room: Room) -> None:
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    for _ in range(3):
        await room.deliver()
    assert len(room.chat.of_job(job)) == 1
    assert len(room.chat.of_job(job)[0].clips) == 1
    assert await room.conversations.newest_clip("playground", "general", room.chat.of_job(job)[0].ref.message) == job
    assert await room.conversations.root_clip("playground", "general", room.chat.of_job(job)[0].ref.message) == job


async def test_a_crash_after_the_post_is_healed_from_the_chats_history(room: Room) -> None:
    job = await asked(room)
    await room.conversations.begin_post(job, "playground", "general", "")
    posted = await room.chat.post(SPOT, deleted_card(texts_for("en")), job)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(job)
    assert message.ref == posted
    assert len(message.clips) == 1
    assert room.chat.searches == 1


async def test_a_crash_after_the_clip_shows_it_no_second_time(room: Room) -> None:
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    ref = room.chat.of_job(job)[0].ref
    await room.conversations.record_message(
        job, "playground", ref.channel, ref.thread, ref.message
    )  # as if TOLD was never written
    fresh = Delivery(service=room.studio.face, conversations=room.conversations, platforms=(room.chat,))
    for event in await room.studio.jobs.events(0):
        fresh.take(event)
    await fresh.settled()
    assert len(room.chat.of_job(job)) == 1
    assert len(room.chat.of_job(job)[0].clips) == 1


async def test_a_crash_after_the_clip_moved_to_another_message_shows_it_no_second_time(room: Room) -> None:
    """A message that cannot be edited any more is replaced: the old one is gone, and the new one not written down."""
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    moved = room.chat.of_job(job)[0].ref
    await room.conversations.record_message(job, "playground", moved.channel, moved.thread, "99")
    fresh = Delivery(service=room.studio.face, conversations=room.conversations, platforms=(room.chat,))
    for event in await room.studio.jobs.events(0):
        fresh.take(event)
    await fresh.settled()
    assert [(message.ref, len(message.clips)) for message in room.chat.of_job(job)] == [(moved, 1)]


async def test_a_clip_that_is_deleted_while_the_chat_takes_it_does_not_stay(room: Room) -> None:
    room.chat.before["deliver"] = asyncio.Event()
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    telling = asyncio.create_task(room.deliver())
    await until(lambda: bool(room.chat.of_job(job)))
    await room.studio.face.delete(job, ANN)
    room.delivery.take((await room.studio.jobs.events(0))[-1])
    room.chat.before["deliver"].set()
    await telling
    (message,) = room.chat.of_job(job)
    assert (message.card.lines, message.card.media) == (("This clip was deleted.",), None)
    assert await room.conversations.newest_clip("playground", "general", message.ref.message) is None


async def test_a_clip_that_is_deleted_elsewhere_goes_from_its_message(room: Room) -> None:
    """By the API, the command line or another chat; also while the bot is away."""
    job, message = await room.clip()
    await room.studio.face.delete(job, ANN)
    assert await undelivered(room) == {job}
    await room.deliver()
    (shown,) = room.chat.of_job(job)
    assert (shown.ref.message, shown.card.lines, shown.card.media) == (message, ("This clip was deleted.",), None)
    assert await room.conversations.newest_clip("playground", "general", message) is None
    assert await undelivered(room) == set()


async def test_a_deleted_clip_whose_message_is_gone_needs_no_word(room: Room) -> None:
    job, _ = await room.clip()
    room.chat.order("update", MessageGone(detail="deleted by a moderator"))
    await room.studio.face.delete(job, ANN)
    await room.deliver()
    assert len(room.chat.of_job(job)) == 1
    assert await undelivered(room) == set()


async def test_repeated_events_change_nothing(room: Room) -> None:
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    events = list(await room.studio.jobs.events(0))
    for event in events * 3:
        room.delivery.take(event)
    await room.delivery.settled()
    for event in reversed(events):
        room.delivery.take(event)
        await room.delivery.settled()
    assert len(room.chat.of_job(job)) == 1
    assert len(room.chat.of_job(job)[0].clips) == 1


async def test_a_busy_platform_is_asked_again(room: Room) -> None:
    room.chat.order("post", busy())
    room.chat.order("deliver", busy(), busy())
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    assert len(room.chat.of_job(job)) == 1
    assert len(room.chat.of_job(job)[0].clips) == 1
    assert await undelivered(room) == set()


async def test_a_platform_that_stays_away_is_asked_at_the_next_start(room: Room) -> None:
    room.chat.order("post", *(busy() for _ in range(3)))
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    assert room.chat.of_job(job) == []
    assert await undelivered(room) == {job}
    await room.deliver()
    assert len(room.chat.of_job(job)[0].clips) == 1
    assert await undelivered(room) == set()


async def test_a_platform_that_refuses_for_good_stops_nobody_else(room: Room) -> None:
    room.chat.order("post", never())
    first = await asked(room, "a cat")
    await room.studio.succeed(await room.studio.claim())
    second = await asked(room, "a dog")
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    states = {job: (await room.conversations.post(job, "playground")) for job in (first, second)}
    assert {post.state for post in states.values() if post} == {PostState.REFUSED, PostState.TOLD}
    assert await undelivered(room) == set()


async def test_a_message_that_is_gone_is_posted_anew(room: Room) -> None:
    job = await asked(room)
    deliveries = asyncio.create_task(room.delivery.run())
    await until(lambda: bool(room.chat.of_job(job)))
    room.chat.messages.clear()
    await room.studio.succeed(await room.studio.claim())
    await until(lambda: bool(room.chat.of_job(job)) and bool(room.chat.of_job(job)[0].clips))
    deliveries.cancel()
    assert len(room.chat.messages) == 1


async def test_a_clip_that_cannot_be_posted_is_said_to_be_kept(room: Room) -> None:
    room.chat.order("deliver", never("too large"))
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(job)
    assert f"/show {job}" in message.card.lines[0]
    assert await undelivered(room) == set()


@pytest.mark.parametrize("end", [JobStatus.FAILED, JobStatus.CANCELLED])
async def test_an_unhappy_end_is_told_with_what_it_cost(room: Room, end: JobStatus) -> None:
    job = await asked(room)
    claim = await room.studio.claim()
    await (room.studio.fail(claim) if end == JobStatus.FAILED else room.studio.stop(claim))
    await room.deliver()
    (message,) = room.chat.of_job(job)
    assert "Nothing was charged" in " ".join(message.card.lines)
    assert [button.action for button in message.card.buttons] == [f"v1:delete:{job}"]
    assert await room.conversations.newest_clip("playground", "general", message.ref.message) is None
    assert await undelivered(room) == set()


async def test_progress_that_cannot_be_shown_is_let_go(room: Room) -> None:
    room.chat.order("update", busy(), never())
    deliveries = asyncio.create_task(room.delivery.run())
    job = await asked(room)
    await until(lambda: bool(room.chat.of_job(job)))
    claim = await room.studio.claim()
    for step in range(1, 5):
        await room.studio.show(claim, step)
        await asyncio.sleep(0.05)
    await room.studio.succeed(claim)
    await until(lambda: bool(room.chat.of_job(job)[0].clips))
    deliveries.cancel()
    assert len(room.chat.messages) == 1


async def test_progress_that_a_busy_platform_did_not_take_is_shown_though_nothing_new_comes(room: Room) -> None:
    deliveries = asyncio.create_task(room.delivery.run())
    job = await asked(room)
    await until(lambda: bool(room.chat.of_job(job)))
    room.chat.order("update", busy(), busy())
    await room.studio.show(await room.studio.claim(), 3)
    await until(lambda: progress_of(room.chat, job) == "Painting 3 of 8")
    deliveries.cancel()


async def test_where_changes_are_rationed_the_newest_look_takes_the_next_turn(room: Room) -> None:
    chat = SlowChat()
    delivery = Delivery(service=room.studio.face, conversations=room.conversations, platforms=(chat,))
    job = await asked(room)
    await tell(room, delivery)
    await until(lambda: bool(chat.of_job(job)))
    claim = await room.studio.claim()
    for step in range(1, 6):
        await room.studio.show(claim, step)
        await tell(room, delivery)
    assert len(chat.of_job(job)[0].cards) == 1
    chat.turns.release()
    await until(lambda: progress_of(chat, job) == "Painting 5 of 8")
    await room.studio.show(claim, 6)
    await tell(room, delivery)
    await room.studio.succeed(claim)
    await tell(room, delivery)
    await delivery.settled()
    (message,) = chat.of_job(job)
    assert len(message.cards) == 3
    assert len(message.clips) == 1
    assert chat.searches == 0


async def tell(room: Room, delivery: Delivery) -> None:
    """What the service has to say now, and time to take it in."""
    for event in await room.studio.jobs.events(None):
        delivery.take(event)
    await asyncio.sleep(0.05)


def progress_of(chat: ForgetfulChat, job: JobId) -> str:
    progress = chat.of_job(job)[0].card.progress
    return "" if progress is None else progress.label


async def test_what_nobody_foresaw_is_tried_again(room: Room) -> None:
    room.chat.order("deliver", RuntimeError("a bug in a face"))
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    assert len(room.chat.of_job(job)) == 1
    assert len(room.chat.of_job(job)[0].clips) == 1
    assert await undelivered(room) == set()


async def test_a_clip_that_was_deleted_before_its_end_was_told_is_told_as_deleted(room: Room) -> None:
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.studio.face.delete(job, ANN)
    await room.deliver()
    (message,) = room.chat.of_job(job)
    assert message.card == replace(deleted_card(texts_for("en")), job=job, asked_by=ANN.identity)
    assert await undelivered(room) == set()
    assert await room.conversations.newest_clip("playground", "general", message.ref.message) is None


async def test_a_clip_that_is_deleted_while_it_is_told_is_told_as_deleted(room: Room) -> None:
    room.chat.order("deliver", NotFound(what="clip", id="clip_1"))
    job = await asked(room)
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(job)
    assert message.card == replace(deleted_card(texts_for("en")), job=job, asked_by=ANN.identity)
    assert await undelivered(room) == set()


async def test_a_stream_of_events_that_fails_in_an_unforeseen_way_is_taken_up_again(room: Room) -> None:
    job = await asked(room)
    async with serve(room.studio) as served:
        client = Client(served.url, served.keys.bot)  # not entered yet: a mistake of ours, and no outage
        delivery = Delivery(
            service=client, conversations=room.conversations, platforms=(room.chat,), patience=Patience(first=0.01)
        )
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(0.05)
        async with client:
            await until(lambda: bool(room.chat.of_job(job)))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_one_event_that_cannot_be_taken_stands_in_no_others_way(room: Room) -> None:
    await room.studio.face.submit(Generate(prompt="a"), ANN, "[" * 100_000)  # no parser gets through
    job = await asked(room)
    running = asyncio.create_task(room.delivery.run())
    await until(lambda: bool(room.chat.of_job(job)))
    running.cancel()


async def test_jobs_of_other_faces_are_left_alone(room: Room) -> None:
    await room.studio.face.submit(Generate(prompt="a"), ANN, "")
    await room.studio.face.submit(Generate(prompt="b"), ANN, '["discord","1",""]')
    await room.studio.face.submit(Generate(prompt="c"), ANN, "not ours")
    await room.deliver()
    assert room.chat.messages == {}


async def test_without_history_a_post_begun_before_a_crash_is_posted(room: Room) -> None:
    chat = ForgetfulChat()
    delivery = Delivery(
        service=room.studio.face, conversations=room.conversations, platforms=(chat,), patience=Patience(first=0.01)
    )
    job = await asked(room)
    await room.conversations.begin_post(job, "playground", "general", "")
    await room.studio.succeed(await room.studio.claim())
    for event in await room.studio.jobs.events(None):
        delivery.take(event)
    await delivery.settled()
    assert len(chat.of_job(job)) == 1
