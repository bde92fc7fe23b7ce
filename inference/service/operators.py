"""Who administers this deployment: its own two identities, and those that the setting `operators` names."""

from __future__ import annotations

from collections.abc import Iterable

from inference.errors import InvalidValue, NotAllowed
from inference.types import Identity, Requester, Signature

MAX_REASON = 500
"""Characters."""


class Operators:
    """Named ones administer from their chat. Their clips are made, and others' are seen, as any member's."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._named = frozenset(Identity(identity) for identity in named)

    def include(self, requester: Requester) -> bool:
        return requester.is_operator or requester.identity in self._named

    def require(self, requester: Requester, action: str) -> None:
        """Raises NotAllowed."""
        if not self.include(requester):
            raise NotAllowed(action=action, who="an operator")


def signature(requester: Requester, reason: str) -> Signature:
    """For what is decided in the requester's server."""
    return Signature(by=requester.identity, place=requester.place, reason=reason)


def check_reason(reason: str, *, needed: bool = False) -> None:
    """Raises InvalidValue."""
    if needed and not reason.strip():
        raise InvalidValue(name="reason", value="", allowed="why, in a few words")
    if len(reason) > MAX_REASON:
        raise InvalidValue(name="reason", value=reason[:40], allowed=f"up to {MAX_REASON} characters")
