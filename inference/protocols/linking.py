"""One person, several chats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from inference.types import Account, Identity, LinkCode, Requester


class Linking(Protocol):
    """Faces to service."""

    async def begin_link(self, requester: Requester) -> LinkCode:
        """A code for the requester alone; the one before works no more. Raises CannotLink."""
        ...

    async def finish_link(self, code: str, requester: Requester) -> Account:
        """Make one member of the requester and of whoever holds the code: what both have and used adds up.

        Raises LinkCodeInvalid, TooManyTries, CannotLink.
        """
        ...

    async def unlink(self, requester: Requester, identity: Identity | None = None) -> Account:
        """The identity, the requester's own if none is named, is another member from now on; the requester's account.

        It takes along what was asked for by it, and its grant. The rest of this month is shared. Raises CannotUnlink.
        """
        ...


class LinkBook(Protocol):
    """Service to rows. Codes are known by their digests only."""

    async def keep_code(self, identity: Identity, digest: str, lives: timedelta) -> datetime:
        """In place of the member's last one; when it expires. Raises MemberChanged."""
        ...

    async def redeem(self, identity: Identity, digest: str, ranks: Sequence[str]) -> None:
        """Join the member of `identity` to the one whose code it is, in one transaction.

        `ranks` are the tiers from the least to the most: the better grant stays. Raises LinkCodeInvalid, TooManyTries,
        CannotLink, MemberChanged.
        """
        ...

    async def part(self, identity: Identity, owner: Identity) -> None:
        """Make `identity`, one of the identities of `owner`'s member, a member of its own. Raises CannotUnlink."""
        ...
