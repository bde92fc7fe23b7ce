"""The end of a job is told once and in one message, whatever goes wrong beside the way."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_state import BOT_USER, CHANNEL, words_of


async def test_a_failure_in_a_channel_that_was_lost_over_a_restart_is_told_directly(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        await ann.command("/generate", BALL)
        await bare.post_saying(BALL)
        claim = await bare.claimed()
    bare.server.world.conversations[CHANNEL].members.discard(BOT_USER)
    await bare.studio.fail(claim)
    async with bare.bot():
        await bare.post_saying("Nothing was charged", "D1")


async def test_a_file_that_slack_does_not_delete_leaves_a_message_that_says_it_is_gone(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    stage.server.refuse("files.delete", "cant_delete_file", times=5)
    await ann.press(message, "Delete")
    gone = await stage.post_saying("This clip was deleted.")
    assert gone["ts"] == message["ts"]


async def test_a_file_that_slack_took_is_not_sent_again_where_slack_cannot_say_yet_where_it_stands(
    stage: Stage,
) -> None:
    first, _ = await stage.made(await stage.member())
    stage.server.world.share_delay = 1.8
    stage.server.refuse("files.info", "internal_error", status=500)
    clip, _ = await stage.made(await stage.member())
    await asyncio.sleep(2 * stage.server.world.share_delay)
    assert stage.files_in() == [f"{first.id}.mp4", f"{clip.id}.mp4"]


async def test_a_file_that_slack_never_shows_because_of_its_description_is_sent_without(stage: Stage) -> None:
    stage.server.world.loses_described = True
    ann = await stage.member()
    for _ in range(2):
        clip, _message = await stage.made(ann)
    described = [file["alt_txt"] for file in stage.server.world.files.values() if file["name"].endswith(".mp4")]
    # Attaching is tried first, then below with a description and without; from then on at once without.
    assert described[-1] is None
    assert len(stage.files_in()) == 2
    assert stage.files_in()[-1] == f"{clip.id}.mp4"
    await ann.command("/threadreel", f"show {clip.id}")
    await stage.server.until(lambda: stage.files_in("D1"))


async def test_a_file_that_is_not_shown_and_cannot_be_deleted_is_not_sent_twice(stage: Stage) -> None:
    ann = await stage.member()
    await stage.made(ann)
    stage.server.world.share_delay = 3.0
    stage.server.refuse("files.delete", "cant_delete_file", times=2)
    await ann.command("/generate", BALL)
    clip = await stage.finish()
    await stage.told(clip.id)
    await stage.server.until(lambda: f"{clip.id}.mp4" in stage.files_in())
    await asyncio.sleep(0.5)
    assert stage.files_in().count(f"{clip.id}.mp4") == 1


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_progress_that_cannot_be_shown_is_no_reason_for_another_message(stage: Stage, error: str) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    claim = await stage.claimed()
    stage.server.refuse("chat.update", error, times=2)
    for step in (2, 4):
        await stage.studio.show(claim, step)
        await stage.server.until(lambda: stage.server.world.made("chat.update"))
    await stage.server.until(lambda: not stage.server.world.refusals["chat.update"])
    clip = await stage.studio.succeed(claim)
    await stage.delivered(clip.id)


async def test_an_end_that_cannot_be_told_for_now_is_told_in_the_same_message(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    claim = await stage.claimed()
    stage.server.refuse("chat.update", "update_failed")
    await stage.studio.fail(claim)
    failed = await stage.post_saying("Nothing was charged")
    assert [words_of(post) for post in stage.posts()] == [words_of(failed)]


async def test_a_favourite_that_cannot_be_kept_is_said(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    stage.server.refuse("chat.getPermalink", "internal_error")
    await ann.press(message, "Favourite")
    await ann.hears("The chat did not take the post")


async def test_a_clip_is_sent_again_where_nobody_may_look_for_it(stage: Stage) -> None:
    stage.server.refuse("conversations.replies", "missing_scope", times=5)
    stage.server.refuse("files.completeUploadExternal", "internal_error")
    clip, _ = await stage.made(await stage.member())
    assert stage.files_in() == [f"{clip.id}.mp4"]


async def test_an_answer_that_comes_too_fast_waits(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    stage.server.refuse("chat.postEphemeral", "ratelimited")
    await ann.write("make it blue", message)
    await ann.hears("2 of 500")


async def test_a_message_that_is_told_again_does_not_show_that_something_is_being_done(stage: Stage) -> None:
    ann = await stage.member()
    stage.server.world.direct(ann.id)
    root = stage.server.world.post("D1", user=BOT_USER, text="hello")
    said = stage.server.world.post("D1", user=ann.id, text=BALL, thread_ts=root["ts"])
    event = ann.event({**said, "channel": "D1", "channel_type": "im", "team": "T1"})
    await stage.server.deliver("events_api", event)
    clip = await stage.finish()
    await stage.delivered(clip.id, "D1")
    await stage.server.deliver("events_api", event, attempt=1)
    await asyncio.sleep(0.5)
    assert len(stage.server.world.made("assistant.threads.setStatus")) == 1


async def test_a_clip_that_ones_direct_messages_do_not_take_is_said(stage: Stage) -> None:
    ann = await stage.member()
    clip, _ = await stage.made(ann)
    stage.server.refuse("chat.postMessage", "messages_tab_disabled")
    await ann.command("/threadreel", f"show {clip.id}")
    await ann.hears("The chat did not take the post")
