"""Tables of linking and of forgetting members."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables import Row


class LinkCodeRow(Row, table=True):
    """A code that joins whoever types it with a member; one at a time for each."""

    __tablename__ = "link_codes"
    __table_args__ = (ForeignKeyConstraint(["member_id"], ["members.id"]), UniqueConstraint("digest"))

    member_id: str = Field(primary_key=True)
    #: Keyed, so that the table gives no code away.
    digest: str
    expires_at: float


class ForgettingRow(Row, table=True):
    """A member who is nobody's any more, and of whom something is left to delete."""

    __tablename__ = "forgettings"
    __table_args__ = (ForeignKeyConstraint(["member_id"], ["members.id"]),)

    member_id: str = Field(primary_key=True)
    begun_at: float


class RememberedRow(Row, table=True):
    """What an identity takes along that was forgotten, should it come again; known by a keyed digest alone."""

    __tablename__ = "remembered"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'banned')", name="status_known"),
        CheckConstraint("used >= 0", name="used_not_negative"),
        ForeignKeyConstraint(["shared_with"], ["members.id"]),
        Index(None, "together"),
    )

    digest: str = Field(primary_key=True)
    #: `YYYY-MM`, UTC, in which `used` counts.
    month: str
    used: int
    status: str
    status_until: float | None = None
    status_reason: str = ""
    #: The same for those who were one member when they were forgotten: what they used counts once.
    together: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: Who counts the month together with whoever comes again; None: what was used is carried over.
    shared_with: str | None = None
    #: When this is deleted too; None while a ban holds.
    expires_at: float | None = None


class LinkTryRow(Row, table=True):
    """A code that was tried and is none; kept for as long as it counts."""

    __tablename__ = "link_tries"
    __table_args__ = (Index(None, "tried_at"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    identity: str
    tried_at: float
