"""How our processes begin, are found while they run, and end."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from inference.wire import reachable

AnySettings = TypeVar("AnySettings", bound=BaseSettings)


class CannotStart(Exception):  # noqa: N818  # reads as a sentence
    """Something about this machine or its settings; the message is one clear sentence."""


def settings_of(kind: type[AnySettings], flags: Mapping[str, Any]) -> AnySettings:
    """Flags that were given over environment over file. Raises CannotStart naming the setting that is wrong."""
    try:
        return kind(**{name: value for name, value in flags.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise CannotStart(f"The setting {name} is wrong: {first['msg']}.") from error


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int, shutdown_seconds: float) -> AsyncIterator[str]:
    """Accept requests; the URL under which this machine reaches them. Raises CannotStart where the port is taken.

    At the end open requests get `shutdown_seconds`.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_seconds)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotStart(f"Cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error
        yield f"http://{reachable(host)}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def announced(file: Path, url: str) -> Iterator[None]:
    """While running, `file` tells others of this machine the URL, and whose it is."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    draft.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but no longer than until `stop`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def pause_for(seconds: float, *events: asyncio.Event) -> None:
    """Sleep, but no longer than until one of the events."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def end(process: Process, seconds: float) -> None:
    """Ask a child to end, and after `seconds` make it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
