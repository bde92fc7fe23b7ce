"""Members can be forgotten: who is, and what their identities take along for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("forgotten_at", sa.Float(), nullable=True))
    op.create_table(
        "forgettings",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_forgettings_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_forgettings")),
    )
    op.create_table(
        "remembered",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_until", sa.Float(), nullable=True),
        sa.Column("status_reason", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.CheckConstraint("status IN ('active', 'suspended', 'banned')", name=op.f("ck_remembered_status_known")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_remembered_used_not_negative")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_remembered")),
    )


def downgrade() -> None:
    op.drop_table("remembered")
    op.drop_table("forgettings")
    op.drop_column("jobs", "forgotten_at")
