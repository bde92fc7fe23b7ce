"""What a forgotten identity takes along: what was used this month, and a status that is not good.

Without it `/forgetme` would be a way to more clips, and out of a ban. It is kept under a digest of the identity, by a
key that is not in the database, until the month ends or the suspension does; while a ban holds, for as long.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from inference.types import MemberState, MemberStatus
from storage.ledger import Month
from storage.rows import fetch
from storage.status import status_columns
from storage.tables import MemberRow, QuotaMonthRow, RememberedRow


class Digests:
    """Names an identity without saying it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, identity: str) -> str:
        return hmac.new(self._key, f"identity\n{identity}".encode(), hashlib.sha256).hexdigest()


def remember(connection: Connection, digests: Sequence[str], month: Month, used: int, status: MemberStatus) -> None:
    connection.execute(delete(RememberedRow).where(col(RememberedRow.digest).in_(digests)))
    if used == 0 and status.is_active:
        return
    ends = month.ends_at.timestamp() if used else 0.0
    expires_at = (
        None if status.state is MemberState.BANNED else max(ends, status.until.timestamp() if status.until else 0)
    )
    what = {"month": str(month), "used": used, "expires_at": expires_at, **status_columns(status)}
    connection.execute(insert(RememberedRow), [{"digest": digest, **what} for digest in digests])


def recall_status(connection: Connection, digest: str, member: MemberRow) -> None:
    """Of somebody new, who is not in the database yet."""
    row = _remembered(connection, digest)
    if row is not None:
        member.status, member.status_until, member.status_reason = row.status, row.status_until, row.status_reason


def recall_use(connection: Connection, digest: str, member: str, now: float) -> None:
    """Of somebody new, who is in the database by now; then there is nothing left to remember."""
    row = _remembered(connection, digest)
    connection.execute(delete(RememberedRow).where(col(RememberedRow.digest) == digest))
    if row is not None and row.used and row.month == str(Month.at(now)):
        total = {"member_id": member, "month": row.month, "used": row.used, "credit": 0, "carried": row.used}
        connection.execute(insert(QuotaMonthRow).values(total))


def _remembered(connection: Connection, digest: str) -> RememberedRow | None:
    theirs = select(RememberedRow).where(col(RememberedRow.digest) == digest)
    return next(iter(fetch(connection, RememberedRow, theirs)), None)


def expire(connection: Connection, now: float) -> None:
    connection.execute(delete(RememberedRow).where(col(RememberedRow.expires_at) <= now))


def has_expired(connection: Connection, now: float) -> bool:
    """Whether there is anything for `expire` to do."""
    old = select(col(RememberedRow.digest)).where(col(RememberedRow.expires_at) <= now)
    return connection.scalar(old.limit(1)) is not None
