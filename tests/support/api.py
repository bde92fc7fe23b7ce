"""The API over a studio's service, on a free loopback port, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp.test_utils import TestServer

from inference.api.app import create_app
from inference.api.context import Ready
from inference.api.keys import Keys, load_keys
from inference.client import Client
from tests.support.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    #: Root URL, without a slash at the end.
    url: str
    keys: Keys
    #: The studio, its doors being clients of this server.
    studio: Studio


@asynccontextmanager
async def serve(studio: Studio, ready: Ready | None = None) -> AsyncIterator[Served]:
    keys = load_keys(studio.settings.data_dir)
    app = create_app(
        studio.face, studio.face, keys, studio.settings, shared=studio.service, watch=studio.jobs, ready=ready
    )
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        async with Client(url, keys.bot) as bot, Client(f"{url}/v1", keys.operator) as operator:
            yield Served(url=url, keys=keys, studio=replace(studio, face=bot, operators=operator))
