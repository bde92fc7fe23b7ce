"""Library and Catalogue over HTTP."""

from __future__ import annotations

from typing import TypeVar

from inference.client.wire import Wire, acting, part
from inference.codec import to_json, to_plain
from inference.types import (
    Account,
    AccountChange,
    ClipPage,
    ClipQuery,
    Family,
    Identity,
    JobId,
    JobPage,
    JobQuery,
    Offer,
    Requester,
)
from inference.wire import NATIVE

T = TypeVar("T")


class LibraryOverHttp(Wire):
    """Implements Library and Catalogue."""

    async def jobs(self, query: JobQuery, requester: Requester) -> JobPage:
        return await self._list(JobPage, "jobs", to_json(JobQuery, query), requester)

    async def clips(self, query: ClipQuery, requester: Requester) -> ClipPage:
        return await self._list(ClipPage, "clips", to_json(ClipQuery, query), requester)

    async def clip(self, clip: JobId, requester: Requester) -> Family:
        return await self.ask(Family, "GET", f"{NATIVE}/clips/{part(clip, 'clip')}", headers=acting(requester))

    async def delete(self, clip: JobId, requester: Requester) -> None:
        await self.tell("DELETE", f"{NATIVE}/clips/{part(clip, 'clip')}", headers=acting(requester))

    async def account(self, requester: Requester, identity: Identity | None = None) -> Account:
        of = {"identity": identity} if identity is not None else {}
        return await self.ask(Account, "GET", f"{NATIVE}/account", headers=acting(requester), params=of)

    async def change_account(
        self, change: AccountChange, requester: Requester, identity: Identity | None = None
    ) -> Account:
        of = {"identity": identity} if identity is not None else {}
        body = to_plain(AccountChange, change)
        return await self.ask(Account, "PATCH", f"{NATIVE}/account", headers=acting(requester), params=of, json=body)

    async def offer(self) -> Offer:
        return await self.ask(Offer, "GET", f"{NATIVE}/offer")

    async def _list(self, type_: type[T], what: str, query: str, requester: Requester) -> T:
        return await self.ask(type_, "GET", f"{NATIVE}/{what}", headers=acting(requester), params={"query": query})
