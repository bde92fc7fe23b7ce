"""Added to someone else's app by one call: ours comes along, theirs stays as it was."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_app import create_app, register
from bot.slack_app.installs import installation_store
from tests.integration.slack.conftest import BALL, Stage
from tests.integration.slack.test_installs import a_bot
from tests.support.slack_state import APP_TOKEN, BOT_TOKEN, CHANNEL, words_of


async def test_ours_on_a_foreign_app(bare: Stage) -> None:
    heard: list[str] = []
    app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=f"{bare.server.url}/api/"), signing_secret="s")

    @app.command("/theirs")
    async def theirs(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        heard.append(body["text"])

    face = register(app, bare.settings(), bare.studio.face, conversations=bare.conversations)

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    @app.event("app_mention")
    async def mention(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    del theirs, message, mention
    async with face.delivering():
        handler = AsyncSocketModeHandler(app, APP_TOKEN)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            ann = await bare.member()
            await ann.command("/theirs", "one")
            root, posted = await bare.made(ann)
            await ann.write("two", channel=CHANNEL)
            await ann.write("<@UBOT> three", channel=CHANNEL)
            chat = await ann.write("four")
            await ann.write("five", chat)
            await ann.write("make it blue", posted)
            child = await bare.finish()
            await bare.delivered(child.id)
            assert (child.parent, child.text) == (root.id, "make it blue")
            async with asyncio.timeout(20):
                while len(heard) < 6:
                    await asyncio.sleep(0.02)
            assert sorted(heard) == sorted(["one", "two", "<@UBOT> three", "<@UBOT> three", "four", "five"])
            await ann.opens_home()
            assert bare.server.world.homes == {}
            assert await bare.jobs() == {"succeeded": 2}
            await ann.command("/threadreel", "history")
            assert BALL in await ann.hears(child.id)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


async def test_an_app_of_ours_that_someone_runs_by_bolts_own_means(bare: Stage) -> None:
    """Made of settings and a service alone: it opens its conversations itself, and delivers from the first request on."""
    app = create_app(bare.settings(), bare.studio.face)
    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        ann = await bare.member()
        root, message = await bare.made(ann)
        await ann.write("make it blue", message)
        child = await bare.finish()
        assert "make it blue" in words_of(await bare.delivered(child.id))
        assert child.parent == root.id
        await ann.write("no business of ours")
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await app.face.close()
    assert (bare.settings().data_dir / "conversations.db").exists()


async def test_ours_on_a_foreign_app_of_several_workspaces(bare: Stage) -> None:
    """The tokens lie in a store of theirs."""
    store = installation_store("c1", bare.conversations)
    await store.async_save_bot(a_bot())
    way = AsyncWebClient(base_url=f"{bare.server.url}/api/")
    theirs = AsyncOAuthSettings(
        client_id="c1", client_secret="cs", installation_store=store, installation_store_bot_only=True
    )
    app = AsyncApp(client=way, signing_secret="s", oauth_settings=theirs)
    face = register(app, bare.settings(bot_token=None), bare.studio.face, conversations=bare.conversations)
    async with face.delivering():
        handler = AsyncSocketModeHandler(app, APP_TOKEN)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            await bare.made(await bare.member())
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
