"""Clips asked for in advance, and what members are told unasked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=True),
        sa.Column("claimed_until", sa.Float(), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("last_job", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'ended')", name=op.f("ck_schedules_state_known")),
        sa.CheckConstraint("(state = 'active') = (next_at IS NOT NULL)", name=op.f("ck_schedules_next_while_active")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("identity", "idempotency_key", name=op.f("uq_schedules_identity_idempotency_key")),
    )
    op.create_index(op.f("ix_schedules_state_next_at"), "schedules", ["state", "next_at"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("taken_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("once", name=op.f("uq_notices_once")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notices_taken_at_platform"), "notices", ["taken_at", "platform"])


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("schedules")
