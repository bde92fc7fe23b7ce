"""The end of a job is told once and in one message, whatever goes wrong beside the way."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_state import BOT_USER, CHANNEL, words_of


async def test_a_file_that_slack_took_is_not_sent_again_where_slack_cannot_say_yet_where_it_stands(
    stage: Stage,
) -> None:
    first, _ = await stage.made(await stage.member())
    stage.server.world.share_delay = 1.8
    stage.server.refuse("files.info", "internal_error", status=500)
    clip, _ = await stage.made(await stage.member())
    await asyncio.sleep(2 * stage.server.world.share_delay)
    assert stage.files_in() == [f"{first.id}.mp4", f"{clip.id}.mp4"]


async def test_a_favourite_that_cannot_be_kept_is_said(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    stage.server.refuse("chat.getPermalink", "internal_error")
    await ann.press(message, "Favourite")
    await ann.hears("The chat did not take the post")


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
