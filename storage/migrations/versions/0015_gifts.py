"""Whether a tier in a server was given by an operator, whom no setting bounds."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("server_tiers", sa.Column("by_operator", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("server_tiers") as tiers:
        tiers.drop_column("by_operator")
