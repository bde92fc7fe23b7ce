"""What the managers of a server decide: where clips may be asked for, how they are shown, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeVar

from inference.types.account import MemberSettings
from inference.types.tier import Ceiling
from inference.types.who import Identity

T = TypeVar("T")


class Threads(StrEnum):
    """When a clip's thread is opened, where a chat has threads."""

    ON_REMIX = "on_remix"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWish:
    """What a server, or one of its channels, says itself. None: as the server has it, and the server as usual."""

    #: Whether clips may be asked for here.
    usable: bool | None = None
    #: Whether clips are covered until someone presses them.
    spoiler: bool | None = None
    threads: Threads | None = None
    #: What members get who have chosen nothing themselves. Of a whole server only.
    defaults: MemberSettings = field(default_factory=MemberSettings)
    #: What is lowered here, whatever the tier: the channel's word and the server's hold together.
    ceiling: Ceiling = field(default_factory=Ceiling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds in a place: the channel's word, else the server's, else the usual."""

    server: PolicyWish = PolicyWish()
    channel: PolicyWish = PolicyWish()

    @property
    def usable(self) -> bool:
        return _first(self.channel.usable, self.server.usable, otherwise=True)

    @property
    def spoiler(self) -> bool:
        return _first(self.channel.spoiler, self.server.spoiler, otherwise=False)

    @property
    def threads(self) -> Threads:
        return _first(self.channel.threads, self.server.threads, otherwise=Threads.ON_REMIX)

    @property
    def defaults(self) -> MemberSettings:
        return self.server.defaults


def _first(*said: T | None, otherwise: T) -> T:
    return next((word for word in said if word is not None), otherwise)


# --- What managers change, each in their own server ------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """The wish takes the place of the one before."""

    kind: Literal["policy"] = "policy"
    #: Id of a channel; empty for the whole server.
    channel: str
    wish: PolicyWish
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveTier:
    """For a member here, or for all who hold a role. `tier` None takes it back."""

    kind: Literal["tier"] = "tier"
    to: Literal["member", "role"]
    #: An identity, or a role as `PLATFORM:ID`.
    subject: str
    tier: str | None
    #: When it ends, by the database's clock; None: it stays.
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockMember:
    """Who is blocked cannot ask for clips here; what they made stays theirs."""

    kind: Literal["block"] = "block"
    member: Identity
    blocked: bool
    #: When it ends, by the database's clock; None: it stays.
    until: datetime | None = None
    #: Told to the member.
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetMonth:
    """The clips that the member spent this month are given back; those on their way still count."""

    kind: Literal["reset"] = "reset"
    member: Identity
    reason: str = ""


ServerChange = ChangePolicy | GiveTier | BlockMember | ResetMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All that the managers of a server decided there and that still holds."""

    #: Of the whole server.
    wish: PolicyWish
    #: Of channels that say something themselves, by their ids.
    channels: Mapping[str, PolicyWish]
    #: Each with a tier.
    tiers: tuple[GiveTier, ...]
    blocked: tuple[Identity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStanding:
    """A member as managers of a server see them: figures, and nothing of what was made."""

    member: Identity
    tier: str
    #: What this server's managers gave them, if anything.
    given: str | None
    used: int
    limit: int
    resets_at: datetime
    #: Queued and running.
    under_way: int
    is_blocked: bool
