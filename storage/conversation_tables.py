"""The faces' own tables: what was posted where, which events were seen, and the playground's messages."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from storage.slack_tables import SLACK_BOTS, SLACK_INSTALLATIONS, SLACK_OAUTH_STATES
from storage.tables import Row

SLACK_TABLES = (SLACK_INSTALLATIONS, SLACK_BOTS, SLACK_OAUTH_STATES)
"""Registered on the same metadata as ours."""


class PostRow(Row, table=True):
    """A job's one message on a platform. Written before the platform is asked, so that a crash is seen afterwards."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("job_id", "platform"),
        CheckConstraint("state IN ('posting', 'posted', 'told', 'removed', 'refused')", name="state_known"),
        CheckConstraint("state IN ('posting', 'refused') OR message <> ''", name="posted_has_message"),
        Index(None, "platform", "channel", "thread"),
        Index(None, "platform", "channel", "message"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    job_id: str
    platform: str
    channel: str
    thread: str
    message: str = ""
    state: str
    #: Whether the message bears a clip, so that a reply can remix it.
    has_clip: bool = False
    created_at: float
    told_at: float | None = None


class ChatThreadRow(Row, table=True):
    """Which family of clips a thread is about."""

    __tablename__ = "chat_threads"
    __table_args__ = (PrimaryKeyConstraint("platform", "channel", "thread"),)

    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    root_clip: str
    created_at: float


class ProcessedEventRow(Row, table=True):
    """A platform's event that was taken up; platforms send the same one again."""

    __tablename__ = "processed_events"
    __table_args__ = (PrimaryKeyConstraint("platform", "event_id"), Index(None, "seen_at"))

    platform: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    seen_at: float


class HeardKindRow(Row, table=True):
    """When something of this kind last came from a platform: what never came was perhaps never asked for there."""

    __tablename__ = "heard_kinds"
    __table_args__ = (PrimaryKeyConstraint("platform", "kind"),)

    platform: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    heard_at: float


class PlaygroundMessageRow(Row, table=True):
    """A line in the local chat; `body` is the playground's JSON."""

    __tablename__ = "playground_messages"
    __table_args__ = (Index(None, "channel", "thread", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    thread: str
    author: str
    body: str
    created_at: float
    edited_at: float | None = None
