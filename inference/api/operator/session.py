"""Who has shown the key: a signed cookie, which is taken back when they leave.

The key itself is typed into a form or stays on the machine: a link carries a pass of some minutes, which works once.
A restart logs everybody out and ends every link: what was taken back is known to one process only.
"""

from __future__ import annotations

import secrets
import time
from datetime import timedelta

from aiohttp import web

from inference import passes
from inference.api.keys import Keys
from inference.wire import LINK_LIVES, LINK_PURPOSE, PAGE

COOKIE = "threadreel_operator"
LIVES = timedelta(hours=12)
_PURPOSE = "operator session"


class Sessions:
    """Of one process: passes that were used up or taken back are remembered until they expire."""

    def __init__(self, keys: Keys) -> None:
        self._link_key = keys.operator
        self._key = f"{keys.operator}.{secrets.token_urlsafe(32)}"
        self._began = int(time.time())
        self._spent: dict[str, int] = {}

    def is_open(self, request: web.Request) -> bool:
        return self._session(request) is not None

    def open(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the browser in that gets this response."""
        response.set_cookie(
            COOKIE,
            passes.give(self._key, _PURPOSE, LIVES),
            max_age=int(LIVES.total_seconds()),
            path=PAGE,
            httponly=True,
            samesite="Strict",
            secure=request.headers.get("X-Forwarded-Proto", request.scheme) == "https",
        )

    def close(self, request: web.Request, response: web.StreamResponse) -> None:
        """Its cookie opens nothing any more, wherever a copy of it is."""
        self._spend(self._session(request))
        response.del_cookie(COOKIE, path=PAGE)

    def admits(self, link: str) -> bool:
        """Whether the pass of a link is good; it is not, the second time."""
        found = self._unspent(passes.read(self._link_key, LINK_PURPOSE, link))
        if found is None or found.expires - LINK_LIVES.total_seconds() < self._began:  # an earlier process's, if spent
            return False
        self._spend(found)
        return True

    def _session(self, request: web.Request) -> passes.Pass | None:
        return self._unspent(passes.read(self._key, _PURPOSE, request.cookies.get(COOKIE, "")))

    def _unspent(self, found: passes.Pass | None) -> passes.Pass | None:
        return None if found is None or found.id in self._spent else found

    def _spend(self, one: passes.Pass | None) -> None:
        now = time.time()
        self._spent = {id_: expires for id_, expires in self._spent.items() if expires > now}
        if one is not None:
            self._spent[one.id] = one.expires
