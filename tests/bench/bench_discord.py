"""How soon Discord is answered: 50 commands a second over real sockets.

Run it beside a worker that renders to see what a busy machine makes of it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from bot.discord_app import create_bot
from bot.settings import DiscordSettings, Settings
from tests.support.api import serve
from tests.support.loopback import Loopback, open_loopback
from tests.support.studio import open_studio

COMMANDS, PER_SECOND = 200, 50


async def measure(folder: Path) -> None:
    async with open_studio(folder / "service") as studio, serve(studio) as served, open_loopback() as there:
        discord = DiscordSettings(
            api_url=f"{there.url}/api/v10", gateway_url=f"{there.url.replace('http', 'ws')}/gateway"
        )
        bot = create_bot(Settings(data_dir=folder / "bot", discord=discord), served.studio.face)
        running = asyncio.create_task(bot.start("a.b.c"))
        await there.until(bot.is_ready)
        acknowledged, answered = await _load(there)
        print(f"commands {COMMANDS} at {PER_SECOND}/s")
        print(f"acknowledged  p50 {_ms(acknowledged, 50)} ms  p99 {_ms(acknowledged, 99)} ms")
        print(f"answered      p50 {_ms(answered, 50)} ms  p99 {_ms(answered, 99)} ms")
        print(
            f"memory of this process, service and tests included: {psutil.Process().memory_info().rss / 2**20:.0f} MiB"
        )
        await bot.stop()
        await asyncio.gather(running, return_exceptions=True)


async def _load(there: Loopback) -> tuple[list[float], list[float]]:
    """Seconds from each command to its acknowledgement and to its words."""
    sent: dict[str, float] = {}
    begun = time.monotonic()
    for number in range(COMMANDS):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        started = time.monotonic()
        sent[await there.command("queue")] = started
    await there.until(lambda: len(there.answered) >= COMMANDS, patience=60)
    return (
        [there.acknowledged[token] - at for token, at in sent.items()],
        [there.answered[token] - at for token, at in sent.items()],
    )


def _ms(seconds: list[float], percent: int) -> int:
    return round(1000 * statistics.quantiles(seconds, n=100)[percent - 1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
