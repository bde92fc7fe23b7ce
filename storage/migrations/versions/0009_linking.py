"""Members can be linked: codes, tries, and months that are counted under another's name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quota_months", sa.Column("carried", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "month_purses",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("purse", sa.String(), nullable=False),
        sa.CheckConstraint("purse <> member_id", name=op.f("ck_month_purses_anothers")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_month_purses_member_id")),
        sa.ForeignKeyConstraint(["purse"], ["members.id"], name=op.f("fk_month_purses_purse")),
        sa.PrimaryKeyConstraint("member_id", "month", name=op.f("pk_month_purses")),
    )
    op.create_index(op.f("ix_month_purses_purse_month"), "month_purses", ["purse", "month"])
    op.create_table(
        "link_codes",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_link_codes_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_link_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_link_codes_digest")),
    )
    op.create_table(
        "link_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("tried_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_tries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_tries_tried_at"), "link_tries", ["tried_at"])


def downgrade() -> None:
    """Whose month is counted under another's counts for themselves again: each total is what their entries say."""
    op.execute(
        "INSERT INTO quota_months (member_id, month, used, credit, carried)"
        " SELECT member_id, month, 0, 0, 0 FROM month_purses"
    )
    op.execute(
        "UPDATE quota_months SET used = (SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN clips WHEN 'refund' THEN -clips"
        " ELSE 0 END), 0) FROM ledger_entries WHERE ledger_entries.member_id = quota_months.member_id"
        " AND ledger_entries.month = quota_months.month)"
    )
    op.execute("UPDATE quota_months SET credit = 0 WHERE credit > used")
    for table in ("link_tries", "link_codes", "month_purses"):
        op.drop_table(table)
    op.drop_column("quota_months", "carried")
