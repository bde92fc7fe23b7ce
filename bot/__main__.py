"""Composition root of the bot: `python -m bot` runs every face that is configured, and the deliveries."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import structlog

from bot.delivery import Delivery
from bot.playground.app import create_playground, open_chat
from bot.session import ChatCore
from bot.settings import Settings
from inference.client import Client
from inference.errors import ServiceUnavailable
from inference.lifeline import end_with_parent
from inference.logs import configure_logs
from inference.process import CannotStart, announced, listening, settings_of
from storage.conversations import SqlConversations
from storage.database import open_database

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between looks for a service that is not there yet."""
SHUTDOWN_SECONDS = 2.0
STOP_SECONDS = 10.0
"""How long a chat may take to finish what it took."""
EVENTS_KEPT = timedelta(days=7)
"""Platforms send an event again within the hour; a week leaves room for a bot that was off."""

_log = structlog.get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        configure_logs(process="bot")
        if options.tended:
            end_with_parent(sys.stdin.fileno())
        asyncio.run(_run(settings))
    except (CannotStart, ServiceUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="The chats, and the local chat page.")
    parser.add_argument("--data-dir", type=Path, help="database and keys (./data)")
    parser.add_argument("--page-host", help="where the page listens (127.0.0.1)")
    parser.add_argument("--page-port", type=int, help="the page's port (8080)")
    parser.add_argument("--tended", action="store_true", help=argparse.SUPPRESS)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    page = {"host": options.page_host, "port": options.page_port}
    given = {name: value for name, value in page.items() if value is not None}
    return settings_of(Settings, {"data_dir": options.data_dir, "page": given})


async def _run(settings: Settings) -> None:
    """Until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    service = asyncio.create_task(_service(settings))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((service, stopping), return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        service.cancel()
        return
    url, key = service.result()
    async with _faces(settings, url, key):
        await stop.wait()


async def _service(settings: Settings) -> tuple[str, str]:
    """The service's URL and our key, as soon as it answers. Raises CannotStart where it refuses the key that is set."""
    pause = FIRST_PAUSE
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            url, key = settings.service_url, settings.bot_key()
            answer = None if key is None else await _welcomes(session, url, key)
            if answer and key is not None:
                return url, key
            if answer is False:
                refused = f"The service at {url} refuses the bot's key: set service.key to its DATA_DIR/bot_key."
                if settings.service.key or settings.service.url:
                    raise CannotStart(refused)
                _log.error(refused)  # perhaps another one at this port, while ours still starts
            else:
                _log.info("waiting for the service", url=url, has_key=key is not None)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _welcomes(session: aiohttp.ClientSession, url: str, key: str) -> bool | None:
    """Whether the service takes this key; None where it does not answer."""
    try:
        async with session.get(f"{url}/healthz") as response:
            if response.status != 200:
                return None
        # For nobody in particular: the right key is refused too, but not as a wrong one.
        async with session.get(f"{url}/v1/videos", headers={"Authorization": f"Bearer {key}"}) as response:
            return response.status != 401
    except (aiohttp.ClientError, TimeoutError):
        return None


@asynccontextmanager
async def _faces(settings: Settings, url: str, key: str) -> AsyncIterator[None]:
    """Everything that speaks with members, while the block runs."""
    async with AsyncExitStack() as stack:
        # What a power cut may take from it is found again: jobs are the service's, and messages are looked for. What is
        # not replayed any more, the told ends of jobs, waits for the disk all the same.
        database = await stack.enter_async_context(open_database(settings.resolved_database_url, power_safe=False))
        client = await stack.enter_async_context(Client(url, key))
        conversations = SqlConversations(database)
        await conversations.forget_events(EVENTS_KEPT)
        chat = await open_chat(conversations)
        delivery = Delivery(service=client, conversations=conversations, platforms=(chat,))
        core = ChatCore(client, client, conversations)
        page = create_playground(
            chat=chat,
            core=core,
            service=client,
            library=client,
            allowed_hosts=settings.page.allowed_hosts,
        )
        await stack.enter_async_context(_discord(settings, client, conversations))
        await stack.enter_async_context(_slack(settings, client, conversations))
        address = await stack.enter_async_context(
            listening(page, settings.page.host, settings.page.port, SHUTDOWN_SECONDS)
        )
        stack.enter_context(announced(settings.page_file, address))
        delivering = asyncio.create_task(delivery.run(), name="delivery")
        _log.info("ready", page=address, service=url)
        try:
            yield
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)


@asynccontextmanager
async def _discord(settings: Settings, service: Client, conversations: SqlConversations) -> AsyncIterator[None]:
    """The Discord face, where a token is set; what ends it is logged and ends nothing else."""
    if settings.discord.token is None:
        yield
        return
    from bot.discord_app import Online, create_bot  # noqa: PLC0415  # only who has a token pays for discord.py's memory

    token = settings.discord.token.get_secret_value()
    face = Online(lambda: create_bot(settings, service, conversations=conversations), token)
    running = asyncio.create_task(face.run(), name="discord")
    running.add_done_callback(_say_why)
    try:
        yield
    finally:
        await face.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def _slack(settings: Settings, service: Client, conversations: SqlConversations) -> AsyncIterator[None]:
    """The Slack face, where a token is set; what ends it is logged and ends nothing else."""
    if not settings.slack.is_set:
        yield
        return
    from bot.slack_app import create_app, serving  # noqa: PLC0415  # only who has a token pays for the SDK's memory

    stop = asyncio.Event()

    async def face() -> None:
        async with serving(create_app(settings, service, conversations=conversations), settings.slack):
            await stop.wait()

    running = asyncio.create_task(face(), name="slack")
    running.add_done_callback(_say_why)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait((running,), timeout=STOP_SECONDS)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _say_why(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error(
            "a chat is not served", chat=task.get_name(), reason=str(error) or type(error).__name__, exc_info=error
        )


if __name__ == "__main__":
    sys.exit(main())
