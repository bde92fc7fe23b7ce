"""Tables of what is asked for in advance, and of what members are told unasked.

Both go by identities: whomever somebody is linked with, what they asked for stays theirs.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables import Row


class ScheduleRow(Row, table=True):
    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("identity", "idempotency_key"),
        CheckConstraint("state IN ('active', 'suspended', 'ended')", name="state_known"),
        CheckConstraint("(state = 'active') = (next_at IS NOT NULL)", name="next_while_active"),
        # What is due, without touching the rest.
        Index(None, "state", "next_at"),
    )

    id: str = Field(primary_key=True)
    identity: str
    requester: str
    #: When the chat told the requester's roles.
    told_at: float
    reply_to: str
    operation: str
    rule: str
    zone: str
    state: str
    next_at: float | None = None
    #: A process is at it until then.
    claimed_until: float | None = None
    refusals: int = 0
    last_job: str | None = None
    idempotency_key: str | None = None
    created_at: float


class NoticeRow(Row, table=True):
    """To be told once: whoever takes it tells it."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("once"),
        Index(None, "taken_at", "platform"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(primary_key=True)
    #: What it is about; there is one notice about it.
    once: str
    identity: str
    platform: str
    requester: str
    reply_to: str
    code: str
    fields: str
    created_at: float
    taken_at: float | None = None
