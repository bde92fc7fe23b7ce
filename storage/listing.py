"""Pages of a member's jobs, by keyset: a page costs the same wherever it lies."""

from __future__ import annotations

from sqlalchemy import Connection, select, tuple_
from sqlmodel import col

from inference.types import JobPage, JobQuery, MemberId
from storage.rows import fetch, load_jobs
from storage.tables import JobRow

_AGE = (col(JobRow.created_at), col(JobRow.id))


def page(connection: Connection, member: MemberId, query: JobQuery) -> JobPage:
    """See `inference.protocols.AccountBook.jobs`."""
    statement = select(JobRow).where(col(JobRow.member_id) == member, col(JobRow.removed_at).is_(None))
    statement = statement.order_by(*(_AGE if query.ascending else (column.desc() for column in _AGE)))
    if query.after is not None:
        own = (col(JobRow.id) == query.after, col(JobRow.member_id) == member)
        last = (connection.execute(select(*_AGE).where(*own))).one_or_none()
        if last is None:
            return JobPage(jobs=(), has_more=False)
        statement = statement.where(tuple_(*_AGE) > tuple(last) if query.ascending else tuple_(*_AGE) < tuple(last))
    rows = fetch(connection, JobRow, statement.limit(query.limit + 1))
    return JobPage(jobs=tuple(load_jobs(connection, rows[: query.limit])), has_more=len(rows) > query.limit)
