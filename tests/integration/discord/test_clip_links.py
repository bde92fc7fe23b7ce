"""The last resort of a delivery: a clip that fits nowhere is linked, and the link opens it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_app import create_bot
from bot.settings import DiscordSettings, Settings
from tests.support.api import serve
from tests.support.loopback import Loopback, open_loopback
from tests.support.studio import Studio, noisy_video, open_studio

BALL = "a red ball"
PUBLIC = "https://clips.example.org"
TOO_LITTLE = 1000
"""Bytes: no clip is so small."""


@asynccontextmanager
async def bot_before(studio: Studio, there: Loopback) -> AsyncIterator[None]:
    settings = Settings(
        data_dir=studio.settings.data_dir,
        discord=DiscordSettings(
            api_url=f"{there.url}/api/v10", gateway_url=there.url.replace("http", "ws") + "/gateway"
        ),
    )
    bot = create_bot(settings, studio.face)
    running = asyncio.create_task(bot.start("a.b.c"))
    try:
        await there.until(lambda: there.identified and bot.is_ready())
        yield
    finally:
        await bot.stop()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(autouse=True)
def addresses_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


def link_in(message: dict[str, Any]) -> tuple[str, str]:
    """Label and address of the message's link button."""

    def buttons(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        inner = [found for part in parts for found in buttons(part.get("components", []))]
        return [*(part for part in parts if part.get("url")), *inner]

    (button,) = buttons(message["components"])
    return button["label"], button["url"]


async def made(studio: Studio, there: Loopback, prompt: str = BALL) -> str:
    """A clip that was asked for; its id."""
    await there.command("generate", prompt=prompt)
    async with asyncio.timeout(20):
        while not (await studio.jobs.counts()).get("queued"):
            await asyncio.sleep(0.02)
    return (await studio.succeed(await studio.claim())).id


async def test_a_clip_that_fits_nowhere_is_linked_and_the_link_opens_it(tmp_path: Path) -> None:
    async with (
        open_studio(tmp_path, api={"public_url": PUBLIC}) as studio,
        serve(studio) as served,
        open_loopback() as there,
        bot_before(studio, there),
    ):
        there.file_limit = TOO_LITTLE
        await made(studio, there)
        (message,) = await there.until(lambda: [m for m in there.messages.values() if "Watch" in json.dumps(m)])
        label, url = link_in(message)
        assert label == "Watch the clip"
        assert "this chat does not take it" in json.dumps(message)
        assert message["attachments"] == []
        async with aiohttp.ClientSession() as browser, browser.get(url.replace(PUBLIC, served.url)) as answer:
            assert await answer.read() == noisy_video()


@pytest.mark.parametrize("command", ["result", "show"])
async def test_an_answer_that_fits_nowhere_is_linked_too(tmp_path: Path, command: str) -> None:
    async with (
        open_studio(tmp_path, api={"public_url": PUBLIC}) as studio,
        open_loopback() as there,
        bot_before(studio, there),
    ):
        clip = await made(studio, there)
        await there.until(there.with_clip)
        there.file_limit = TOO_LITTLE
        options: dict[str, Any] = {"clip": clip} if command == "show" else {}
        token = await there.command(command, **options)
        await there.until(lambda: token in there.answered)
        assert link_in(there.answers[token])[1].startswith(f"{PUBLIC}/clips/{clip}.mp4?")


async def test_without_a_public_address_the_answer_says_why(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio, open_loopback() as there, bot_before(studio, there):
        there.file_limit = TOO_LITTLE
        clip = await made(studio, there)
        await there.until(lambda: [m for m in there.messages.values() if f"/show {clip}" in _words(m)])
        token = await there.command("result")
        await there.until(lambda: token in there.answered)
        assert "however small it is made" in json.dumps(there.answers[token])


async def test_a_link_speaks_the_members_language(tmp_path: Path) -> None:
    async with (
        open_studio(tmp_path, api={"public_url": PUBLIC}) as studio,
        open_loopback() as there,
        bot_before(studio, there),
    ):
        token = await there.command("settings", language="ja")
        await there.until(lambda: token in there.answered)
        there.file_limit = TOO_LITTLE
        await made(studio, there)
        (message,) = await there.until(lambda: [m for m in there.messages.values() if "clips/" in json.dumps(m)])
        assert link_in(message)[0] == "クリップを見る"


def _words(message: dict[str, Any]) -> str:
    return json.dumps(message["components"]).replace("\\\\_", "_").replace("\\", "")
