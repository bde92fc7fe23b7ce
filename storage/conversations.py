"""What the faces must remember: posts by job, families by thread, events seen, the playground's messages.

The only part of storage that `bot` may import. Where a place is said, `thread` is empty for the channel itself, and
else the id of the message that opened the thread (as Discord and Slack both have it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping, delete, desc, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from inference.types import JobId
from storage.conversation_tables import ChatThreadRow, HeardKindRow, PlaygroundMessageRow, PostRow, ProcessedEventRow
from storage.database import Database, affected
from storage.tellings import Tellings

JOBS_AT_ONCE = 500
"""Looked up in one statement: databases bound the number of its parameters."""
PATIENCE_SECONDS = 10.0
"""How long the newest clip of a thread is waited for while one is being told there: no slow platform holds up more."""
UNKNOWN_SECONDS = 2.0
"""The same for a message of which nothing is known yet: a form must open within three seconds."""


class PostState(StrEnum):
    #: The platform is being asked; after a crash nobody knows whether it posted.
    POSTING = "posting"
    POSTED = "posted"
    #: The job's end stands in the message.
    TOLD = "told"
    #: The clip was deleted by a member; the message says so.
    REMOVED = "removed"
    #: The platform will never take it.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A job's message on a platform."""

    job: JobId
    platform: str
    channel: str
    thread: str
    #: The platform's id of the message; empty while posting.
    message: str
    state: PostState
    has_clip: bool
    #: Whether whoever asked has just begun it: there can be nothing of it on the platform.
    is_new: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaygroundMessage:
    """A line in the local chat. Ids rise with time and are never given out twice."""

    id: int
    channel: str
    thread: str
    author: str
    body: dict[str, Any]
    created_at: datetime
    edited_at: datetime | None


