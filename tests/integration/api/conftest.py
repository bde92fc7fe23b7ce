from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from inference.types import Requester
from inference.wire import CONTEXT_HEADER, MEMBER_HEADER, encode_requester
from tests.support.api import Served, serve
from tests.support.studio import Studio, open_studio


@dataclass
class Caller:
    """Plain HTTP with a key, as any program would speak it."""

    served: Served
    session: aiohttp.ClientSession
    headers: dict[str, str]

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        async with self.open(method, path, **options) as response:
            return response.status, await response.json()

    def open(self, method: str, path: str, **options: Any) -> Any:
        headers = self.headers | options.pop("headers", {})
        return self.session.request(method, URL(self.served.url + path, encoded=True), headers=headers, **options)

    def acting_for(self, requester: Requester) -> "Caller":
        headers = {
            "Authorization": f"Bearer {self.served.keys.bot}",
            MEMBER_HEADER: requester.identity,
            CONTEXT_HEADER: encode_requester(requester),
        }
        return Caller(self.served, self.session, headers)

    def holding(self, key: str) -> "Caller":
        return Caller(self.served, self.session, {"Authorization": f"Bearer {key}"})


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with open_studio(tmp_path, api={"max_upload_bytes": 200_000}) as studio:
        yield studio


@pytest.fixture
async def served(studio: Studio) -> AsyncIterator[Served]:
    async with serve(studio) as served:
        yield served


@pytest.fixture
async def api(served: Served) -> AsyncIterator[Caller]:
    """The operator, by plain HTTP."""
    async with aiohttp.ClientSession() as session:
        yield Caller(served, session, {"Authorization": f"Bearer {served.keys.operator}"})
