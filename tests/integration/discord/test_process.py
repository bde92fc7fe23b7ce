"""The bot's own process, before Discord on loopback: what it weighs, how it ends, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from inference.protocols import Claim
from tests.support.api import Served, serve
from tests.support.loopback import Loopback, open_loopback
from tests.support.loopback_world import Payload
from tests.support.studio import open_studio

HEAVY = ("torch", "diffusers", "transformers", "numpy", "libav")
BUDGET = 150 * 1024 * 1024
STARTS = 60.0
"""Seconds that a process may take to begin on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A service, a Discord, and bots that come and go between them."""

    folder: Path
    served: Served
    there: Loopback

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Process]:
        """The process, connected. What it wrote may hold no traceback, unless it was killed."""
        environment = os.environ | {
            "THREADREEL_DISCORD__TOKEN": "a.b.c",
            "THREADREEL_DISCORD__API_URL": f"{self.there.url}/api/v10",
            "THREADREEL_DISCORD__GATEWAY_URL": self.there.url.replace("http", "ws") + "/gateway",
            "THREADREEL_SERVICE__URL": self.served.url,
            "THREADREEL_SERVICE__KEY": self.served.keys.bot,
        }
        command = [sys.executable, "-m", "bot", "--data-dir", str(self.folder), "--page-port", "0"]
        before = self.there.identified
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=PIPE)
        try:
            await self.there.until(lambda: self.there.identified > before, patience=STARTS)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            _, errors = await process.communicate()
        assert b"Traceback" not in errors, errors.decode()

    async def claimed(self) -> Claim:
        async with asyncio.timeout(STARTS):
            while not (await self.served.studio.jobs.counts()).get("queued"):
                await asyncio.sleep(0.02)
        return await self.served.studio.claim()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_studio(tmp_path / "service") as studio, serve(studio) as served, open_loopback() as there:
        yield House(folder=tmp_path / "bot", served=served, there=there)


async def test_the_process_is_light_serves_discord_and_ends_at_sigterm(house: House) -> None:
    there = house.there
    async with house.bot() as process:
        token = await there.command("generate", prompt="a red ball")
        await there.until(lambda: "this month" in str(there.answers.get(token, {}).get("content")))
        await there.until(lambda: there.messages)
        loaded = psutil.Process(process.pid)
        mapped = {region.path for region in loaded.memory_maps()}
        assert not [path for path in mapped if any(f"/{name}" in path for name in HEAVY)]
        assert loaded.memory_info().rss < BUDGET
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_killed_before_it_hears_that_discord_took_the_clip_it_posts_once(house: House, method: str) -> None:
    """kill -9 while Discord has the message, or the clip in it, and its answer is still on the way."""
    there = house.there
    async with house.bot() as process:

        def kill(asked: str, message: Payload) -> None:
            if asked == method and (asked == "POST" or message["attachments"]):
                process.kill()

        there.took = kill
        await there.command("generate", prompt="a red ball")
        claim = await house.claimed()
        if method == "PATCH":
            await house.served.studio.succeed(claim)
        async with asyncio.timeout(STARTS):
            assert await process.wait() == -signal.SIGKILL
    there.took = None
    async with house.bot():
        if method == "POST":
            await house.served.studio.succeed(claim)
        async with asyncio.timeout(STARTS):
            while await house.served.studio.jobs.events(None):
                await asyncio.sleep(0.05)
    (message,) = there.messages.values()
    assert [file["filename"] for file in message["attachments"]] == [f"{claim.job.id}.mp4"]
