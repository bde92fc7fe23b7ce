"""Clients of Slack's API, one per installation: with the token of the settings, or with those of bolt's own store."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from aiohttp import ClientSession
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_app.places import Workspace
from inference.errors import DeliveryError

BUSY_TRIES = 2
"""How often a call that came too fast waits as long as Slack asks."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Clients for one installation."""

    #: Waits where Slack is busy, and asks again after a broken connection: for what may be asked twice.
    patient: AsyncWebClient
    #: Waits where Slack is busy, which then took nothing, and asks once otherwise: for answers, which nobody repeats.
    waiting: AsyncWebClient
    #: Asks once: for posts, which a second try would double, and for progress, which is not worth waiting for.
    once: AsyncWebClient


class Clients:
    def __init__(self, base: AsyncWebClient, authorize: AsyncInstallationStoreAuthorize | None = None) -> None:
        """`base` knows the way to Slack; `authorize` the tokens, where there are several installations."""
        self._base = base
        self._authorize = authorize

    async def line(self, workspace: Workspace) -> Line:
        """Raises DeliveryError where the app is not installed there."""
        token = self._base.token if self._authorize is None else await self._token(self._authorize, workspace)
        if not token:
            raise DeliveryError(detail=f"not installed in {workspace}")
        busy = AsyncRateLimitErrorRetryHandler(max_retry_count=BUSY_TRIES)
        return Line(
            patient=self._client(token, workspace, [AsyncConnectionErrorRetryHandler(), busy]),
            waiting=self._client(token, workspace, [busy]),
            once=self._client(token, workspace, []),
        )

    @property
    def session(self) -> ClientSession | None:
        """Open connections, for what is no call of the API."""
        return self._base.session

    async def forget(self, workspace: Workspace) -> None:
        """The token was taken back: the installation goes, the clips stay."""
        _log.warning("not installed any more", workspace=str(workspace))
        if self._authorize is not None:
            store: AsyncInstallationStore = self._authorize.installation_store
            team = None if workspace.is_org_wide else workspace.team
            await store.async_delete_all(enterprise_id=workspace.enterprise or None, team_id=team)

    async def _token(self, authorize: AsyncInstallationStoreAuthorize, workspace: Workspace) -> str | None:
        """The installation's, refreshed where tokens rotate."""
        context = AsyncBoltContext({"client": self._client(None, workspace, None)})
        context["is_enterprise_install"] = workspace.is_org_wide
        found = await authorize(
            context=context, enterprise_id=workspace.enterprise or None, team_id=workspace.team, user_id=None
        )
        return await self._as_stored(authorize, workspace) if found is None else found.bot_token

    async def _as_stored(self, authorize: AsyncInstallationStoreAuthorize, workspace: Workspace) -> str | None:
        """The token in the store, for bolt finds none either where Slack is only busy. Raises what Slack says of it."""
        kept = await authorize.installation_store.async_find_bot(
            enterprise_id=workspace.enterprise or None,
            team_id=workspace.team,
            is_enterprise_install=workspace.is_org_wide,
        )
        if kept is None:
            return None
        await self._client(kept.bot_token, workspace, []).auth_test()
        return str(kept.bot_token)

    def _client(
        self, token: str | None, workspace: Workspace, retries: list[AsyncRetryHandler] | None
    ) -> AsyncWebClient:
        base = self._base
        return AsyncWebClient(
            token=token,
            base_url=base.base_url,
            timeout=base.timeout,
            ssl=base.ssl,
            proxy=base.proxy,
            session=base.session,
            # A token of an organisation must say which of its workspaces is meant.
            team_id=workspace.team if workspace.is_org_wide else None,
            retry_handlers=retries,
        )
