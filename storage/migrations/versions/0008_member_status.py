"""Members can be suspended for a while, or banned."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("members") as members:
        members.add_column(sa.Column("status", sa.String(), nullable=False, server_default="active"))
        members.add_column(sa.Column("status_until", sa.Float(), nullable=True))
        members.add_column(sa.Column("status_reason", sa.String(), nullable=False, server_default=""))
        members.create_check_constraint(
            op.f("ck_members_status_known"), "status IN ('active', 'suspended', 'banned')"
        )
        members.create_check_constraint(
            op.f("ck_members_suspended_until"), "(status = 'suspended') = (status_until IS NOT NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("members") as members:
        members.drop_constraint(op.f("ck_members_status_known"), type_="check")
        members.drop_constraint(op.f("ck_members_suspended_until"), type_="check")
        for column in ("status", "status_until", "status_reason"):
            members.drop_column(column)
