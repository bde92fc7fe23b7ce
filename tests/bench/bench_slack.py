"""How soon Slack is answered: 50 commands a second over a real socket, and what ten running jobs cost in changes.

Run it beside a worker that renders to see what a busy machine makes of it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from pydantic import SecretStr

from bot.settings import Settings, SlackSettings
from bot.slack_app import create_app, serving
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.api import serve
from tests.support.slack import Server, open_server
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, APP_TOKEN, BOT_TOKEN
from tests.support.studio import open_studio

COMMANDS, PER_SECOND = 200, 50


async def measure(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(open_studio(folder / "service"))
        served = await stack.enter_async_context(serve(studio))
        there = await stack.enter_async_context(open_server())
        url = f"sqlite+aiosqlite:///{folder / 'conversations.db'}"
        database = await stack.enter_async_context(open_database(url, power_safe=False))
        slack = SlackSettings(
            bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), api_url=f"{there.url}/api/"
        )
        settings = Settings(data_dir=folder / "bot", slack=slack)
        app = create_app(settings, served.studio.face, SqlConversations(database))
        await stack.enter_async_context(serving(app, slack))
        await there.until(lambda: there.connections)
        ann = Member(there, ANN)
        await ann.command("/threadreel", "queue")
        await ann.hears("Nothing of yours")
        there.acknowledged.clear()
        seconds = await _load(there, ann)
        print(f"commands {COMMANDS} at {PER_SECOND}/s, answered after {seconds:.1f} s")
        acknowledged = list(there.acknowledged.values())
        print(f"acknowledged  p50 {_ms(acknowledged, 50)} ms  p99 {_ms(acknowledged, 99)} ms")
        print(f"shown as operation_timeout: {len(there.world.timeouts)}")
        print(
            f"memory of this process, service and tests included: {psutil.Process().memory_info().rss / 2**20:.0f} MiB"
        )


async def _load(there: Server, ann: Member) -> float:
    """Send all, and wait for all answers; the seconds from the first to the last."""
    before = len(there.world.ephemerals)
    begun = time.monotonic()
    async with asyncio.TaskGroup() as sending:
        for number in range(COMMANDS):
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
            sending.create_task(ann.command("/threadreel", "queue"))
    await there.until(lambda: len(there.world.ephemerals) >= before + COMMANDS, patience=120)
    return time.monotonic() - begun


def _ms(seconds: list[float], percent: int) -> int:
    return round(1000 * statistics.quantiles(seconds, n=100)[percent - 1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
