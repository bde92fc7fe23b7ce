"""What is stored of a member: all of it handed out, or none of it kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from inference.protocols.opened import OpenedClip
from inference.types import Identity, JobId, Requester


class Privacy(Protocol):
    """Faces to service. Also for who is suspended or banned."""

    def own_data(self, requester: Requester, max_bytes: int | None = None) -> AbstractAsyncContextManager[OpenedClip]:
        """A zip of all that is stored of the requester.

        Clips and uploads come along as far as `max_bytes` allow, the newest first; the rest is listed by its ids.
        """
        ...

    async def forget(self, requester: Requester) -> None:
        """Delete it all, for good. What is left is what was used, under a name that leads to nobody. Idempotent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFile:
    """A blob that belongs to a member, and the name that it bears in their zip."""

    job: JobId
    blob: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRecord:
    """Everything that the rows say of a member."""

    #: Rows as plain values, by table.
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    #: The newest first.
    files: Sequence[MemberFile]


class PrivacyBook(Protocol):
    """Service to rows."""

    async def record(self, identity: Identity) -> MemberRecord:
        """Of the member of this identity, at one moment; nothing where there is none."""
        ...

    async def begin_forgetting(self, identity: Identity) -> None:
        """Nobody is that member from now on: jobs cancelled, identities, settings, grants and codes deleted.

        One transaction. The rest is done by `forget_more`, whoever calls it. Nothing where there is no such member.
        """
        ...

    async def forget_more(self) -> bool:
        """A part of what is left to delete of all who are being forgotten; False where nothing can be done by now."""
        ...
