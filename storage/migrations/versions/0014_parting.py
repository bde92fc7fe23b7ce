"""Whose a grant was before accounts were joined, and with whom somebody forgotten shared their month."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("tier_identity", sa.String(), nullable=True))
    with op.batch_alter_table("remembered") as remembered:
        remembered.add_column(sa.Column("together", sa.String(), nullable=False, server_default=""))
        remembered.add_column(sa.Column("shared_with", sa.String(), nullable=True))
        remembered.create_foreign_key(op.f("fk_remembered_shared_with"), "members", ["shared_with"], ["id"])
        remembered.create_index(op.f("ix_remembered_together"), ["together"])


def downgrade() -> None:
    with op.batch_alter_table("remembered") as remembered:
        remembered.drop_index(op.f("ix_remembered_together"))
        remembered.drop_constraint(op.f("fk_remembered_shared_with"), type_="foreignkey")
        remembered.drop_column("shared_with")
        remembered.drop_column("together")
    op.drop_column("members", "tier_identity")
