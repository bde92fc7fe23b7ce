"""How soon Discord is answered, how often its messages are edited, and what the bot weighs, while a worker renders.

Everything as it runs: a service with one worker and the shipped model, the bot in a process of its own, and before it a
Discord on loopback that asks 50 commands a second. Budgets: acknowledged within 250 ms at p99, 150 MB, no torch.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.support.loopback import Loopback, open_loopback
from tests.support.processes import running

COMMANDS, PER_SECOND = 200, 50
PATIENCE = 900.0
"""Seconds for the slowest step on a busy machine."""


async def measure(folder: Path) -> None:
    async with open_loopback() as there, running("inference", "serve", "--data-dir", folder, "--port", "0") as service:
        announced = folder / "server.json"
        await there.until(lambda: announced.exists() or service.returncode is not None, patience=PATIENCE)
        environment = {
            "THREADREEL_DISCORD__TOKEN": "a.b.c",
            "THREADREEL_DISCORD__API_URL": f"{there.url}/api/v10",
            "THREADREEL_DISCORD__GATEWAY_URL": there.url.replace("http", "ws") + "/gateway",
            "THREADREEL_SERVICE__URL": json.loads(announced.read_text())["url"],
        }
        async with running("bot", "--data-dir", folder, "--page-port", "0", **environment) as bot:
            await there.until(lambda: there.identified, patience=PATIENCE)
            await _measure_rendering(there, psutil.Process(bot.pid))


async def _measure_rendering(there: Loopback, bot: psutil.Process) -> None:
    """The first clip loads the model, the second is rendered meanwhile."""
    await _clip(there, "a red ball rising over the sea")
    edited = len(_edits(there))
    began = time.monotonic()
    rendering = asyncio.create_task(_clip(there, "a blue kite over the hills"))
    await there.until(lambda: len(_edits(there)) > edited or rendering.done(), patience=PATIENCE)
    before = sum(bot.cpu_times()[:2])
    acknowledged, answered = await _load(there)
    spent = sum(bot.cpu_times()[:2]) - before
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"commands {COMMANDS} at {PER_SECOND}/s, the worker rendered all the while: {not rendering.done()}")
    print(f"acknowledged  p50 {_ms(acknowledged, 50)} ms  p99 {_ms(acknowledged, 99)} ms")
    print(f"answered      p50 {_ms(answered, 50)} ms  p99 {_ms(answered, 99)} ms")
    print(f"the bot's CPU for a command: {1000 * spent / COMMANDS:.1f} ms")
    await rendering
    seconds, edits = time.monotonic() - began, len(_edits(there)) - edited
    print(f"edits of the job's message: {edits} in {seconds:.0f} s, {60 * edits / seconds:.1f} a minute")
    has_torch = any("/torch/" in region.path for region in bot.memory_maps())
    print(f"bot: {bot.memory_info().rss / 1e6:.0f} MB, torch loaded: {has_torch}")


async def _clip(there: Loopback, prompt: str) -> None:
    done = len(there.with_clip())
    await there.command("generate", prompt=prompt, seconds=5.0)
    await there.until(lambda: len(there.with_clip()) > done, patience=PATIENCE)


def _edits(there: Loopback) -> list[str]:
    return [path for method, path in there.asked if method == "PATCH" and path.startswith("/channels/")]


async def _load(there: Loopback) -> tuple[list[float], list[float]]:
    """Seconds from each command to its acknowledgement and to its words."""
    sent: dict[str, float] = {}
    begun = time.monotonic()
    for number in range(COMMANDS):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        started = time.monotonic()
        sent[await there.command("queue")] = started
    await there.until(lambda: sent.keys() <= there.answered.keys(), patience=PATIENCE)
    return (
        [there.acknowledged[token] - at for token, at in sent.items()],
        [there.answered[token] - at for token, at in sent.items()],
    )


def _ms(seconds: list[float], percent: int) -> int:
    return round(1000 * statistics.quantiles(seconds, n=100)[percent - 1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
