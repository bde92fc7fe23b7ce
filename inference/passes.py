"""Passes: short texts that say until when something is allowed, signed with a key that they do not tell.

The operator's page gives them out as cookies, the command line as links to the page.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One that was given out; `id` names it, so that it can be taken back."""

    id: str
    #: Seconds since 1970.
    expires: int


def give(key: str, purpose: str, lives: timedelta) -> str:
    """A pass for this purpose: for URLs and cookies as it is."""
    id_, expires = secrets.token_urlsafe(16), int(time.time() + lives.total_seconds())
    return f"{expires}.{id_}.{_signature(key, purpose, id_, expires)}"


def read(key: str, purpose: str, text: str) -> Pass | None:
    """None for one of another key or purpose, and for one that has expired."""
    expires, _, rest = text.partition(".")
    id_, _, signature = rest.partition(".")
    if not (expires.isdecimal() and expires.isascii() and len(expires) <= 12):
        return None
    wanted = _signature(key, purpose, id_, int(expires))
    if not hmac.compare_digest(signature.encode(errors="replace"), wanted.encode()) or int(expires) <= time.time():
        return None
    return Pass(id=id_, expires=int(expires))


def _signature(key: str, purpose: str, id_: str, expires: int) -> str:
    return hmac.new(key.encode(), f"{purpose}.{expires}.{id_}".encode(errors="replace"), hashlib.sha256).hexdigest()
