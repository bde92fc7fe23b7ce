"""The service's tables. Times are UTC seconds since 1970 by the database's clock; JSON is written by `inference.codec`.

The faces' own tables stand in `storage.conversations`, on the same `Row`.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

# Alembic can only change on SQLite what has a name.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of all tables, here and in `storage.conversations`."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


class MemberRow(Row, table=True):
    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'banned')", name="status_known"),
        CheckConstraint("(status = 'suspended') = (status_until IS NOT NULL)", name="suspended_until"),
    )

    id: str = Field(primary_key=True)
    #: Tier granted by an operator.
    tier_grant: str | None = None
    #: When the grant ends; None: it stays.
    tier_until: float | None = None
    #: Whose it was before accounts were joined, and is again when that identity is taken out; None: the rest keeps it.
    tier_identity: str | None = None
    settings: str = "{}"
    #: Device seconds per weight given so far (start-time fair queueing).
    virtual_time: float = 0.0
    #: As it was set; a suspension ends by itself when its time has come.
    status: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    status_until: float | None = None
    status_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: float


class IdentityRow(Row, table=True):
    __tablename__ = "identities"
    __table_args__ = (ForeignKeyConstraint(["member_id"], ["members.id"]), Index(None, "member_id"))

    identity: str = Field(primary_key=True)
    member_id: str
    created_at: float


class QuotaMonthRow(Row, table=True):
    """What the ledger's entries of a member's month add up to."""

    __tablename__ = "quota_months"
    __table_args__ = (
        PrimaryKeyConstraint("member_id", "month"),
        ForeignKeyConstraint(["member_id"], ["members.id"]),
        CheckConstraint("used >= 0", name="used_not_negative"),
    )

    member_id: str = Field(primary_key=True)
    #: `YYYY-MM`, UTC.
    month: str = Field(primary_key=True)
    used: int
    #: Given back, on top of the tier's; never more than was spent.
    credit: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: Part of `used` of which no entries tell: used before the member was forgotten.
    carried: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class MonthPurseRow(Row, table=True):
    """A member's month that is counted under another's name; see `storage.purses`."""

    __tablename__ = "month_purses"
    __table_args__ = (
        PrimaryKeyConstraint("member_id", "month"),
        ForeignKeyConstraint(["member_id"], ["members.id"]),
        ForeignKeyConstraint(["purse"], ["members.id"]),
        CheckConstraint("purse <> member_id", name="anothers"),
        Index(None, "purse", "month"),
    )

    member_id: str = Field(primary_key=True)
    #: `YYYY-MM`, UTC.
    month: str = Field(primary_key=True)
    purse: str


class JobRow(Row, table=True):
    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["members.id"]),
        UniqueConstraint("member_id", "idempotency_key"),
        CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status_known"),
        CheckConstraint("(status = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        # The queue by member, a member's active jobs, and all that run, without touching past jobs.
        Index(None, "status", "member_id", "created_at"),
        # A member's list, newest first.
        Index(None, "member_id", "created_at"),
        Index(None, "delivered", "id"),
        # All that reports of use are made of, so that no job's own row is read for them.
        Index("ix_jobs_use", "month", "platform", "workspace", "member_id", "tier", "status", "clips", "created_at"),
        Index(
            "ix_jobs_failures",
            "finished_at",
            "failure_code",
            sqlite_where=text("failure_code IS NOT NULL"),
            postgresql_where=text("failure_code IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    member_id: str
    requester: str
    reply_to: str
    operation: str
    recipe: str
    preset: str
    tier: str
    weight: float
    device_seconds: float
    private: bool
    idempotency_key: str | None = None
    #: Where it was asked: of the requester, for reports.
    platform: str = Field(default="", sa_column_kwargs={"server_default": ""})
    workspace: str = Field(default="", sa_column_kwargs={"server_default": ""})

    #: What the clip may come out as; None in rows that are older than this.
    terms: str | None = None

    #: The charge as it was at admission.
    clips: int
    month: str
    used_then: int
    limit_then: int

    status: str
    attempt: int = 0
    fence: int = 0
    worker: str | None = None
    lease_until: float | None = None
    cancel_requested: bool = False
    progress: str | None = None
    failure: str | None = None
    #: Of the failure, for reports.
    failure_code: str | None = None
    #: Nobody awaits its end any more.
    delivered: bool
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    #: Deleted by a member: only the ledger, and whoever still tells its end, knows it.
    removed_at: float | None = None
    #: Whoever asked was forgotten: no word of theirs is left, and nothing but where to say that it was deleted.
    forgotten_at: float | None = None


class LeftoverRow(Row, table=True):
    """A removed job some of whose blobs may still be stored."""

    __tablename__ = "leftovers"
    __table_args__ = (ForeignKeyConstraint(["job_id"], ["jobs.id"]),)

    job_id: str = Field(primary_key=True)


class LedgerRow(Row, table=True):
    """Append-only. A job is reserved once, settled once by commit or refund, and given back once at most."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        CheckConstraint("kind IN ('reserve', 'commit', 'refund', 'credit', 'return')", name="kind_known"),
        CheckConstraint("clips >= 0", name="clips_not_negative"),
        Index(
            "uq_ledger_entries_one_reserve",
            "job_id",
            unique=True,
            sqlite_where=text("kind = 'reserve'"),
            postgresql_where=text("kind = 'reserve'"),
        ),
        Index(
            "uq_ledger_entries_one_settlement",
            "job_id",
            unique=True,
            sqlite_where=text("kind IN ('commit', 'refund')"),
            postgresql_where=text("kind IN ('commit', 'refund')"),
        ),
        Index(
            "uq_ledger_entries_given_back_once",
            "job_id",
            unique=True,
            sqlite_where=text("kind IN ('credit', 'return')"),
            postgresql_where=text("kind IN ('credit', 'return')"),
        ),
        Index(None, "member_id", "month"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(primary_key=True)
    job_id: str
    member_id: str
    month: str
    kind: str
    clips: int
    created_at: float


class OutboxRow(Row, table=True):
    """One row per change of a job's status, and one for its removal; its id is the cursor of `events`."""

    __tablename__ = "outbox"
    __table_args__ = (
        ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        Index(None, "job_id", "id"),
        {"sqlite_autoincrement": True},  # a cursor is never given out twice
    )

    id: int = Field(primary_key=True)
    job_id: str
    status: str
    created_at: float


class ClipRow(Row, table=True):
    __tablename__ = "clips"
    __table_args__ = (
        ForeignKeyConstraint(["id"], ["jobs.id"]),
        ForeignKeyConstraint(["member_id"], ["members.id"]),
        Index(None, "root_id", "created_at"),
        Index(None, "member_id", "created_at"),
        Index(None, "created_at"),
    )

    id: str = Field(primary_key=True)
    member_id: str
    author: str
    parent_id: str | None
    root_id: str
    text: str
    #: The whole prompt, for searching.
    prompt: str
    recipe: str
    width: int
    height: int
    native_width: int
    native_height: int
    num_frames: int
    fps: int
    seed: int = Field(sa_type=BigInteger)
    preset: str
    private: bool
    platform: str
    workspace: str
    channel: str
    video_bytes: int = Field(sa_type=BigInteger)
    created_at: float
    seconds_taken: float
    removed_at: float | None = None


class ClipBlobRow(Row, table=True):
    """Which blob is which rendition of a clip."""

    __tablename__ = "clip_blobs"
    __table_args__ = (PrimaryKeyConstraint("clip_id", "name"), ForeignKeyConstraint(["clip_id"], ["clips.id"]))

    clip_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    blob: str


class PlacePolicyRow(Row, table=True):
    """What a server, or one of its channels, says itself; `channel` is empty for the whole server."""

    __tablename__ = "place_policies"
    __table_args__ = (PrimaryKeyConstraint("platform", "workspace", "channel"),)

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    wish: str


class ServerTierRow(Row, table=True):
    """A tier that a server's managers gave there, to a member or to all who hold a role."""

    __tablename__ = "server_tiers"
    __table_args__ = (
        PrimaryKeyConstraint("platform", "workspace", "kind", "subject"),
        CheckConstraint("kind IN ('member', 'role')", name="kind_known"),
    )

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    tier: str
    #: None: it stays.
    until: float | None = None
    #: Then `tier_managers` does not bound it.
    by_operator: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ServerBlockRow(Row, table=True):
    """Who cannot ask for clips in a server."""

    __tablename__ = "server_blocks"
    __table_args__ = (PrimaryKeyConstraint("platform", "workspace", "identity"),)

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    identity: str = Field(primary_key=True)
    created_at: float
    #: None: it stays.
    until: float | None = None
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})