class SqlConversations:
    """Conversations in the database. One row per job and platform: a job is posted at most once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tellings = Tellings()

    @property
    def engine(self) -> AsyncEngine:
        """For slack-sdk's own stores of installations."""
        return self._database.engine

    # --- Posts ---

    def telling(self, platform: str, channel: str) -> AbstractContextManager[None]:
        """Around asking the platform and recording what it took: an answer to that may come in between."""
        return self._tellings.telling(platform, channel)

    async def begin_post(self, job: JobId, platform: str, channel: str, thread: str) -> Post:
        """Say that the job will be posted there; what was begun before stays as it was, and is not new."""
        existing = await self.post(job, platform)
        if existing is not None:
            return existing
        values = {"job_id": job, "platform": platform, "channel": channel, "thread": thread, "message": ""}
        begun_now = {"state": PostState.POSTING, "has_clip": False, "created_at": self._database.now()}
        is_new = False
        # Where another task was first, its row is read below.
        with suppress(IntegrityError):
            await self._execute(insert(PostRow).values(**values, **begun_now))
            is_new = True
        begun = await self.post(job, platform)
        assert begun is not None
        return replace(begun, is_new=is_new)

    async def post(self, job: JobId, platform: str) -> Post | None:
        return await self._one_post(col(PostRow.job_id) == job, col(PostRow.platform) == platform)

    async def posts_of(self, jobs: Sequence[JobId]) -> Sequence[Post]:
        """Where these jobs were posted."""
        found: list[Post] = []
        for start in range(0, len(jobs), JOBS_AT_ONCE):
            some = col(PostRow.job_id).in_(jobs[start : start + JOBS_AT_ONCE])
            query = select(PostRow.__table__).where(some)  # type: ignore[attr-defined]
            found += [_post(row) for row in await self._database.reading(partial(_mappings, query))]
        return found

    async def forget_post(self, job: JobId, platform: str) -> None:
        """Its member is forgotten, and the message says that it is gone."""
        await self._execute(delete(PostRow).where(col(PostRow.job_id) == job, col(PostRow.platform) == platform))

    async def post_of_message(self, platform: str, channel: str, message: str) -> Post | None:
        """Whose job a message shows; one that is just being posted is waited for."""
        where = (col(PostRow.platform) == platform, col(PostRow.channel) == channel, col(PostRow.message) == message)
        found = await self._one_post(*where)
        if found is None and await self._tellings.written(platform, patience=UNKNOWN_SECONDS):
            return await self._one_post(*where)
        return found

    async def record_message(self, job: JobId, platform: str, channel: str, thread: str, message: str) -> None:
        """The platform took the post, or moved it to another message, perhaps of another channel."""
        await self._change(job, platform, state=PostState.POSTED, channel=channel, thread=thread, message=message)

    async def record_told(
        self,
        job: JobId,
        platform: str,
        channel: str,
        thread: str,
        message: str,
        *,
        has_clip: bool,
        shown_at: float | None = None,
    ) -> None:
        """The job's end now stands in this message, since `shown_at` by the platform's clock where that is known."""
        told_at = self._database.now() if shown_at is None else shown_at
        told = {"state": PostState.TOLD, "told_at": told_at, "has_clip": has_clip}
        # The service forgets the job then, so that nothing would tell it again: this must outlive a power cut.
        await self._change(job, platform, synced=True, channel=channel, thread=thread, message=message, **told)

    async def record_removed(self, job: JobId, platform: str) -> None:
        """The clip is deleted: nothing can be remixed from this message any more."""
        await self._change(job, platform, state=PostState.REMOVED, has_clip=False)

    async def record_refused(self, job: JobId, platform: str) -> None:
        await self._change(job, platform, state=PostState.REFUSED)

    async def newest_clip(self, platform: str, channel: str, thread: str) -> JobId | None:
        """The clip told last in this thread, the message that opened it included. A channel has no newest clip."""
        return next(iter(await self.newest_clips(platform, channel, thread, limit=1)), None)

    async def newest_clips(
        self, platform: str, channel: str, thread: str, *, limit: int, until: float | None = None
    ) -> Sequence[JobId]:
        """The clips told last in this thread, newest first; `until` a moment of the platform's clock, where given.

        One that is just being told is waited for: only then is it known whether it stood there at that moment.
        """
        if not thread:
            return ()
        await self._tellings.written(platform, channel, patience=PATIENCE_SECONDS)
        query = (
            select(col(PostRow.job_id))
            .where(col(PostRow.platform) == platform, col(PostRow.channel) == channel, col(PostRow.has_clip))
            .where(or_(col(PostRow.thread) == thread, col(PostRow.message) == thread))
            .where(true() if until is None else col(PostRow.told_at) <= until)
            .order_by(desc(col(PostRow.told_at)), desc(col(PostRow.id)))
            .limit(limit)
        )
        return [JobId(job) for job in await self._database.reading(lambda db: db.execute(query).scalars().all())]

    async def _one_post(self, *where: Any) -> Post | None:
        query = select(PostRow.__table__).where(*where)  # type: ignore[attr-defined]
        row = await self._database.reading(lambda db: db.execute(query).mappings().one_or_none())
        return None if row is None else _post(row)

    async def _change(self, job: JobId, platform: str, *, synced: bool = False, **values: Any) -> None:
        statement = update(PostRow).where(col(PostRow.job_id) == job, col(PostRow.platform) == platform)
        await self._execute(statement.values(**values), synced=synced)

    async def _execute(self, statement: Executable, *, synced: bool = False) -> int:
        """In a transaction of its own; how many rows it touched."""
        return await self._database.writing(lambda db: affected(db, statement), synced=synced)

    # --- Threads ---

    async def remember_thread(self, platform: str, channel: str, thread: str, root_clip: JobId) -> None:
        """What the thread is about; the first clip said for it stays."""
        values = {"platform": platform, "channel": channel, "thread": thread, "root_clip": root_clip}
        with suppress(IntegrityError):
            await self._execute(insert(ChatThreadRow).values(**values, created_at=self._database.now()))

    async def root_clip(self, platform: str, channel: str, thread: str) -> JobId | None:
        query = select(col(ChatThreadRow.root_clip)).where(
            col(ChatThreadRow.platform) == platform,
            col(ChatThreadRow.channel) == channel,
            col(ChatThreadRow.thread) == thread,
        )
        clip = await self._database.reading(lambda db: db.execute(query).scalar_one_or_none())
        return None if clip is None else JobId(clip)

    # --- Events ---

    async def first_time(self, platform: str, event_id: str) -> bool:
        """Whether this event of the platform is seen for the first time; it counts as seen from now on."""
        seen = {"platform": platform, "event_id": event_id, "seen_at": self._database.now()}
        try:
            await self._execute(insert(ProcessedEventRow).values(**seen))
        except IntegrityError:
            return False
        return True

    async def forget_events(self, older_than: timedelta) -> int:
        """Drop what no platform will send again; how many."""
        before = self._database.now() - older_than.total_seconds()
        return await self._execute(delete(ProcessedEventRow).where(col(ProcessedEventRow.seen_at) < before))

    async def note_heard(self, platform: str, kind: str) -> None:
        """Something of this kind came from the platform now."""
        which = (col(HeardKindRow.platform) == platform, col(HeardKindRow.kind) == kind)
        now = self._database.now()
        if await self._execute(update(HeardKindRow).where(*which).values(heard_at=now)):
            return
        with suppress(IntegrityError):  # another process was first
            await self._execute(insert(HeardKindRow).values(platform=platform, kind=kind, heard_at=now))

    async def heard(self, platform: str) -> Mapping[str, datetime]:
        """When each kind of thing last came from the platform."""
        query = select(col(HeardKindRow.kind), col(HeardKindRow.heard_at)).where(col(HeardKindRow.platform) == platform)
        rows = await self._database.reading(lambda db: db.execute(query).all())
        return {kind: datetime.fromtimestamp(at, UTC) for kind, at in rows}

    # --- The playground ---

    async def append_message(self, channel: str, thread: str, author: str, body: dict[str, Any]) -> PlaygroundMessage:
        values = {"channel": channel, "thread": thread, "author": author, "body": _dumped(body)}
        statement = (
            insert(PlaygroundMessageRow)
            .values(**values, created_at=self._database.now())
            .returning(PlaygroundMessageRow.__table__)  # type: ignore[attr-defined]
        )
        return _message(await self._database.writing(lambda db: db.execute(statement).mappings().one()))

    async def update_message(self, id: int, body: dict[str, Any]) -> PlaygroundMessage | None:  # noqa: A002  # the chat's word
        """The message with another body; None where it is gone."""
        statement = (
            update(PlaygroundMessageRow)
            .where(col(PlaygroundMessageRow.id) == id)
            .values(body=_dumped(body), edited_at=self._database.now())
            .returning(PlaygroundMessageRow.__table__)  # type: ignore[attr-defined]
        )
        row = await self._database.writing(lambda db: db.execute(statement).mappings().one_or_none())
        return None if row is None else _message(row)

    async def message(self, id: int) -> PlaygroundMessage | None:  # noqa: A002  # the chat's word
        rows = await self._messages(select(PlaygroundMessageRow.__table__).where(col(PlaygroundMessageRow.id) == id))  # type: ignore[attr-defined]
        return rows[0] if rows else None

    async def messages(
        self, channel: str, thread: str | None = "", after: int = 0, limit: int = 200
    ) -> Sequence[PlaygroundMessage]:
        """The newest `limit` messages behind `after`, oldest first. `thread` None: the channel and all its threads."""
        query = select(PlaygroundMessageRow.__table__).where(  # type: ignore[attr-defined]
            col(PlaygroundMessageRow.channel) == channel, col(PlaygroundMessageRow.id) > after
        )
        if thread is not None:
            query = query.where(col(PlaygroundMessageRow.thread) == thread)
        newest = await self._messages(query.order_by(desc(col(PlaygroundMessageRow.id))).limit(limit))
        return newest[::-1]

    async def delete_message(self, id: int) -> bool:  # noqa: A002  # the chat's word
        """Whether it was there."""
        return await self._execute(delete(PlaygroundMessageRow).where(col(PlaygroundMessageRow.id) == id)) == 1

    async def said_by(self, author: str) -> Sequence[PlaygroundMessage]:
        """All that a member said, oldest first."""
        theirs = select(PlaygroundMessageRow.__table__).where(col(PlaygroundMessageRow.author) == author)  # type: ignore[attr-defined]
        return await self._messages(theirs.order_by(col(PlaygroundMessageRow.id)))

    async def forget_author(self, author: str) -> None:
        """Delete all that a member said."""
        await self._execute(delete(PlaygroundMessageRow).where(col(PlaygroundMessageRow.author) == author))

    async def _messages(self, query: Any) -> list[PlaygroundMessage]:
        rows = await self._database.reading(lambda db: db.execute(query).mappings().all())
        return [_message(row) for row in rows]


def _mappings(query: Any, connection: Connection) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _post(row: RowMapping) -> Post:
    return Post(
        job=JobId(row["job_id"]),
        platform=row["platform"],
        channel=row["channel"],
        thread=row["thread"],
        message=row["message"],
        state=PostState(row["state"]),
        has_clip=bool(row["has_clip"]),
    )


def _message(row: RowMapping) -> PlaygroundMessage:
    edited = row["edited_at"]
    return PlaygroundMessage(
        id=row["id"],
        channel=row["channel"],
        thread=row["thread"],
        author=row["author"],
        body=json.loads(row["body"]),
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        edited_at=None if edited is None else datetime.fromtimestamp(edited, UTC),
    )


def _dumped(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
