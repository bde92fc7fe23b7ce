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
