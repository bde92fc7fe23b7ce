"""`threadreel up`: the service and the bot as child processes, started, watched and stopped together."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import structlog
from rich.console import Console

from bot.cli.outcome import CommandFailed, err
from bot.settings import Settings
from inference.process import end, pause

STOP_SECONDS = 12.0
"""What a child gets to end by itself; the service lets its worker give a job back within half of it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0
"""A child that lived this long starts again without a pause."""
LOOK_SECONDS = 0.2

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Child:
    """One process, started again whenever it ends by itself."""

    name: str
    command: Sequence[str]
    #: Written by the process when it can be used: its URL and its own id.
    announcement: Path
    process: asyncio.subprocess.Process | None = None
    was_ready: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises CommandFailed where the very first run never gets ready."""
        wait = FIRST_PAUSE
        while not stop.is_set():
            started = time.monotonic()
            code = await self._once(stop)
            if stop.is_set():
                return
            if not self.was_ready:
                raise CommandFailed(f"The {self.name} could not start (exit {code}).")
            wait = FIRST_PAUSE if time.monotonic() - started > STEADY_SECONDS else min(wait * 2, LONGEST_PAUSE)
            _log.warning("child ended", child=self.name, exit=code, again_in=wait)
            await pause(stop, wait)

    async def url(self) -> str | None:
        """Where this very process listens, as soon as it answers."""
        try:
            said = json.loads(self.announcement.read_text())
        except (OSError, ValueError):
            return None
        if self.process is None or said["pid"] != self.process.pid or not await _answers(said["url"]):
            return None
        self.was_ready = True
        return str(said["url"])

    async def _once(self, stop: asyncio.Event) -> int:
        # Its own session: a terminal's Ctrl-C is for us alone. The pipe is its lifeline, should we die without a word.
        process = await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.PIPE, start_new_session=True
        )
        self.process = process
        ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await asyncio.shield(end(process, STOP_SECONDS))
        return await ended


async def up(settings: Settings, api_port: int | None, page_port: int | None) -> None:
    """Run everything until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    children = _children(settings, api_port, page_port)
    runs = [asyncio.create_task(child.run(stop), name=child.name) for child in children]
    greeting = asyncio.create_task(_greet(*children, stop))
    try:
        await asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            err.print("Stopping; a clip that is being made goes back to the queue …")
    finally:
        stop.set()
        results = await asyncio.gather(*runs, greeting, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _children(settings: Settings, api_port: int | None, page_port: int | None) -> tuple[Child, Child]:
    folder = ["--data-dir", str(settings.data_dir), "--tended"]
    api = ["--port", str(api_port)] if api_port is not None else []
    page = ["--page-port", str(page_port)] if page_port is not None else []
    return (
        Child(
            name="service",
            command=[sys.executable, "-m", "inference", "serve", *folder, *api],
            announcement=settings.server_file,
        ),
        Child(
            name="bot",
            command=[sys.executable, "-m", "bot", *folder, *page],
            announcement=settings.page_file,
        ),
    )


async def _greet(service: Child, bot: Child, stop: asyncio.Event) -> None:
    """Say once where everything is."""
    api = page = None
    while not stop.is_set() and (api is None or page is None):
        api, page = await service.url(), await bot.url()
        await pause(stop, LOOK_SECONDS)
    if api is not None and page is not None:
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"\n  [bold]Playground[/]  {page}\n  [bold]API[/]         {api}/v1\n")
        console.print("  Write [bold]/generate a red ball rising over the sea[/], then reply in its thread.\n")


async def _answers(url: str) -> bool:
    try:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{url}/healthz") as response:
            return response.status < 500  # the page has no such path, and answers
    except (aiohttp.ClientError, TimeoutError):
        return False
