"""What Slack says about the tokens: whose they are, what they may, and what to click where something is missing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackMode, SlackSettings
from bot.slack_app.faults import TROUBLE, Fault, code_of, fault_of
from bot.slack_app.installs import OPTIONAL, SCOPES

SECONDS = 15.0
APPS = "https://api.slack.com/apps"
CLICKS = {
    "bot_token": f"{APPS}: your app, OAuth & Permissions, Install to Workspace; copy the Bot User OAuth Token.",
    "app_token": f"{APPS}: your app, Basic Information, App-Level Tokens, Generate, with the scope connections:write.",
    "signing_secret": f"{APPS}: your app, Basic Information, App Credentials, Signing Secret.",
    "scopes": f"{APPS}: your app, App Manifest: paste deploy/slack/manifest.yaml again, save, and reinstall the app.",
    "events": f"{APPS}: your app, Event Subscriptions: is it on, with the events of deploy/slack/manifest.yaml?",
    "socket": f"{APPS}: your app, Socket Mode: switch it on.",
}

AWAY = "Slack could not be asked. Does this machine reach it? Try again later; a running bot tries by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that was looked at."""

    name: str
    says: str
    #: What to click; empty where nothing is to be done.
    mend: str = ""
    #: Whether the bot works without it.
    is_optional: bool = False


def examine(settings: SlackSettings) -> tuple[Diagnosis, ...]:
    """Ask Slack. Opens no socket, so that nothing is taken from a bot that runs."""
    return asyncio.run(look(settings))


async def look(settings: SlackSettings) -> tuple[Diagnosis, ...]:
    found = [*_secrets(settings)]
    if settings.bot_token is not None:
        found += await _bot(settings, settings.bot_token.get_secret_value())
    if settings.mode == SlackMode.SOCKET and settings.app_token is not None:
        found.append(await _socket(settings, settings.app_token.get_secret_value()))
    found.append(_events(settings))
    return tuple(found)


def _secrets(settings: SlackSettings) -> list[Diagnosis]:
    """What is not set and is needed."""
    needed = {"bot_token": settings.bot_token} if not settings.is_shared else {}
    if settings.mode == SlackMode.SOCKET:
        needed["app_token"] = settings.app_token
    if settings.mode == SlackMode.HTTP or settings.is_shared:
        needed["signing_secret"] = settings.signing_secret
    missing = [name for name, secret in needed.items() if secret is None]
    return [
        Diagnosis(name="Slack", says=f"THREADREEL_SLACK__{name.upper()} is not set", mend=CLICKS[name])
        for name in missing
    ]


async def _bot(settings: SlackSettings, token: str) -> list[Diagnosis]:
    """Whose token it is, and what it may: Slack says so in a header of every answer."""
    try:
        async with asyncio.timeout(SECONDS):
            answer = await _client(settings, token).auth_test()
    except TROUBLE as error:
        return [Diagnosis(name="Slack", says=_trouble(error), mend=_mend(error, "bot_token"))]
    granted = {scope.strip() for scope in str(_header(answer.headers, "x-oauth-scopes")).split(",")}
    whose = Diagnosis(name="Slack", says=f"{answer.get('user')}, in {answer.get('team')}")
    missing = [scope for scope in SCOPES if scope not in granted]
    if not missing:
        return [whose, Diagnosis(name="Slack scopes", says="all are granted")]
    is_optional = set(missing) <= OPTIONAL
    says = f"missing: {', '.join(missing)}"
    return [whose, Diagnosis(name="Slack scopes", says=says, mend=CLICKS["scopes"], is_optional=is_optional)]


async def _socket(settings: SlackSettings, token: str) -> Diagnosis:
    """Asking for an address of a socket opens none."""
    try:
        async with asyncio.timeout(SECONDS):
            await _client(settings, None).apps_connections_open(app_token=token)
    except TROUBLE as error:
        mend = _mend(error, "socket" if code_of(error) == "not_allowed" else "app_token")
        return Diagnosis(name="Slack socket", says=_trouble(error), mend=mend)
    return Diagnosis(name="Slack socket", says="Socket Mode is on, and the app token opens it")


def _events(settings: SlackSettings) -> Diagnosis:
    """Slack tells nobody what an app is subscribed to, except those who configure it."""
    where = "the socket" if settings.mode == SlackMode.SOCKET else f"{settings.host}:{settings.port}/slack/events"
    says = f"arrive by {where}; Slack does not say which are subscribed"
    return Diagnosis(name="Slack events", says=says, mend=CLICKS["events"], is_optional=True)


def _client(settings: SlackSettings, token: str | None) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=settings.api_url or AsyncWebClient.BASE_URL)


def _header(headers: object, name: str) -> str:
    items = dict(headers.items()) if hasattr(headers, "items") else {}
    return str({str(key).lower(): value for key, value in items.items()}.get(name, ""))


def _mend(error: BaseException, click: str) -> str:
    """Nothing is to be clicked where Slack could not be asked."""
    return AWAY if fault_of(error) == Fault.BUSY else CLICKS[click]


def _trouble(error: BaseException) -> str:
    return code_of(error) or str(error) or type(error).__name__
