"""The ledger: clips reserved at admission, then committed or refunded, once, in the transaction that moves the job.

Everything here runs inside the caller's writing transaction. The running total of a member's month
(`quota_months.used`) always equals its reservations less its refunds; `storage.books` checks it. Members who share a
month (`storage.purses`) share its total.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update
from sqlmodel import col

from inference.errors import QuotaExceeded
from storage.database import affected
from storage.purses import purse, sharers
from storage.tables import JobRow, LedgerRow, MonthPurseRow, QuotaMonthRow


class Entry(StrEnum):
    """Kinds of ledger entries; the last two settle."""

    RESERVE = "reserve"
    COMMIT = "commit"
    REFUND = "refund"


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


def give_back(connection: Connection, member: str, month: Month) -> None:
    """Allow once more what was spent so far. The entries stay as they are: what happened, happened.

    What is only reserved counts on, so that its refund, should it come, gives nothing back twice.
    """
    spent = (
        select(func.coalesce(func.sum(col(LedgerRow.clips)), 0))
        .where(_counted_with(member, str(month)), col(LedgerRow.month) == str(month))
        .where(col(LedgerRow.kind) == Entry.COMMIT)
        .scalar_subquery()
    )
    connection.execute(update(QuotaMonthRow).where(*_of(member, str(month))).values(credit=spent))


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
        give_back = (
            update(QuotaMonthRow).where(*_of(job.member_id, job.month)).values(used=col(QuotaMonthRow.used) - job.clips)
        )
        touched = affected(connection, give_back)
        assert touched == 1, f"job {job.id} was reserved in a month that has no total"


def _enter(connection: Connection, job: JobRow, entry: Entry, now: float) -> None:
    values = {"job_id": job.id, "member_id": job.member_id, "month": job.month, "kind": entry, "clips": job.clips}
    connection.execute(insert(LedgerRow), values | {"created_at": now})
