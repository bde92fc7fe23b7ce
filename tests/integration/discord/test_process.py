"""The bot's own process, before Discord on loopback: what it weighs, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import psutil

from tests.support.api import serve
from tests.support.loopback import open_loopback
from tests.support.studio import open_studio

HEAVY = ("torch", "diffusers", "transformers", "numpy", "libav")
BUDGET = 150 * 1024 * 1024


async def test_the_process_is_light_serves_discord_and_ends_at_sigterm(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "service") as studio, serve(studio) as served, open_loopback() as there:
        environment = os.environ | {
            "THREADREEL_DISCORD__TOKEN": "a.b.c",
            "THREADREEL_DISCORD__API_URL": f"{there.url}/api/v10",
            "THREADREEL_DISCORD__GATEWAY_URL": there.url.replace("http", "ws") + "/gateway",
            "THREADREEL_SERVICE__URL": served.url,
            "THREADREEL_SERVICE__KEY": served.keys.bot,
        }
        command = [sys.executable, "-m", "bot", "--data-dir", str(tmp_path / "bot"), "--page-port", "0"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=PIPE)
        try:
            await there.until(lambda: there.identified, patience=60)
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
        finally:
            if process.returncode is None:
                process.kill()
            _, errors = await process.communicate()
        assert b"Traceback" not in errors, errors.decode()
