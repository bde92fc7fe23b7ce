"""How long a command waits for its acknowledgement while every core renders, and how much memory the bot takes.

The real thing: `threadreel up` with a worker per core and the built-in model, commands posted to the playground's page at a
fixed rate from outside. A command is acknowledged when the page's POST answers: parsed, admitted, charged and committed
to the database with synchronous=FULL. Limits are lifted by a tiers file, as an operator would.
Budget: p99 at most 250 ms (the platforms' own limit is 3 s).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil

MEMBERS = ("free", "plus", "pro")
OPEN_TIERS = "".join(
    f"[{tier}]\nclips_per_month = 1000000\nmax_seconds = 20\nmax_resolution = 1080\nwatermark = false\n"
    f'operations = ["generate", "again", "remix"]\nmax_jobs = 1000000\nweight = 1\n'
    for tier in MEMBERS
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _deployment(folder: Path, workers: int, page_port: int) -> Iterator[psutil.Process]:
    tiers = folder / "tiers.toml"
    tiers.write_text(OPEN_TIERS)
    env = os.environ | {
        "THREADREEL_DATA_DIR": str(folder / "data"),
        "THREADREEL_TIERS_FILE": str(tiers),
        "THREADREEL_WORKER__COUNT": str(workers),
    }
    command = ["threadreel", "up", "--api-port", str(_free_port()), "--page-port", str(page_port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *command[1:]], env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


async def _until_ready(session: aiohttp.ClientSession) -> None:
    for _ in range(300):
        try:
            async with session.get("/api/account", headers={"X-Playground-Member": "pro"}) as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise SystemExit("the deployment did not start")


async def _say(session: aiohttp.ClientSession, number: int) -> float:
    """Seconds until the command was acknowledged."""
    form = {
        "channel": "reels",
        "nonce": str(uuid.uuid4()),
        "text": f"/generate a red ball rising over the sea --seconds 2 --seed {number}",
    }
    start = time.perf_counter()
    headers = {"X-Playground-Member": MEMBERS[number % len(MEMBERS)]}
    async with session.post("/api/messages", data=form, headers=headers) as answer:
        if answer.status != 202:
            raise SystemExit(f"refused: {answer.status} {await answer.text()}")
    return time.perf_counter() - start


def _bot_memory(up: psutil.Process) -> float:
    """MB of the bot process, the only child that runs `-m bot`."""
    (bot,) = [child for child in up.children() if child.cmdline()[1:3] == ["-m", "bot"]]
    return float(bot.memory_info().rss) / 1e6


async def _measure(folder: Path, rate: float, seconds: float, workers: int) -> None:
    port = _free_port()
    with _deployment(folder, workers, port) as up:
        async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as session:
            await _until_ready(session)
            await asyncio.gather(*(_say(session, number) for number in range(2 * workers)))
            await asyncio.sleep(10)
            psutil.cpu_percent()
            running: list[asyncio.Task[float]] = []
            begin = time.perf_counter()
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
                running.append(asyncio.create_task(_say(session, number)))
            waits = sorted(await asyncio.gather(*running))
            busy = psutil.cpu_percent()
        quantiles = {q: waits[min(len(waits) - 1, int(len(waits) * q / 100))] * 1000 for q in (50, 95, 99, 100)}
        print(f"{len(waits)} commands at {rate:g}/s, {workers} workers rendering, cores {busy:.0f}% busy")
        print("acknowledged in ms: " + ", ".join(f"p{q} {wait:.0f}" for q, wait in quantiles.items()))
        print(f"bot process: {_bot_memory(up):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20, help="commands a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), asked.rate, asked.seconds, asked.workers))


if __name__ == "__main__":
    main()
