"""The service for one command: the one that runs on this data dir, else one started for the time needed."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.cli.outcome import CommandFailed, CommandRefused
from bot.settings import Settings
from inference.client import Client
from inference.errors import ServiceUnavailable, Unauthorized
from inference.process import end
from inference.types import Identity, Place, Requester

ME = Requester(identity=Identity("cli:local"), display_name="cli", place=Place(platform="cli"))
START_SECONDS = 120.0
STOP_SECONDS = 15.0
LOG_FILE = "serve.log"
NEEDED = ("torch", "diffusers", "av", "PIL", "prometheus_client")


@asynccontextmanager
async def studio(settings: Settings, *, workers: bool = False, founds: bool = False) -> AsyncIterator[Client]:
    """A client as `cli:local`. Raises CommandFailed where no service runs and none can be started.

    Where there is no installation yet, one comes into being only if the command `founds` it; else CommandRefused.
    """
    running = await _running(settings)
    if running is not None:
        async with Client(*running) as client:
            yield client
        return
    if settings.service.url:
        raise CommandFailed(f"The service at {settings.service.url} cannot be reached, or it refuses the key.")
    if not founds:
        require_installation(settings)
    async with _started(settings, workers=workers) as (url, key), Client(url, key) as client:
        yield client


def require_installation(settings: Settings) -> None:
    """Raises CommandRefused where nobody has begun one: a slip in a path is no wish for a new installation."""
    if not settings.is_installed:
        raise CommandRefused(
            f"There is no installation in {settings.data_dir}: it holds no database. Look at --data-dir and "
            "THREADREEL_DATA_DIR; threadreel up, or generate, begins a new one there."
        )


def require_inference() -> None:
    """Raises CommandFailed with the command that mends it."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CommandFailed(
            f"This needs the inference extra ({', '.join(missing)} missing): pip install 'threadreel[inference]', "
            "or in a checkout: make setup."
        )


def _operator_key(settings: Settings) -> str | None:
    return settings.service.key.get_secret_value() if settings.service.key else settings.operator_key()


async def _running(settings: Settings) -> tuple[str, str] | None:
    """URL and key of a service that answers us; a left-over `server.json` names one that does not."""
    url, key = settings.service.url or settings.announced_url, _operator_key(settings)
    if not url or not key:
        return None
    async with Client(url, key) as client:
        try:
            await client.account(ME)
        except (ServiceUnavailable, Unauthorized):
            return None
    return url, key


@asynccontextmanager
async def _started(settings: Settings, *, workers: bool) -> AsyncIterator[tuple[str, str]]:
    """A service of our own on a free port. It ends with us, however we end."""
    require_inference()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = settings.data_dir / LOG_FILE
    command = [sys.executable, "-m", "inference", "serve", "--port", "0", "--tended"]
    command += ["--data-dir", str(settings.data_dir)]
    command += [] if workers else ["--workers", "0"]
    with log.open("wb") as file:
        # A session of its own: Ctrl-C is for us, so that the job can be cancelled before the service goes.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield await _announced(settings, process, log)
    finally:
        await asyncio.shield(end(process, STOP_SECONDS))


async def _announced(settings: Settings, process: asyncio.subprocess.Process, log: Path) -> tuple[str, str]:
    """Wait for `server.json` of this very process."""
    for _ in range(int(START_SECONDS / 0.1)):
        if process.returncode is not None:
            raise CommandFailed(_last_words(log))
        if _announced_pid(settings.server_file) == process.pid and (running := await _running(settings)):
            return running
        await asyncio.sleep(0.1)
    raise CommandFailed(f"The service did not start within {START_SECONDS:.0f} s; see {log}.")


def _announced_pid(file: Path) -> int | None:
    try:
        return int(json.loads(file.read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def _last_words(log: Path) -> str:
    """The sentence with which the service ended."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "The service ended at once and said nothing."
