"""What Slack says about the tokens and the app: whose they are, what they may, and what to click where it lacks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings, SlackMode, SlackSettings
from bot.slack_app.faults import TROUBLE, Fault, code_of, fault_of
from bot.slack_app.hearing import BUTTONS, FORMS
from bot.slack_app.installs import OPTIONAL, SCOPES
from bot.slack_app.manifest import APPS, COMMANDS, EVENTS, LATE, SHORTCUTS, lacks
from bot.slack_app.places import PLATFORM
from inference.errors import ServiceUnavailable
from storage.conversations import SqlConversations
from storage.database import open_database
from storage.slack_tables import SLACK_BOTS

SECONDS = 15.0
CLICKS = {
    "bot_token": f"{APPS}: your app, OAuth & Permissions, Install to Workspace; copy the Bot User OAuth Token.",
    "app_token": f"{APPS}: your app, Basic Information, App-Level Tokens, Generate, with the scope connections:write.",
    "signing_secret": f"{APPS}: your app, Basic Information, App Credentials, Signing Secret.",
    "scopes": f"{APPS}: your app, App Manifest: paste deploy/slack/manifest.yaml again, save, and reinstall the app.",
    "socket": f"{APPS}: your app, Socket Mode: switch it on.",
    "config_token": f"{APPS}: Your App Configuration Tokens, Generate Token, your workspace; copy the Access Token "
    "(xoxe.xoxp-…, twelve hours) into THREADREEL_SLACK__CONFIG_TOKEN.",
    "app_id": f"{APPS}: your app, Basic Information, App ID; set it as THREADREEL_SLACK__APP_ID.",
    "install": "Open THREADREEL_SLACK__PUBLIC_URL/slack/install in a browser, and allow it.",
}
"""What to click."""
WATCHED = (*(event for event in EVENTS if event not in LATE), *COMMANDS, *SHORTCUTS, BUTTONS, FORMS)
"""What a bot that is used hears of sooner or later."""
APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
"""An app-level token names its app."""
UNKNOWN_APP = frozenset({"invalid_app_id", "app_not_found", "app_not_eligible", "app_not_owned_by_manager_app"})

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


def examine(settings: Settings) -> tuple[Diagnosis, ...]:
    """Ask Slack. Opens no socket, so that nothing is taken from a bot that runs."""
    return asyncio.run(look(settings))


async def look(settings: Settings) -> tuple[Diagnosis, ...]:
    slack = settings.slack
    found = [*_secrets(slack)]
    app = slack.app_id or _app_of_token(slack)
    if slack.bot_token is not None and not slack.is_shared:
        found += await _bot(slack, slack.bot_token.get_secret_value())
        app = app or await _app_of_bot(slack, slack.bot_token.get_secret_value())
    if slack.mode == SlackMode.SOCKET and slack.app_token is not None:
        found.append(await _socket(slack, slack.app_token.get_secret_value()))
    if slack.config_token is not None:
        found += await _app(slack, slack.config_token.get_secret_value(), app)
    try:
        async with _conversations(settings) as conversations:
            if slack.is_shared:
                found += await _installed(slack, conversations)
            if slack.config_token is None:
                found.append(_heard({} if conversations is None else await conversations.heard(PLATFORM)))
    except (ServiceUnavailable, SQLAlchemyError, OSError) as error:
        mend = "Is the database in use, or on a disk that is full? Try again."
        found.append(Diagnosis(name="Slack events", says=f"what the bot remembers cannot be read: {error}", mend=mend))
    return tuple(found)


@asynccontextmanager
async def _conversations(settings: Settings) -> AsyncIterator[SqlConversations | None]:
    """What the bot remembers; None where no bot has run on this data dir."""
    url = make_url(settings.resolved_database_url)
    if url.get_backend_name() == "sqlite" and not settings.data_dir.joinpath("conversations.db").exists():
        yield None
        return
    async with open_database(settings.resolved_database_url, power_safe=False) as database:
        yield SqlConversations(database)


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


async def _installed(settings: SlackSettings, conversations: SqlConversations | None) -> list[Diagnosis]:
    """Each workspace's token, and what it may."""
    if conversations is None:
        return [Diagnosis(name="Slack", says="installed nowhere yet", mend=CLICKS["install"], is_optional=True)]
    query = select(SLACK_BOTS.c.bot_token).where(SLACK_BOTS.c.client_id == settings.client_id)
    async with conversations.engine.connect() as connection:
        tokens = [*await connection.scalars(query)]
    if not tokens:
        return [Diagnosis(name="Slack", says="installed nowhere yet", mend=CLICKS["install"], is_optional=True)]
    return [one for token in dict.fromkeys(tokens) if token for one in await _bot(settings, token)]


async def _app(settings: SlackSettings, token: str, app: str) -> list[Diagnosis]:
    """What the app is at Slack: a configuration token alone can see it."""
    if not app:
        says = "the app's id is not known, so it cannot be looked at"
        return [Diagnosis(name="Slack app", says=says, mend=CLICKS["app_id"])]
    try:
        async with asyncio.timeout(SECONDS):
            manifest = (await _client(settings, token).apps_manifest_export(app_id=app)).get("manifest") or {}
    except TROUBLE as error:
        mend = _mend(error, "app_id" if code_of(error) in UNKNOWN_APP else "config_token")
        return [Diagnosis(name="Slack app", says=f"{app}: {_trouble(error)}", mend=mend)]
    found = [
        Diagnosis(name="Slack app", says=f"missing: {lack.says}", mend=lack.mend, is_optional=lack.is_optional)
        for lack in lacks(manifest, app, settings)
    ]
    return found or [Diagnosis(name="Slack app", says=f"{app} is all that deploy/slack/manifest.yaml says, events too")]


def _heard(heard: Mapping[str, datetime]) -> Diagnosis:
    """No bot token sees what an app is subscribed to; what came shows it all the same, and what never came may."""
    came = [f"{kind} ({heard[kind]:%Y-%m-%d})" for kind in WATCHED if kind in heard]
    never = [kind for kind in WATCHED if kind not in heard]
    if not never:
        return Diagnosis(name="Slack events", says=f"all have come: {', '.join(came)}")
    says = f"never came yet: {', '.join(never)}; came: {', '.join(came) or 'nothing'}"
    mend = (
        "Try them once: those that were tried and never came are missing at Slack. To see at once which these are: "
        f"{CLICKS['config_token']} Or look yourself: {APPS}: your app, Event Subscriptions, Subscribe to bot events."
    )
    return Diagnosis(name="Slack events", says=says, mend=mend, is_optional=True)


def _app_of_token(settings: SlackSettings) -> str:
    token = "" if settings.app_token is None else settings.app_token.get_secret_value()
    found = APP_ID.match(token)
    return "" if found is None else found[1]


async def _app_of_bot(settings: SlackSettings, token: str) -> str:
    """Empty where the token does not open it, which was said before, or `users:read` was not granted."""
    client = _client(settings, token)
    try:
        async with asyncio.timeout(SECONDS):
            bot = (await client.auth_test()).get("bot_id")
            return str(((await client.bots_info(bot=bot)).get("bot") or {}).get("app_id") or "")
    except TROUBLE:
        return ""


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
