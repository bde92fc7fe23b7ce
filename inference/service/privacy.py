"""What is stored of a member: put into a zip for them, or deleted."""

from __future__ import annotations

import asyncio
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO, cast

import structlog

from inference.codec import to_plain
from inference.protocols import BlobStore, MemberRecord, OpenedClip, PrivacyBook
from inference.service.library import Shelves
from inference.types import Account, Requester

FILENAME = "threadreel-my-data.zip"
_SPOOL_BYTES = 8 * 1024 * 1024
"""Of a zip kept in memory; the rest goes to a temporary file."""
_log = structlog.get_logger(__name__)


class OwnData:
    """Implements Privacy for the service."""

    def __init__(self, *, book: PrivacyBook, shelves: Shelves, blobs: BlobStore) -> None:
        self._book = book
        self._shelves = shelves
        self._blobs = blobs

    @asynccontextmanager
    async def own_data(self, requester: Requester, max_bytes: int | None = None) -> AsyncIterator[OpenedClip]:
        account = await self._shelves.account(requester)
        record = await self._book.record(requester.identity)
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            file = cast(BinaryIO, spool)
            await asyncio.to_thread(self._pack, file, account, record, max_bytes)
            length = file.tell()
            file.seek(0)
            _log.info("own data handed out", bytes=length, platform=requester.place.platform)
            yield OpenedClip(stream=file, length=length, media_type="application/zip", filename=FILENAME)

    def _pack(self, file: BinaryIO, account: Account, record: MemberRecord, max_bytes: int | None) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("account.json", _json(to_plain(Account, account)))
            for table, rows in record.tables.items():
                if rows:
                    pack.writestr(f"rows/{table}.json", _json(rows))
            left_out = []
            for member_file in record.files:
                with suppress(FileNotFoundError):  # deleted in between
                    length = self._blobs.length(member_file.blob)
                    if max_bytes is not None and file.tell() + length > max_bytes:
                        left_out.append({"id": member_file.job, "name": member_file.name, "bytes": length})
                        continue
                    with self._blobs.open(member_file.blob) as stream:
                        pack.writestr(member_file.name, stream.read(), zipfile.ZIP_STORED)
            if left_out:
                pack.writestr("left_out.json", _json(left_out))

    async def forget(self, requester: Requester) -> None:
        await self._book.begin_forgetting(requester.identity)
        _log.info("forgotten", platform=requester.place.platform)
        await self.forget_more()

    async def forget_more(self) -> None:
        """Go on with what a stop cut off, and with what had to wait. Idempotent."""
        while await self._book.forget_more():
            pass
        await self._shelves.purge()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
