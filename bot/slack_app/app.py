"""The factory of a bolt app that is ours alone, how it is served, and our place in an app that is someone else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SlackMode, SlackSettings
from bot.slack_app.clients import Clients
from bot.slack_app.face import SlackFace
from bot.slack_app.installs import installs, listen_to_removals
from inference.process import CannotStart, listening
from inference.protocols import Doors
from storage.conversations import SqlConversations
from storage.database import keep_database

SHUTDOWN_SECONDS = 2.0
EVENTS_PATH = "/slack/events"

_log = structlog.get_logger(__name__)


class ThreadreelApp(AsyncApp):
    """An app that is ours alone."""

    face: SlackFace
    #: After which a socket that does not open is tried at another address.
    address_seconds = 20.0


def create_app(settings: Settings, service: Doors, *, conversations: SqlConversations | None = None) -> ThreadreelApp:
    """A bolt app with everything on it; `serving` runs it, or bolt's own handlers and servers do.

    `service` is the service itself or an `inference.client`, open for as long as the app is served.
    `conversations` are opened from the settings where none are handed in.
    """
    slack = settings.slack
    check(slack)
    conversations = conversations or _conversations(settings)
    base = AsyncWebClient(token=_secret(slack.bot_token), base_url=slack.api_url or AsyncWebClient.BASE_URL)
    several = installs(slack, conversations, base) if slack.is_shared else None
    app = ThreadreelApp(
        name="threadreel",
        client=base,
        signing_secret=_secret(slack.signing_secret) or "",
        authorize=several.authorize if several else None,  # type: ignore[arg-type]  # it takes its own kind too
        oauth_settings=several.flow if several else None,
    )
    clients = Clients(base, several.authorize if several else None)
    app.face = SlackFace(app, clients, service, conversations, slack, is_guest=False)
    app.face.listen()
    if several is not None:
        listen_to_removals(app, several.store)
    return app


def check(settings: SlackSettings) -> None:
    """Raises CannotStart where a secret is missing that this way of being reached needs."""
    needed = {"app_token": settings.app_token} if settings.mode == SlackMode.SOCKET else {}
    if settings.mode == SlackMode.HTTP or settings.is_shared:
        # Without it anybody could send us what Slack never said.
        needed["signing_secret"] = settings.signing_secret
    missing = [name for name, secret in needed.items() if secret is None]
    if missing:
        names = ", ".join(f"THREADREEL_SLACK__{name.upper()}" for name in missing)
        raise CannotStart(f"Slack in {settings.mode} mode needs {names}: docs/slack.md.")


def register(
    app: AsyncApp, settings: Settings, service: Doors, *, conversations: SqlConversations | None = None
) -> SlackFace:
    """Adds all of ours to someone else's app. They run it as they do, inside of `async with face.delivering():`.

    Where their app is installed in several workspaces, it is their store that knows the tokens.
    """
    conversations = conversations or _conversations(settings)
    authorize = None if app.oauth_flow is None else app.oauth_flow.settings.authorize
    clients = Clients(app.client, authorize if isinstance(authorize, AsyncInstallationStoreAuthorize) else None)
    face = SlackFace(app, clients, service, conversations, settings.slack, is_guest=True)
    face.listen()
    return face


@asynccontextmanager
async def serving(app: ThreadreelApp, settings: SlackSettings) -> AsyncIterator[str]:
    """Hear and deliver while the block runs; the address where HTTP is heard, empty where none is needed."""
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(total=app.client.timeout)
        app.client.session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        await stack.enter_async_context(app.face.delivering())
        address = ""
        if settings.mode == SlackMode.HTTP or settings.is_shared:
            web = app.web_app(EVENTS_PATH)
            address = await stack.enter_async_context(listening(web, settings.host, settings.port, SHUTDOWN_SECONDS))
            _log.info("slack is heard", url=f"{address}{EVENTS_PATH}")
        if settings.mode == SlackMode.HTTP:
            yield address
            return
        handler = AsyncSocketModeHandler(app, _secret(settings.app_token))
        stack.push_async_callback(handler.close_async)
        renewing = asyncio.create_task(_renew_address(handler.client, app.address_seconds))
        stack.callback(renewing.cancel)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        _log.info("slack is heard", by="socket")
        yield address


async def _renew_address(client: SocketModeClient, pause: float) -> None:
    """slack-sdk tries an address that once failed again and again, and Slack's live half a minute."""
    while True:
        await asyncio.sleep(pause)
        if not await client.is_connected():
            client.wss_uri = None  # it asks for another one


def _conversations(settings: Settings) -> SqlConversations:
    return SqlConversations(keep_database(settings.resolved_database_url, power_safe=False))


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
