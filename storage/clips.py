"""Rows of finished clips: find, list, search, hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from inference.codec import from_json
from inference.errors import NotFound
from inference.types import Clip, ClipPage, ClipQuery, JobId, MediaRef, MemberId, Place, Recipe, RenderPlan
from storage.admission import ACTIVE
from storage.database import Database
from storage.rows import clip_value, fetch
from storage.tables import ClipBlobRow, ClipRow, JobRow

_STANDING = col(ClipRow.removed_at).is_(None)
_AGE = (col(ClipRow.created_at), col(ClipRow.id))


class SqlClips:
    """Implements ClipShelf."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, clip: JobId) -> Clip | None:
        async with self._database.read() as connection:
            row = await _find(connection, clip)
            return None if row is None else clip_value(row)

    async def family(self, root: JobId) -> Sequence[Clip]:
        """All standing clips of the family, oldest first, private ones too: the service filters."""
        relatives = select(ClipRow).where(col(ClipRow.root_id) == root, _STANDING).order_by(*_AGE)
        async with self._database.read() as connection:
            return [clip_value(row) for row in await fetch(connection, ClipRow, relatives)]

    async def search(self, query: ClipQuery, member: MemberId | None) -> ClipPage:
        """Clips that `member` may see; None is a viewer who owns none. Every word of the text must occur.

        Raises NotFound where `query.after` names no clip.
        """
        statement = select(ClipRow).where(_STANDING, _visible(query, member), *_matching(query))
        statement = statement.order_by(*(_AGE if query.ascending else (column.desc() for column in _AGE)))
        async with self._database.read() as connection:
            if query.after is not None:
                statement = statement.where(await _behind(connection, query.after, query.ascending))
            rows = await fetch(connection, ClipRow, statement.limit(query.limit + 1))
        return ClipPage(clips=tuple(map(clip_value, rows[: query.limit])), has_more=len(rows) > query.limit)

    async def blob(self, clip: JobId, name: str) -> MediaRef | None:
        where = (
            select(col(ClipBlobRow.blob))
            .join(ClipRow, col(ClipRow.id) == col(ClipBlobRow.clip_id))
            .where(_STANDING, col(ClipRow.id) == clip, col(ClipBlobRow.name) == name)
        )
        async with self._database.read() as connection:
            found = await connection.scalar(where)
        return None if found is None else MediaRef(blob=found)

    async def remove(self, clip: JobId) -> Sequence[str]:
        """Hide the clip; returns the blobs that nothing needs any more.

        What a queued or running job still reads is left out: removing again later returns it. Raises NotFound.
        """
        async with self._database.write() as connection:
            rows = await fetch(connection, ClipRow, select(ClipRow).where(col(ClipRow.id) == clip))
            if not rows:
                raise NotFound(what="clip", id=clip)
            hide = update(ClipRow).where(col(ClipRow.id) == clip, _STANDING).values(removed_at=self._database.now())
            await connection.execute(hide)
            own = await _own_blobs(connection, rows[0])
            return sorted(own - await _needed(connection))


async def _find(connection: AsyncConnection, clip: JobId) -> ClipRow | None:
    rows = await fetch(connection, ClipRow, select(ClipRow).where(col(ClipRow.id) == clip, _STANDING))
    return rows[0] if rows else None


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


async def _behind(connection: AsyncConnection, after: JobId, ascending: bool) -> ColumnElement[bool]:
    """The page after that clip, which may have been removed meanwhile."""
    last = (await connection.execute(select(*_AGE).where(col(ClipRow.id) == after))).one_or_none()
    if last is None:
        raise NotFound(what="clip", id=after)
    return tuple_(*_AGE) > tuple(last) if ascending else tuple_(*_AGE) < tuple(last)


async def _own_blobs(connection: AsyncConnection, clip: ClipRow) -> set[str]:
    """Renditions, and uploads that were stored for this clip alone."""
    renditions = set(await connection.scalars(select(col(ClipBlobRow.blob)).where(col(ClipBlobRow.clip_id) == clip.id)))
    uploads = {blob for blob in _read_by(from_json(Recipe, clip.recipe)) if blob.startswith(f"{clip.id}/")}
    return renditions | uploads


async def _needed(connection: AsyncConnection) -> set[str]:
    """Blobs that queued and running jobs will read."""
    recipes = await connection.scalars(select(col(JobRow.recipe)).where(col(JobRow.status).in_(ACTIVE)))
    return {blob for recipe in recipes for blob in _read_by(from_json(Recipe, recipe))}


def _read_by(recipe: Recipe) -> Iterator[str]:
    for piece in recipe.pieces:
        if not isinstance(piece, RenderPlan):
            yield piece.media.blob
            continue
        yield from (condition.media.blob for condition in piece.conditions)
        if piece.start is not None:
            yield piece.start.media.blob
