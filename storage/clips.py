"""Rows of finished clips: find, list, search, hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, tuple_, update
from sqlmodel import col

from inference.codec import from_json
from inference.errors import NotFound
from inference.types import Clip, ClipPage, ClipQuery, JobId, MediaRef, MemberId, Place, Recipe
from storage.database import Database
from storage.needed import needed, read_by
from storage.rows import clip_value, fetch, fetch_job
from storage.tables import ClipBlobRow, ClipRow, JobRow, LeftoverRow
from storage.transitions import announce

_STANDING = col(ClipRow.removed_at).is_(None)
_AGE = (col(ClipRow.created_at), col(ClipRow.id))


class SqlClips:
    """Implements ClipShelf."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, clip: JobId) -> Clip | None:
        one = select(ClipRow).where(col(ClipRow.id) == clip, _STANDING)
        rows = await self._database.reading(lambda connection: fetch(connection, ClipRow, one))
        return clip_value(rows[0]) if rows else None

    async def family(self, root: JobId) -> Sequence[Clip]:
        """All standing clips of the family, oldest first, private ones too: the service filters."""
        relatives = select(ClipRow).where(col(ClipRow.root_id) == root, _STANDING).order_by(*_AGE)
        rows = await self._database.reading(lambda connection: fetch(connection, ClipRow, relatives))
        return [clip_value(row) for row in rows]

    async def search(self, query: ClipQuery, member: MemberId | None) -> ClipPage:
        """Clips that `member` may see; None is a viewer who owns none. Every word of the text must occur.

        Raises NotFound where `query.after` names no clip.
        """
        rows = await self._database.reading(lambda connection: _search(connection, query, member))
        return ClipPage(clips=tuple(map(clip_value, rows[: query.limit])), has_more=len(rows) > query.limit)

    async def blob(self, clip: JobId, name: str) -> MediaRef | None:
        where = (
            select(col(ClipBlobRow.blob))
            .join(ClipRow, col(ClipRow.id) == col(ClipBlobRow.clip_id))
            .where(_STANDING, col(ClipRow.id) == clip, col(ClipBlobRow.name) == name)
        )
        found = await self._database.reading(lambda connection: connection.scalar(where))
        return None if found is None else MediaRef(blob=found)

    async def remove(self, clip: JobId) -> Sequence[str]:
        """Hide the clip, or the job that has none, and announce it; returns the blobs that nothing needs any more.

        What a queued or running job still reads is left out: see `leftovers`. Raises NotFound.
        """

        def remove(connection: Connection) -> Sequence[str]:
            job = fetch_job(connection, clip)
            if job is None:
                raise NotFound(what="clip", id=clip)
            if job.removed_at is None:
                now = self._database.time(connection)
                connection.execute(update(ClipRow).where(col(ClipRow.id) == clip).values(removed_at=now))
                untold = {"removed_at": now, "delivered": job.reply_to == ""}
                connection.execute(update(JobRow).where(col(JobRow.id) == clip).values(untold))
                connection.execute(insert(LeftoverRow).values(job_id=clip))
                announce(connection, clip, "removed", now)
            return sorted(_own_blobs(connection, job) - needed(connection))

        return await self._database.writing(remove)

    async def leftovers(self) -> Sequence[JobId]:
        return await self._database.reading(_leftovers)

    async def purged(self, job: JobId) -> None:
        gone = delete(LeftoverRow).where(col(LeftoverRow.job_id) == job)
        await self._database.writing(lambda connection: connection.execute(gone))


def _search(connection: Connection, query: ClipQuery, member: MemberId | None) -> list[ClipRow]:
    """The page, and one more where there is more."""
    statement = select(ClipRow).where(_STANDING, _visible(query, member), *_matching(query))
    if query.after is not None:
        statement = statement.where(_behind(connection, query.after, ascending=query.ascending))
    order = _AGE if query.ascending else (column.desc() for column in _AGE)
    return fetch(connection, ClipRow, statement.order_by(*order).limit(query.limit + 1))


def _visible(query: ClipQuery, member: MemberId | None) -> ColumnElement[bool]:
    own = col(ClipRow.member_id) == (member or "")
    return own if query.mine else or_(own, col(ClipRow.private).is_(False))


def _matching(query: ClipQuery) -> Iterator[ColumnElement[bool]]:
    for word in query.text.split():
        yield or_(
            col(ClipRow.text).icontains(word, autoescape=True), col(ClipRow.prompt).icontains(word, autoescape=True)
        )
    if query.place is not None:
        yield _inside(query.place)


def _inside(place: Place) -> ColumnElement[bool]:
    """In the place, or somewhere within it: what the place leaves empty matches everything."""
    narrower = ((col(ClipRow.workspace), place.workspace), (col(ClipRow.channel), place.channel))
    return and_(col(ClipRow.platform) == place.platform, *(col(column) == value for column, value in narrower if value))


def _behind(connection: Connection, after: JobId, *, ascending: bool) -> ColumnElement[bool]:
    """The page after that clip, which may have been removed meanwhile."""
    last = (connection.execute(select(*_AGE).where(col(ClipRow.id) == after))).one_or_none()
    if last is None:
        raise NotFound(what="clip", id=after)
    return tuple_(*_AGE) > tuple(last) if ascending else tuple_(*_AGE) < tuple(last)


def _own_blobs(connection: Connection, job: JobRow) -> set[str]:
    """Renditions, and uploads that were stored for this job alone."""
    renditions = set(connection.scalars(select(col(ClipBlobRow.blob)).where(col(ClipBlobRow.clip_id) == job.id)))
    uploads = {blob for blob in read_by(from_json(Recipe, job.recipe)) if blob.startswith(f"{job.id}/")}
    return renditions | uploads


def _leftovers(connection: Connection) -> list[JobId]:
    """Removed jobs of whose blobs no queued or running job reads any."""
    removed = list(connection.scalars(select(col(LeftoverRow.job_id))))
    if not removed:
        return []
    readers = {blob.partition("/")[0] for blob in needed(connection)}
    return [JobId(job) for job in removed if job not in readers]
