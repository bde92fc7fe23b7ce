"""Members, and what may be changed of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from inference.types.ask import AspectRatio
from inference.types.job import Job
from inference.types.status import MemberStatus
from inference.types.tier import Tier
from inference.types.who import Identity, MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSettings:
    """A member's own defaults."""

    locale: str | None = None
    seconds: float | None = None
    resolution: int | None = None
    aspect_ratio: AspectRatio | None = None
    #: IANA name of the zone in which times are meant.
    timezone: str | None = None

    def or_else(self, other: MemberSettings) -> MemberSettings:
        """These, and where they say nothing the other ones."""
        return MemberSettings(
            **{own.name: getattr(self, own.name) or getattr(other, own.name) for own in fields(MemberSettings)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member as they see themselves."""

    member: MemberId
    identities: tuple[Identity, ...]
    tier: Tier
    #: Longest clip, in seconds, that both the tier and the usual model allow.
    max_seconds: float
    used: int
    resets_at: datetime
    #: Queued and running, oldest first.
    running: tuple[Job, ...]
    settings: MemberSettings
    #: What the server gives where the settings say nothing.
    defaults: MemberSettings = MemberSettings()
    #: Clips given back this month, on top of the tier's.
    credit: int = 0
    status: MemberStatus = field(default_factory=MemberStatus)
    #: When the tier ends, where it was granted for a time only.
    tier_until: datetime | None = None
    #: Some limit of the tier is lower here than elsewhere; `tier` is what holds here.
    is_lowered: bool = False

    @property
    def limit(self) -> int:
        """Clips that this month allows."""
        return self.tier.clips_per_month + self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    kind: Literal["settings"] = "settings"
    settings: MemberSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTier:
    """An operator's grant: the first of the tier sources. `tier` None takes the grant back.

    From the moment `until` on, by the database's clock, it is as if it had never been given.
    """

    kind: Literal["grant"] = "grant"
    tier: str | None
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """By operators alone. Whoever may ask for nothing any more loses what is under way too: cancelled, and refunded."""

    kind: Literal["status"] = "status"
    status: MemberStatus


AccountChange = ChangeSettings | GrantTier | SetStatus
