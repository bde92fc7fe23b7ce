"""What kinds of things platforms have told the bot of, so that `threadreel doctor` sees what never comes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard_kinds",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "kind", name=op.f("pk_heard_kinds")),
    )


def downgrade() -> None:
    op.drop_table("heard_kinds")
