"""Who may do what, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors.base import RequestRejected


@dataclass(eq=False, kw_only=True)
class NotAllowed(RequestRejected):
    code: ClassVar[str] = "not_allowed"
    template: ClassVar[str] = "Only {who} may {action} this."

    action: str
    #: `its owner` or `an operator`.
    who: str = "its owner"


@dataclass(eq=False, kw_only=True)
class Unauthorized(RequestRejected):
    code: ClassVar[str] = "unauthorized"
    template: ClassVar[str] = "The API key is missing or wrong."


@dataclass(eq=False, kw_only=True)
class PlaceClosed(RequestRejected):
    """The server's managers want no clips asked for in this channel."""

    code: ClassVar[str] = "place_closed"
    template: ClassVar[str] = "Clips cannot be asked for here: the server's managers closed this place."


@dataclass(eq=False, kw_only=True)
class MemberBlocked(RequestRejected):
    """The server's managers want no clips of this member there."""

    code: ClassVar[str] = "member_blocked"
    template: ClassVar[str] = "The server's managers have blocked you from asking for clips here."

    #: In the managers' words; empty where they gave none.
    reason: str = ""
    #: ISO 8601, UTC; empty: it stays.
    until: str = ""

    def __str__(self) -> str:
        ends = f" It ends at {self.until}." if self.until else ""
        return f"{self.template}{ends}{f' They say: {self.reason}' if self.reason else ''}"


@dataclass(eq=False, kw_only=True)
class MemberSuspended(RequestRejected):
    """An operator's word, everywhere, for a while."""

    code: ClassVar[str] = "member_suspended"
    template: ClassVar[str] = "You cannot ask for clips until {until}. Reason: {reason}"

    #: ISO 8601, UTC.
    until: str
    #: As the operator wrote it.
    reason: str


@dataclass(eq=False, kw_only=True)
class MemberBanned(RequestRejected):
    """An operator's word, everywhere, until they take it back."""

    code: ClassVar[str] = "member_banned"
    template: ClassVar[str] = "You cannot ask for clips any more. Reason: {reason}"

    #: As the operator wrote it.
    reason: str


@dataclass(eq=False, kw_only=True)
class ServerNotTrusted(RequestRejected):
    """Tiers cost the operator: managers give them only where the operator says so."""

    code: ClassVar[str] = "server_not_trusted"
    template: ClassVar[str] = (
        "The operator has not let the managers of this server change tiers: setting tier_managers, {server}."
    )

    #: `PLATFORM:WORKSPACE`, as the setting names it.
    server: str


@dataclass(eq=False, kw_only=True)
class NothingToUndo(RequestRejected):
    """A grant or a block is taken back from somebody who has none: no act, so nothing to write down."""

    code: ClassVar[str] = "nothing_to_undo"
    template: ClassVar[str] = "{identity} has no {missing} that could be taken back."

    identity: str
    #: `grant` or `block`.
    missing: str


@dataclass(eq=False, kw_only=True)
class AlreadyGivenBack(RequestRejected):
    """What a job cost is given back once: by a refund, or by a month that began anew."""

    code: ClassVar[str] = "already_given_back"
    template: ClassVar[str] = "What {job} cost was given back before."

    job: str