class TimingRow(Row, table=True):
    """Moving average of measured device seconds; under `ALL_SHAPES` of their ratio to the predicted ones."""

    __tablename__ = "timings"
    __table_args__ = (PrimaryKeyConstraint("preset", "shape"),)

    preset: str = Field(primary_key=True)
    shape: str = Field(primary_key=True)
    seconds: float
    samples: int


class AuditRow(Row, table=True):
    """What operators and managers did. Triggers refuse any change of a row; it refers to nobody by a foreign key."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "actor_id", "id"),
        Index(None, "member_id", "id"),
        Index(None, "platform", "workspace", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(primary_key=True)
    act: str
    #: Ids of members.
    actor_id: str
    member_id: str | None = None
    #: The server that it was decided in; both are empty for the whole deployment.
    platform: str
    workspace: str
    #: What else it was done to: a role, a channel, a job.
    subject: str
    reason: str
    #: JSON: what was so, and what is so now.
    before: str
    after: str
    created_at: float


class FormerMemberRow(Row, table=True):
    """Whom a member that was joined with another has become: the audit log goes on naming them as they were."""

    __tablename__ = "former_members"
    __table_args__ = (Index(None, "member_id"),)

    id: str = Field(primary_key=True)
    #: No foreign key: what is written here says nothing of anybody but that two were one.
    member_id: str
