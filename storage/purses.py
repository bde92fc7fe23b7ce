"""Who shares a month: the members whose use of it is counted together.

Usually everyone counts for themselves. Two members who were one at some time in a month share that month to its end: an
account that is taken apart may not count anew what it counted as a whole. Rows of `month_purses` say whose month is
counted under another's name, and that one is always counted under its own. Everything here runs inside the caller's
writing transaction.
"""

from __future__ import annotations

from sqlalchemy import Connection, ScalarSelect, delete, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from storage.tables import MonthPurseRow, QuotaMonthRow


def purse(member: str, month: str) -> ColumnElement[str]:
    """Under whose name the member's use of the month is counted."""
    return func.coalesce(_named(member, month), literal(member))


def sharers(member: str, month: str) -> ColumnElement[bool]:
    """For a member's id, in a statement about `MonthPurseRow`: whether that row shares this member's month."""
    return (col(MonthPurseRow.month) == month) & (col(MonthPurseRow.purse) == purse(member, month))


def _named(member: str, month: str) -> ScalarSelect[str]:
    mine = (col(MonthPurseRow.member_id) == member, col(MonthPurseRow.month) == month)
    return select(col(MonthPurseRow.purse)).where(*mine).scalar_subquery()


def share(connection: Connection, fresh: str, member: str, month: str) -> None:
    """A member who has just come to be shares this month with another."""
    values = {"member_id": fresh, "month": month, "purse": purse(member, month)}
    connection.execute(insert(MonthPurseRow).values(values))


def others(connection: Connection, member: str, month: str) -> list[str]:
    """Who shares this member's month."""
    rows = connection.scalars(select(col(MonthPurseRow.member_id)).where(sharers(member, month)))
    owner = connection.scalar(select(purse(member, month)))
    return sorted({*rows, str(owner)} - {member})


def unite(connection: Connection, member: str, other: str, month: str) -> None:
    """Two who stay two members share this month from now on, whatever either has used of it."""
    owner = str(connection.scalar(select(purse(member, month))))
    if owner == str(connection.scalar(select(purse(other, month)))):
        return
    _join(connection, owner, other, month)
    share(connection, other, owner, month)


def join(connection: Connection, keep: str, gone: str) -> None:
    """Count every month of the two under the name of `keep`, and with it the months of all who share with either."""
    for month in sorted(_months(connection, keep, gone)):
        _join(connection, keep, gone, month)


def _months(connection: Connection, *members: str) -> set[str]:
    """In which anything is counted for them."""
    counted = select(col(QuotaMonthRow.month)).where(col(QuotaMonthRow.member_id).in_(members))
    theirs = or_(col(MonthPurseRow.member_id).in_(members), col(MonthPurseRow.purse).in_(members))
    shared = select(col(MonthPurseRow.month)).where(theirs)
    return {*connection.scalars(counted), *connection.scalars(shared)}


def _join(connection: Connection, keep: str, gone: str, month: str) -> None:
    purses = {str(connection.scalar(select(purse(member, month)))) for member in (keep, gone)}
    here = (col(QuotaMonthRow.month) == month, col(QuotaMonthRow.member_id).in_(purses))
    columns = (col(QuotaMonthRow.used), col(QuotaMonthRow.credit), col(QuotaMonthRow.carried))
    sums = connection.execute(select(*(func.coalesce(func.sum(column), 0) for column in columns)).where(*here)).one()
    connection.execute(delete(QuotaMonthRow).where(*here))
    if any(sums):
        used, credit, carried = (int(value) for value in sums)
        total = {"member_id": keep, "month": month, "used": used, "credit": credit, "carried": carried}
        connection.execute(insert(QuotaMonthRow).values(total))
    shares = (col(MonthPurseRow.month) == month,)
    connection.execute(delete(MonthPurseRow).where(*shares, col(MonthPurseRow.member_id).in_((keep, gone))))
    connection.execute(update(MonthPurseRow).where(*shares, col(MonthPurseRow.purse).in_(purses)).values(purse=keep))
    for other in sorted(purses - {keep, gone}):
        connection.execute(insert(MonthPurseRow).values(member_id=other, month=month, purse=keep))
