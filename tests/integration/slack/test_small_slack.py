"""The small Slack can say no: what the other tests rest upon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.slack import Server, open_server
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, BOT_TOKEN, CHANNEL

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Press"}, "action_id": "a"}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with open_server() as opened:
        yield opened


@pytest.fixture
def slack(server: Server) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{server.url}/api/")


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def test_an_argument_that_the_method_lacks_is_refused(server: Server, slack: AsyncWebClient) -> None:
    assert await refused(slack.chat_postMessage(channel=CHANNEL, text="hello", colour="red")) == "invalid_arguments"
    assert server.world.complaints == ["chat.postMessage: unknown arguments ['colour']"]


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "actions", "elements": [BUTTON] * 26}],
        [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "plain_text", "text": "x"}, "block_id": "same"}] * 2,
        [{"type": "divider"}] * 51,
        [{"type": "video"}],
    ],
    ids=["26 buttons", "3001 characters", "a block_id twice", "51 blocks", "no such block"],
)
async def test_blocks_beyond_the_limits_are_refused(
    server: Server, slack: AsyncWebClient, blocks: list[dict[str, Any]]
) -> None:
    assert await refused(slack.chat_postMessage(channel=CHANNEL, text="hello", blocks=blocks)) == "invalid_blocks"
    assert server.world.complaints


async def test_what_the_manifest_does_not_ask_for_may_not_be_done(server: Server, slack: AsyncWebClient) -> None:
    server.world.scopes.discard("files:write")
    assert await refused(slack.files_getUploadURLExternal(filename="a.mp4", length=1)) == "missing_scope"


async def test_the_51st_change_of_a_minute_is_too_many(server: Server, slack: AsyncWebClient) -> None:
    posted = await slack.chat_postMessage(channel=CHANNEL, text="begun")
    for number in range(50):
        await slack.chat_update(channel=CHANNEL, ts=posted["ts"], text=f"change {number}")
    assert await refused(slack.chat_update(channel=CHANNEL, ts=posted["ts"], text="one more")) == "ratelimited"
    assert server.world.throttled == 1


async def test_a_trigger_lives_three_seconds_and_opens_once(server: Server, slack: AsyncWebClient) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": [{"type": "divider"}]}
    assert await refused(slack.views_open(trigger_id=server.trigger(age=3.1), view=view)) == "expired_trigger_id"
    trigger = server.trigger()
    await slack.views_open(trigger_id=trigger, view=view)
    assert await refused(slack.views_open(trigger_id=trigger, view=view)) == "exchanged_trigger_id"


async def test_who_acknowledges_too_late_hears_of_it_again_and_the_member_sees_an_error(server: Server) -> None:
    server.ack_seconds = 0.05
    told: list[str] = []

    async def sleepy(request: web.Request) -> web.Response:
        told.append(request.headers.get("X-Slack-Retry-Num", ""))
        await asyncio.sleep(0.2)
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/slack/events", sleepy)])
    async with TestServer(app) as bot:
        server.events_url = str(bot.make_url("/slack/events"))
        ann = Member(server, ANN)
        await ann.command("/generate", "a red ball")
        assert server.world.timeouts == ["slash_commands: operation_timeout"]
        assert not await server.insist(ann.event({"type": "app_home_opened", "user": ANN, "tab": "home"}))
    assert told == ["", "", "1", "2", "3"]
