"""What managers of servers decide, and clips that are given back within a month."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quota_months", sa.Column("credit", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "place_policies",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "channel", name=op.f("pk_place_policies")),
    )
    op.create_table(
        "server_tiers",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('member', 'role')", name=op.f("ck_server_tiers_kind_known")),
        sa.PrimaryKeyConstraint("platform", "workspace", "kind", "subject", name=op.f("pk_server_tiers")),
    )
    op.create_table(
        "server_blocks",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "identity", name=op.f("pk_server_blocks")),
    )


def downgrade() -> None:
    for table in ("server_blocks", "server_tiers", "place_policies"):
        op.drop_table(table)
    op.drop_column("quota_months", "credit")
