"""Bytes over HTTP, small ones in memory and large ones in a temporary file."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import BinaryIO, cast

import aiohttp

from inference.client.wire import Wire, acting
from inference.protocols import OpenedClip
from inference.types import Requester

_BYTES = aiohttp.ClientTimeout(sock_connect=5, sock_read=300)
"""A smaller rendition is made before its first byte comes."""
_CHUNK = 256 * 1024
_SPOOL_BYTES = 1024 * 1024
"""What is kept in memory; the rest goes to a temporary file."""


class Download(Wire):
    @asynccontextmanager
    async def download(
        self, path: str, requester: Requester, query: Mapping[str, str], name: str
    ) -> AsyncIterator[OpenedClip]:
        """All of an answer's bytes, here by now; `name` where the answer bears none."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            async with self.response("GET", path, headers=acting(requester), params=query, timeout=_BYTES) as response:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    await asyncio.to_thread(spool.write, chunk)
                length = spool.tell()
                named = response.content_disposition
                media_type = response.content_type
            spool.seek(0)
            filename = (named.filename if named else None) or name
            yield OpenedClip(stream=cast(BinaryIO, spool), length=length, media_type=media_type, filename=filename)
