"""Tiers that are granted for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("tier_until", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("members", "tier_until")
