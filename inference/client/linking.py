"""Linking over HTTP."""

from __future__ import annotations

from inference.client.wire import Wire, acting
from inference.types import Account, Identity, LinkCode, Requester
from inference.wire import NATIVE


class LinkingOverHttp(Wire):
    """Implements Linking."""

    async def begin_link(self, requester: Requester) -> LinkCode:
        return await self.ask(LinkCode, "POST", f"{NATIVE}/links", headers=acting(requester))

    async def finish_link(self, code: str, requester: Requester) -> Account:
        typed = {"code": code}
        return await self.ask(Account, "POST", f"{NATIVE}/links/typed", headers=acting(requester), json=typed)

    async def unlink(self, requester: Requester, identity: Identity | None = None) -> Account:
        of = {"identity": identity} if identity is not None else {}
        return await self.ask(Account, "DELETE", f"{NATIVE}/links", headers=acting(requester), params=of)
