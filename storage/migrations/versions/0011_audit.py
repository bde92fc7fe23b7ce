"""An audit log that nobody can change, clips that are given back one job at a time, and what reports of use read."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = {"new": "('reserve', 'commit', 'refund', 'credit', 'return')", "old": "('reserve', 'commit', 'refund')"}
SETTLES = {"new": "kind IN ('commit', 'refund')", "old": "kind <> 'reserve'"}
USE = ["month", "platform", "workspace", "member_id", "tier", "status", "clips", "created_at"]
ONCE = "kind IN ('credit', 'return')"


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entries_actor_id_id"), "audit_entries", ["actor_id", "id"])
    op.create_index(op.f("ix_audit_entries_member_id_id"), "audit_entries", ["member_id", "id"])
    op.create_index(
        op.f("ix_audit_entries_platform_workspace_id"), "audit_entries", ["platform", "workspace", "id"]
    )
    op.create_table(
        "former_members",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_members")),
    )
    op.create_index(op.f("ix_former_members_member_id"), "former_members", ["member_id"])
    _only_append()
    _say_where_and_why()
    _let_managers_words_end()
    _change_ledger("new")
    op.create_index(
        "uq_ledger_entries_given_back_once",
        "ledger_entries",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text(ONCE),
        postgresql_where=sa.text(ONCE),
    )
    _enter_credits()


def downgrade() -> None:
    """Returned clips count as used again, for an older version knows no returns; what was credited stays credited."""
    op.execute(
        "UPDATE quota_months SET used = used + (SELECT coalesce(sum(clips), 0) FROM ledger_entries"
        " WHERE ledger_entries.kind = 'return' AND ledger_entries.member_id = quota_months.member_id"
        " AND ledger_entries.month = quota_months.month)"
    )
    op.execute(f"DELETE FROM ledger_entries WHERE {ONCE}")
    op.drop_index("uq_ledger_entries_given_back_once", "ledger_entries")
    _change_ledger("old")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entries_stay ON audit_entries")
        op.execute("DROP TRIGGER audit_entries_stay_whole ON audit_entries")
        op.execute("DROP FUNCTION refuse_change")
    op.drop_table("audit_entries")
    op.drop_table("former_members")
    op.drop_index("ix_jobs_failures", "jobs")
    op.drop_index("ix_jobs_use", "jobs")
    for column in ("failure_code", "workspace", "platform"):
        op.drop_column("jobs", column)
    op.drop_column("server_blocks", "reason")
    op.drop_column("server_blocks", "until")
    op.drop_column("server_tiers", "until")


def _say_where_and_why() -> None:
    """Columns of jobs for reports, taken from what their JSON says."""
    op.add_column("jobs", sa.Column("platform", sa.String(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("workspace", sa.String(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("failure_code", sa.String(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        place, code = "requester::json -> 'place' ->> '{}'", "failure::json ->> 'code'"
    else:
        place, code = "json_extract(requester, '$.place.{}')", "json_extract(failure, '$.code')"
    platform, workspace = place.format("platform"), place.format("workspace")
    op.execute(f"UPDATE jobs SET platform = coalesce({platform}, ''), workspace = coalesce({workspace}, '')")
    op.execute(f"UPDATE jobs SET failure_code = {code} WHERE status = 'failed'")
    op.create_index("ix_jobs_use", "jobs", USE)
    op.create_index(
        "ix_jobs_failures",
        "jobs",
        ["finished_at", "failure_code"],
        sqlite_where=sa.text("failure_code IS NOT NULL"),
        postgresql_where=sa.text("failure_code IS NOT NULL"),
    )


def _let_managers_words_end() -> None:
    op.add_column("server_tiers", sa.Column("until", sa.Float(), nullable=True))
    op.add_column("server_blocks", sa.Column("until", sa.Float(), nullable=True))
    op.add_column("server_blocks", sa.Column("reason", sa.String(), nullable=False, server_default=""))


def _only_append() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_stay_whole BEFORE TRUNCATE ON audit_entries"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entries_no_{verb.lower()} BEFORE {verb} ON audit_entries"
            " BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END"
        )


def _change_ledger(which: str) -> None:
    op.drop_index("uq_ledger_entries_one_settlement", "ledger_entries")
    check = f"kind IN {KINDS[which]}"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_ledger_entries_kind_known"), "ledger_entries", type_="check")
        op.create_check_constraint(op.f("ck_ledger_entries_kind_known"), "ledger_entries", check)
    else:
        _copy_ledger(check)
    op.create_index(
        "uq_ledger_entries_one_settlement",
        "ledger_entries",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text(SETTLES[which]),
        postgresql_where=sa.text(SETTLES[which]),
    )


def _copy_ledger(check: str) -> None:
    """SQLite changes no constraint: the table is made anew, with its indexes, and the counter of its ids goes on."""
    op.create_table(
        "ledger_entries_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.CheckConstraint(check, name=op.f("ck_ledger_entries_kind_known")),
        sa.CheckConstraint("clips >= 0", name=op.f("ck_ledger_entries_clips_not_negative")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_ledger_entries_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO ledger_entries_new SELECT * FROM ledger_entries ORDER BY id")
    op.drop_table("ledger_entries")
    op.rename_table("ledger_entries_new", "ledger_entries")
    op.create_index(op.f("ix_ledger_entries_member_id_month"), "ledger_entries", ["member_id", "month"])
    op.create_index(
        "uq_ledger_entries_one_reserve",
        "ledger_entries",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'reserve'"),
    )


def _enter_credits() -> None:
    """A month that began anew gave back all that was spent until then: its oldest commits, up to the credit."""
    op.execute(
        "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
        " SELECT job_id, member_id, month, 'credit', clips, created_at FROM ("
        "   SELECT spent.job_id, spent.member_id, spent.month, spent.clips, spent.created_at, quota_months.credit,"
        "          sum(spent.clips) OVER (PARTITION BY quota_months.member_id, spent.month ORDER BY spent.id) AS so_far"
        "   FROM ledger_entries AS spent"
        "   LEFT JOIN month_purses ON month_purses.member_id = spent.member_id AND month_purses.month = spent.month"
        "   JOIN quota_months ON quota_months.member_id = coalesce(month_purses.purse, spent.member_id)"
        "     AND quota_months.month = spent.month"
        "   WHERE spent.kind = 'commit' AND spent.clips > 0 AND quota_months.credit > 0"
        " ) AS counted WHERE so_far <= credit"
    )
