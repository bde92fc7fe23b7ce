"""Privacy over HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from inference.client.download import Download
from inference.client.wire import acting
from inference.protocols import OpenedClip
from inference.types import Requester
from inference.wire import NATIVE


class PrivacyOverHttp(Download):
    """Implements Privacy."""

    def own_data(self, requester: Requester, max_bytes: int | None = None) -> AbstractAsyncContextManager[OpenedClip]:
        query = {"max_bytes": str(max_bytes)} if max_bytes is not None else {}
        return self.download(f"{NATIVE}/data", requester, query, "data.zip")

    async def forget(self, requester: Requester) -> None:
        await self.tell("DELETE", f"{NATIVE}/data", headers=acting(requester))
