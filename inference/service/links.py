"""Links that open one stored clip for whoever holds them, until they expire.

The last resort of a delivery: what fits no upload limit can still be watched. A link is a promise of this deployment
alone: it is signed with a key that never leaves it, names one clip and one moment, and dies with its clip.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from inference.errors import LinkExpired, LinkInvalid
from inference.types import ClipLink, JobId
from inference.wire import SHARED

_VERSION = "v1"
"""Signed along, so that links of a later form can never be taken for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSigner:
    #: Where strangers reach the API, without a slash at the end.
    public_url: str
    key: bytes = field(repr=False)
    lives: timedelta
    #: Seconds since 1970.
    clock: Callable[[], float] = time.time

    def link(self, clip: JobId) -> ClipLink:
        expires = str(int(self.clock() + self.lives.total_seconds()))
        query = urlencode({"expires": expires, "signature": self._signature(clip, expires)})
        return ClipLink(
            url=f"{self.public_url}{SHARED}/{quote(clip, safe='')}.mp4?{query}",
            expires_at=datetime.fromtimestamp(int(expires), UTC),
        )

    def check(self, clip: JobId, expires: str, signature: str) -> None:
        """Raises LinkInvalid, after the same time whatever is wrong about it; LinkExpired."""
        given = signature.encode(errors="surrogateescape")  # an address may hold any bytes
        if not hmac.compare_digest(given, self._signature(clip, expires).encode()):
            raise LinkInvalid
        if self.clock() >= int(expires):
            raise LinkExpired

    def _signature(self, clip: JobId, expires: str) -> str:
        signed = f"{_VERSION}\n{clip}\n{expires}".encode(errors="surrogateescape")
        return hmac.new(self.key, signed, hashlib.sha256).hexdigest()
