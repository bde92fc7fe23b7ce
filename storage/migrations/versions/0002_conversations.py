"""Posts, threads, processed events and the playground's messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("has_clip", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('posting', 'posted', 'told', 'removed', 'refused')", name=op.f("ck_posts_state_known")
        ),
        sa.CheckConstraint(
            "state IN ('posting', 'refused') OR message <> ''", name=op.f("ck_posts_posted_has_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("job_id", "platform", name=op.f("uq_posts_job_id_platform")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_posts_platform_channel_thread"), "posts", ["platform", "channel", "thread"])
    op.create_index(op.f("ix_posts_platform_channel_message"), "posts", ["platform", "channel", "message"])
    op.create_table(
        "chat_threads",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("root_clip", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "channel", "thread", name=op.f("pk_chat_threads")),
    )
    op.create_table(
        "processed_events",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "event_id", name=op.f("pk_processed_events")),
    )
    op.create_index(op.f("ix_processed_events_seen_at"), "processed_events", ["seen_at"])
    op.create_table(
        "playground_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("edited_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playground_messages")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_playground_messages_channel_thread_id"), "playground_messages", ["channel", "thread", "id"]
    )


def downgrade() -> None:
    for table in ("playground_messages", "processed_events", "chat_threads", "posts"):
        op.drop_table(table)
