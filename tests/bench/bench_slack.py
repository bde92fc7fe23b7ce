"""How soon Slack is answered, how often its messages are changed, and what the bot weighs, while a worker renders.

Everything as it runs: a service with one worker and the shipped model, the bot in a process of its own, and before it a
Slack on loopback that asks 50 commands a second, by Socket Mode and then by HTTP. Budgets: acknowledged within 250 ms at p99, 150 MB, no torch.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import tempfile
import time
from asyncio.subprocess import Process
from pathlib import Path

import psutil

from tests.support.processes import running
from tests.support.slack import Server, open_server
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, APP_TOKEN, BOT_TOKEN, SECRET

COMMANDS, PER_SECOND = 200, 50
PATIENCE = 900.0
"""Seconds for the slowest step on a busy machine."""


async def measure(folder: Path) -> None:
    """Socket Mode, then HTTP mode, before the same service."""
    async with running("inference", "serve", "--data-dir", folder, "--port", "0") as service:
        announced = folder / "server.json"
        async with asyncio.timeout(PATIENCE):
            while not announced.exists() and service.returncode is None:
                await asyncio.sleep(0.1)
        for mode in ("socket", "http"):
            print(f"--- {mode} mode")
            async with open_server() as there:
                await _measure_mode(there, folder, mode, json.loads(announced.read_text())["url"])


async def _measure_mode(there: Server, folder: Path, mode: str, service: str) -> None:
    port = _free_port()
    environment = {
        "THREADREEL_SLACK__MODE": mode,
        "THREADREEL_SLACK__PORT": str(port),
        "THREADREEL_SLACK__BOT_TOKEN": BOT_TOKEN,
        "THREADREEL_SLACK__APP_TOKEN": APP_TOKEN,
        "THREADREEL_SLACK__SIGNING_SECRET": SECRET,
        "THREADREEL_SLACK__API_URL": f"{there.url}/api/",
        "THREADREEL_SERVICE__URL": service,
        "THREADREEL_SERVICE__KEY": (folder / "bot_key").read_text().strip(),
    }
    # A memory of its own: what the one before heard would not be done again.
    async with running("bot", "--data-dir", folder / mode, "--page-port", "0", **environment) as bot:
        if mode == "http":
            await _until_heard(port)
            there.events_url = f"http://127.0.0.1:{port}/slack/events"
        else:
            await there.until(lambda: there.connections, patience=PATIENCE)
        await _measure_rendering(there, Member(there, ANN))
        _weigh(bot)


async def _until_heard(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _measure_rendering(there: Server, ann: Member) -> None:
    """The first clip loads the model, the second is rendered meanwhile."""
    await _clip(there, ann, "a red ball rising over the sea")
    changes, began = len(there.world.made("chat.update")), time.monotonic()
    rendering = asyncio.create_task(_clip(there, ann, "a blue kite over the hills"))
    await there.until(lambda: len(there.world.made("chat.update")) > changes or rendering.done(), patience=PATIENCE)
    there.acknowledged.clear()
    seconds = await _load(there, ann)
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"commands {COMMANDS} at {PER_SECOND}/s, the worker rendered all the while: {not rendering.done()}")
    acknowledged = list(there.acknowledged.values())
    figures = "  ".join(f"p{percent} {_ms(acknowledged, percent)} ms" for percent in (50, 95, 99))
    print(f"acknowledged  {figures}")
    print(f"all answered after {seconds:.1f} s, shown as operation_timeout: {len(there.world.timeouts)}")
    await rendering
    lasted, changed = time.monotonic() - began, len(there.world.made("chat.update")) - changes
    print(f"changes of the job's message: {changed} in {lasted:.0f} s, {60 * changed / lasted:.1f} a minute")
    print(f"looks at the jobs: {sum(file['name'].startswith('preview-') for file in there.world.files.values())}")


async def _clip(there: Server, ann: Member, prompt: str) -> None:
    done = len(_files(there))
    await ann.command("/generate", f"{prompt} --seconds 5")
    await there.until(lambda: len(_files(there)) > done, patience=PATIENCE)


def _files(there: Server) -> list[str]:
    return [file["id"] for file in there.world.files.values() if file["shares"] and not file.get("deleted")]


def _weigh(bot: Process) -> None:
    process = psutil.Process(bot.pid)
    has_torch = any("/torch/" in region.path for region in process.memory_maps())
    print(f"bot: {process.memory_info().rss / 1e6:.0f} MB, torch loaded: {has_torch}")


async def _load(there: Server, ann: Member) -> float:
    """Send all, and wait for all answers; the seconds from the first to the last."""
    before, begun = len(there.world.ephemerals), time.monotonic()
    async with asyncio.TaskGroup() as sending:
        for number in range(COMMANDS):
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
            sending.create_task(ann.command("/threadreel", "queue"))
    await there.until(lambda: len(there.world.ephemerals) >= before + COMMANDS, patience=PATIENCE)
    return time.monotonic() - begun


def _ms(seconds: list[float], percent: int) -> int:
    return round(1000 * statistics.quantiles(seconds, n=100)[percent - 1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
