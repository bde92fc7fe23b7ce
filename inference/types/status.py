"""Whether a member may ask for clips at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MemberState(StrEnum):
    """From the best to the worst."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    BANNED = "banned"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """Set by an operator. Only asking for clips hangs on it: what a member made, and what is stored of them, stays
    theirs to see and to delete.
    """

    state: MemberState = MemberState.ACTIVE
    #: Of a suspension alone: when it ends by itself.
    until: datetime | None = None
    #: Told to the member; empty for somebody active.
    reason: str = ""

    @property
    def is_active(self) -> bool:
        return self.state is MemberState.ACTIVE
