"""The bot's own process, before a Slack on loopback: what it weighs, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import psutil

from tests.integration.slack.conftest import BALL, Stage
from tests.support.api import serve
from tests.support.slack_state import APP_TOKEN, BOT_TOKEN

HEAVY = ("torch", "diffusers", "transformers", "numpy", "libav", "discord")
BUDGET = 150 * 1024 * 1024


async def test_the_process_is_light_serves_slack_and_ends_at_sigterm(bare: Stage, tmp_path: Path) -> None:
    async with serve(bare.studio) as served:
        environment = os.environ | {
            "THREADREEL_SLACK__BOT_TOKEN": BOT_TOKEN,
            "THREADREEL_SLACK__APP_TOKEN": APP_TOKEN,
            "THREADREEL_SLACK__API_URL": f"{bare.server.url}/api/",
            "THREADREEL_SERVICE__URL": served.url,
            "THREADREEL_SERVICE__KEY": served.keys.bot,
        }
        command = [sys.executable, "-m", "bot", "--data-dir", str(tmp_path / "bot"), "--page-port", "0"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=PIPE)
        try:
            await bare.server.until(lambda: bare.server.connections, patience=60)
            clip, _ = await bare.made(await bare.member(), BALL)
            loaded = psutil.Process(process.pid)
            mapped = {region.path for region in loaded.memory_maps()}
            assert not [path for path in mapped if any(f"/{name}" in path for name in HEAVY)]
            assert loaded.memory_info().rss < BUDGET
            assert clip.author == "ann"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
            _, errors = await process.communicate()
        assert b"Traceback" not in errors, errors.decode()
