"""A job can be removed whether or not it has a clip, and is remembered until its blobs are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("removed_at", sa.Float(), nullable=True))
    op.create_table(
        "leftovers",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_leftovers_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_leftovers")),
    )
    op.execute(
        "UPDATE jobs SET removed_at = (SELECT removed_at FROM clips WHERE clips.id = jobs.id)"
        " WHERE id IN (SELECT id FROM clips WHERE removed_at IS NOT NULL)"
    )
    op.execute("INSERT INTO leftovers (job_id) SELECT id FROM clips WHERE removed_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("leftovers")
    op.drop_column("jobs", "removed_at")
