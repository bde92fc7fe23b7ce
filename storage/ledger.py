"""The ledger: clips reserved at admission, then committed or refunded, once, in the transaction that moves the job.

What was committed may be given back later, once: by a month that begins anew (its limit rises) or by a return (its use
falls). Everything here runs inside the caller's writing transaction. The running total of a member's month
(`quota_months.used`) always equals its reservations less its refunds and returns; `storage.books` checks it. Members
who share a month (`storage.purses`) share its total.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Float, Subquery, func, insert, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from inference.errors import AlreadyGivenBack, InvalidValue, QuotaExceeded
from storage.database import affected
from storage.purses import purse, sharers
from storage.tables import JobRow, LedgerRow, MonthPurseRow, QuotaMonthRow


class Entry(StrEnum):
    """Kinds of ledger entries: COMMIT and REFUND settle a job, CREDIT and RETURN give back what was committed."""

    RESERVE = "reserve"
    COMMIT = "commit"
    REFUND = "refund"
    CREDIT = "credit"
    RETURN = "return"


GIVEN_BACK = (Entry.CREDIT, Entry.RETURN)
"""A job has one entry of these at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def at(cls, now: float) -> Month:
        """The month in which `now` (seconds since 1970) lies."""
        moment = datetime.fromtimestamp(now, UTC)
        return cls(year=moment.year, month=moment.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """From `YYYY-MM`. Raises ValueError."""
        moment = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        return cls(year=moment.year, month=moment.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def ends_at(self) -> datetime:
        """The first moment of the next month, when quotas start anew."""
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A member's month."""

    #: Clips reserved or spent.
    used: int = 0
    #: Clips given back, which the month allows on top of the tier's.
    credit: int = 0


def total(connection: Connection, member: str, month: Month) -> Total:
    found = select(col(QuotaMonthRow.used), col(QuotaMonthRow.credit)).where(*_of(member, str(month)))
    row = connection.execute(found).one_or_none()
    return Total() if row is None else Total(used=row.used, credit=row.credit)


def reserve(connection: Connection, member: str, month: Month, *, clips: int, limit: int, tier: str) -> Total:
    """Count `clips` against the month, where limit and credit allow them; the month's new total.

    Raises QuotaExceeded, whose `lifted_by` the service fills in.
    """
    if clips == 0:
        # What costs nothing is refused to nobody, not even where a limit was lowered below what is used.
        return total(connection, member, month)
    taken = connection.execute(
        update(QuotaMonthRow)
        .where(*_of(member, str(month)))
        .where(col(QuotaMonthRow.used) + clips <= limit + col(QuotaMonthRow.credit))
        .values(used=col(QuotaMonthRow.used) + clips)
        .returning(col(QuotaMonthRow.used), col(QuotaMonthRow.credit))
    ).one_or_none()
    if taken is not None:
        return Total(used=taken.used, credit=taken.credit)
    before = total(connection, member, month)
    if before.used + clips > limit + before.credit:
        resets = month.ends_at.isoformat()
        raise QuotaExceeded(tier=tier, limit=limit + before.credit, used=before.used, asked=clips, resets_at=resets)
    # The limit had room and yet nothing matched: this is the member's first reservation of the month.
    first = {"member_id": purse(member, str(month)), "month": str(month), "used": clips, "credit": 0, "carried": 0}
    connection.execute(insert(QuotaMonthRow).values(first))
    return Total(used=clips)


def begin_anew(connection: Connection, member: str, month: Month, now: float) -> int:
    """Allow once more what was spent so far, and was not given back yet; how many clips.

    What is only reserved counts on, so that its refund, should it come, gives nothing back twice.
    """
    spent = _not_given_back(_counted_with(member, str(month)), month)
    clips: int = connection.execute(select(func.coalesce(func.sum(spent.c.clips), 0))).scalar_one()
    if clips:
        entries = select(spent, literal(str(Entry.CREDIT)), literal(now, Float()))
        columns = ["job_id", "member_id", "month", "clips", "kind", "created_at"]
        connection.execute(insert(LedgerRow).from_select(columns, entries))
        raised = {"credit": col(QuotaMonthRow.credit) + clips}
        connection.execute(update(QuotaMonthRow).where(*_of(member, str(month))).values(raised))
    return clips


def spent_jobs(connection: Connection, member: str, month: Month) -> list[str]:
    """The member's own jobs of the month whose clips were spent, and not given back yet; oldest first."""
    own = _not_given_back(col(LedgerRow.member_id) == member, month)
    return list(connection.scalars(select(own.c.job_id)))


def give_back(connection: Connection, job: JobRow, now: float) -> None:
    """Return what a job cost to the month that it was charged to.

    Raises InvalidValue where it cost nothing that could be returned; AlreadyGivenBack.
    """
    kinds = set(connection.scalars(select(col(LedgerRow.kind)).where(col(LedgerRow.job_id) == job.id)))
    if kinds.intersection(GIVEN_BACK):
        raise AlreadyGivenBack(job=job.id)
    if Entry.COMMIT not in kinds or not job.clips:
        raise InvalidValue(name="job", value=job.id, allowed="a clip that was made and charged")
    _enter(connection, job, Entry.RETURN, now)
    _use_less(connection, job)


def _not_given_back(whose: ColumnElement[bool], month: Month) -> Subquery:
    given = aliased(LedgerRow)
    back = select(literal(1)).where(col(given.job_id) == col(LedgerRow.job_id), col(given.kind).in_(GIVEN_BACK))
    columns = (LedgerRow.job_id, LedgerRow.member_id, LedgerRow.month, LedgerRow.clips)
    return (
        select(*(col(column) for column in columns))
        .where(whose, col(LedgerRow.month) == str(month))
        .where(col(LedgerRow.kind) == Entry.COMMIT, col(LedgerRow.clips) > 0, ~back.exists())
        .order_by(col(LedgerRow.id))
        .subquery()
    )


def carry(connection: Connection, member: str, month: str, clips: int) -> None:
    """Count what was used before under another name, of which no entry tells."""
    more = {"used": col(QuotaMonthRow.used) + clips, "carried": col(QuotaMonthRow.carried) + clips}
    if not affected(connection, update(QuotaMonthRow).where(*_of(member, month)).values(more)):
        total = {"member_id": purse(member, month), "month": month, "used": clips, "credit": 0, "carried": clips}
        connection.execute(insert(QuotaMonthRow).values(total))


def _of(member: str, month: str) -> tuple[ColumnElement[bool], ...]:
    return (col(QuotaMonthRow.member_id) == purse(member, month), col(QuotaMonthRow.month) == month)


def _counted_with(member: str, month: str) -> ColumnElement[bool]:
    """Entries of all whose use of the month is counted with this member's."""
    others = select(col(MonthPurseRow.member_id)).where(sharers(member, month))
    return or_(col(LedgerRow.member_id) == purse(member, month), col(LedgerRow.member_id).in_(others))


def record_reserve(connection: Connection, job: JobRow, now: float) -> None:
    """Enter the reservation of a job just inserted."""
    _enter(connection, job, Entry.RESERVE, now)


def settle(connection: Connection, job: JobRow, entry: Entry, now: float) -> None:
    """Commit or refund the job's reservation, in the month in which it was made.

    Raises IntegrityError for a second settlement, by the unique index.
    """
    _enter(connection, job, entry, now)
    if entry is Entry.REFUND and job.clips > 0:
        _use_less(connection, job)


def _use_less(connection: Connection, job: JobRow) -> None:
    less = update(QuotaMonthRow).where(*_of(job.member_id, job.month))
    touched = affected(connection, less.values(used=col(QuotaMonthRow.used) - job.clips))
    assert touched == 1, f"job {job.id} was reserved in a month that has no total"


def _enter(connection: Connection, job: JobRow, entry: Entry, now: float) -> None:
    values = {"job_id": job.id, "member_id": job.member_id, "month": job.month, "kind": entry, "clips": job.clips}
    connection.execute(insert(LedgerRow), values | {"created_at": now})
