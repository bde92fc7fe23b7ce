"""HouseRules over HTTP."""

from __future__ import annotations

from inference.client.wire import Wire, acting
from inference.codec import to_json, to_plain
from inference.types import Decisions, MemberStanding, Place, Policy, Requester, ServerChange
from inference.wire import NATIVE


class RulesOverHttp(Wire):
    """Implements HouseRules."""

    async def policy(self, place: Place) -> Policy:
        return await self.ask(Policy, "GET", f"{NATIVE}/policy", params={"query": to_json(Place, place)})

    async def govern(self, change: ServerChange, requester: Requester) -> None:
        body = to_plain(ServerChange, change)
        await self.tell("PATCH", f"{NATIVE}/server", headers=acting(requester), json=body)

    async def standing(self, member: Requester, requester: Requester) -> MemberStanding:
        of = {"query": to_json(Requester, member)}
        return await self.ask(MemberStanding, "GET", f"{NATIVE}/standing", headers=acting(requester), params=of)

    async def decisions(self, requester: Requester) -> Decisions:
        return await self.ask(Decisions, "GET", f"{NATIVE}/server", headers=acting(requester))
