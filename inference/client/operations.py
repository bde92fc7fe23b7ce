"""Operations over HTTP."""

from __future__ import annotations

from inference.client.wire import PLOT, Wire, acting
from inference.codec import to_json, to_plain
from inference.types import (
    AuditPage,
    AuditQuery,
    Overview,
    Refund,
    Refunded,
    Requester,
    UsageQuery,
    UsageReport,
)
from inference.wire import NATIVE


class OperationsOverHttp(Wire):
    """Implements Operations."""

    async def usage(self, query: UsageQuery, requester: Requester) -> UsageReport:
        of = {"query": to_json(UsageQuery, query)}
        return await self.ask(UsageReport, "GET", f"{NATIVE}/usage", headers=acting(requester), params=of)

    async def plot(self, query: UsageQuery, requester: Requester) -> bytes:
        of = {"query": to_json(UsageQuery, query)}
        asking = self.response("GET", f"{NATIVE}/usage.png", headers=acting(requester), params=of, timeout=PLOT)
        async with asking as response:
            return await response.read()

    async def refund(self, refund: Refund, requester: Requester) -> Refunded:
        body = to_plain(Refund, refund)
        return await self.ask(Refunded, "POST", f"{NATIVE}/refunds", headers=acting(requester), json=body)

    async def audit(self, query: AuditQuery, requester: Requester) -> AuditPage:
        of = {"query": to_json(AuditQuery, query)}
        return await self.ask(AuditPage, "GET", f"{NATIVE}/audit", headers=acting(requester), params=of)

    async def overview(self, requester: Requester) -> Overview:
        return await self.ask(Overview, "GET", f"{NATIVE}/overview", headers=acting(requester))
