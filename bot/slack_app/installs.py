"""Several workspaces: bolt's own installation flow and slack-sdk's own stores, on the conversations' database."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.authorization.authorize_result import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store.async_cacheable_installation_store import AsyncCacheableInstallationStore
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackSettings
from storage.conversations import SqlConversations

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "mpim:history",
    "users:read",
    "usergroups:read",
)
"""What a workspace is asked for. A test compares it with the manifest."""
OPTIONAL = {"users:read", "usergroups:read", "assistant:write", "mpim:history", "im:write"}
STATE_SECONDS = 600
REDIRECT_PATH = "/slack/oauth_redirect"
_logger = logging.getLogger("threadreel.slack")


class Authorize(AsyncInstallationStoreAuthorize):
    """bolt's, refreshing a token once however many ask for it: Slack takes a refresh token only once."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._turns: defaultdict[tuple[str | None, str | None], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **more: Any
    ) -> AuthorizeResult | None:
        async with self._turns[enterprise_id, None if context.is_enterprise_install else team_id]:
            return await super().__call__(context=context, enterprise_id=enterprise_id, team_id=team_id, **more)


class States(AsyncSQLAlchemyOAuthStateStore):
    """slack-sdk's, forgetting what ran out: everybody who looks at the page gets a state, and few come back."""

    async def async_issue(self, *args: Any, **more: Any) -> str:
        now = datetime.now(UTC).replace(tzinfo=None)  # as slack-sdk writes it
        async with self.engine.begin() as connection:
            await connection.execute(self.oauth_states.delete().where(self.oauth_states.c.expire_at < now))
        issued: str = await super().async_issue(*args, **more)
        return issued


@dataclass(frozen=True, slots=True, kw_only=True)
class Installs:
    #: Finds the token of a workspace, refreshed where tokens rotate.
    authorize: AsyncInstallationStoreAuthorize
    flow: AsyncOAuthSettings
    store: AsyncInstallationStore


def installation_store(client_id: str, conversations: SqlConversations) -> AsyncInstallationStore:
    """slack-sdk's, remembering what was found: it is asked before every acknowledgement."""
    return AsyncCacheableInstallationStore(AsyncSQLAlchemyInstallationStore(client_id, conversations.engine))


def listen_to_removals(app: AsyncApp, store: AsyncInstallationStore) -> None:
    """Delete an installation that is over. bolt's own listeners never find an organisation's, kept under no team."""

    async def removed(context: AsyncBoltContext) -> None:
        await store.async_delete_all(enterprise_id=context.enterprise_id, team_id=_team(context))

    async def revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        tokens = event.get("tokens") or {}
        for user in tokens.get("oauth") or ():
            await store.async_delete_installation(
                enterprise_id=context.enterprise_id, team_id=_team(context), user_id=user
            )
        if tokens.get("bot"):
            await store.async_delete_bot(enterprise_id=context.enterprise_id, team_id=_team(context))

    app.event("app_uninstalled")(removed)
    app.event("tokens_revoked")(revoked)


def _team(context: AsyncBoltContext) -> str | None:
    return None if context.is_enterprise_install else context.team_id


def installs(settings: SlackSettings, conversations: SqlConversations, base: AsyncWebClient) -> Installs:
    assert settings.client_secret is not None
    secret = settings.client_secret.get_secret_value()
    store = installation_store(settings.client_id, conversations)
    authorize = Authorize(
        logger=_logger,
        client_id=settings.client_id,
        client_secret=secret,
        installation_store=store,
        bot_only=True,
        cache_enabled=True,
        client=base,
    )
    flow = AsyncOAuthSettings(
        client_id=settings.client_id,
        client_secret=secret,
        scopes=SCOPES,
        user_scopes=(),
        redirect_uri=f"{settings.public_url}{REDIRECT_PATH}" if settings.public_url else None,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=store,
        installation_store_bot_only=True,
        state_store=States(STATE_SECONDS, conversations.engine),
        state_expiration_seconds=STATE_SECONDS,
    )
    return Installs(authorize=authorize, flow=flow, store=store)
