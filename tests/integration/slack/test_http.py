"""HTTP mode: whoever calls must be Slack, and what it says twice is done once."""

from __future__ import annotations

import json

import pytest

from bot.settings import SlackMode
from bot.slack_app import create_app
from inference.process import CannotStart
from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack import signed
from tests.support.slack_state import CHANNEL


async def test_only_slack_is_heard_and_only_while_its_call_is_fresh(bare: Stage) -> None:
    async with bare.bot(mode=SlackMode.HTTP):
        ann = await bare.member()
        _, message = await bare.made(ann)
        said = bare.server.world.post(CHANNEL, user=ann.id, text="make it blue", thread_ts=message["ts"])
        body = json.dumps(ann.event({**said, "channel": CHANNEL, "channel_type": "channel"}))
        media = {"Content-Type": "application/json"}
        assert await bare.server.send(body, signed(body, secret="other") | media) is None
        assert await bare.server.send(body, signed(body, age=301) | media) is None
        assert await bare.server.send(body, media) is None
        assert await bare.jobs() == {"succeeded": 1}
        headers = signed(body) | media
        assert await bare.server.send(body, headers) is not None
        await bare.finish()
        assert await bare.server.send(body, headers) is not None
    async with bare.bot(mode=SlackMode.HTTP):
        assert await bare.server.send(body, headers) is not None
    assert await bare.jobs() == {"succeeded": 2}


async def test_slack_may_try_the_address(bare: Stage) -> None:
    async with bare.bot(mode=SlackMode.HTTP):
        body = json.dumps({"type": "url_verification", "challenge": "c", "token": "t"})
        answer = await bare.server.send(body, signed(body) | {"Content-Type": "application/json"})
        assert answer == {"challenge": "c"}


@pytest.mark.parametrize(("missing", "mode"), [("signing_secret", SlackMode.HTTP), ("app_token", SlackMode.SOCKET)])
async def test_without_its_secret_no_mode_begins(bare: Stage, missing: str, mode: SlackMode) -> None:
    settings = bare.settings(mode=mode, **{missing: None})
    with pytest.raises(CannotStart, match=missing.upper()):
        create_app(settings, bare.studio.face)


async def test_nobody_acknowledges_in_vain_what_is_no_business_of_ours(stage: Stage) -> None:
    ann = await stage.member()
    for text in ("hello", "how are you"):
        said = stage.server.world.post(CHANNEL, user=ann.id, text=text)
        event = ann.event({**said, "channel": CHANNEL, "channel_type": "channel"})
        assert await stage.server.deliver("events_api", event) is not None
    await ann.command("/generate", BALL)
    await ann.hears("this month")
    assert await stage.jobs() == {"queued": 1}
