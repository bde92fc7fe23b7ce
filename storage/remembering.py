"""What a forgotten identity takes along: what was used this month, and a status that is not good.

Without it `/forgetme` would be a way to more clips, and out of a ban. It is kept under a digest of the identity, by a
key that is not in the database, until the month ends or the suspension does; while a ban holds, for as long.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from inference.types import MemberState, MemberStatus
from storage import ledger, purses
from storage.ledger import Month
from storage.member_tables import RememberedRow
from storage.rows import fetch
from storage.status import status_columns
from storage.tables import MemberRow


class Digests:
    """Names an identity without saying it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, identity: str) -> str:
        return hmac.new(self._key, f"identity\n{identity}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What somebody takes along who is forgotten."""

    month: Month
    #: Clips of that month.
    used: int
    #: Who counts that month together with them, and is not forgotten.
    shared_with: str | None
    status: MemberStatus


def remember(connection: Connection, member: str, digests: Sequence[str], taken: Taken) -> None:
    """`digests` are those of the member's identities."""
    together = uuid4().hex
    # Who was forgotten before, and shared the month with this member, shares it with whoever of them comes first.
    before = update(RememberedRow).where(col(RememberedRow.shared_with) == member)
    connection.execute(before.values(used=taken.used, together=together, shared_with=taken.shared_with))
    connection.execute(delete(RememberedRow).where(col(RememberedRow.digest).in_(digests)))
    status = taken.status
    counts = taken.used > 0 or taken.shared_with is not None or len(digests) > 1
    if not counts and status.is_active:
        return
    ends = taken.month.ends_at.timestamp() if counts else 0.0
    expires_at = (
        None if status.state is MemberState.BANNED else max(ends, status.until.timestamp() if status.until else 0)
    )
    what = {
        "month": str(taken.month),
        "used": taken.used,
        "together": together,
        "shared_with": taken.shared_with,
        "expires_at": expires_at,
        **status_columns(status),
    }
    connection.execute(insert(RememberedRow), [{"digest": digest, **what} for digest in digests])


def is_remembered(connection: Connection, digest: str) -> bool:
    return connection.scalar(select(col(RememberedRow.digest)).where(col(RememberedRow.digest) == digest)) is not None


def recall(connection: Connection, digest: str, member: str, now: float) -> None:
    """Give somebody new what their identity takes along; then there is nothing left to remember."""
    theirs = col(RememberedRow.digest) == digest
    found = fetch(connection, RememberedRow, select(RememberedRow).where(theirs))
    connection.execute(delete(RememberedRow).where(theirs))
    for row in found:
        status = {"status": row.status, "status_until": row.status_until, "status_reason": row.status_reason}
        # What was said of them since they came again goes before.
        untold = (col(MemberRow.id) == member, col(MemberRow.status) == MemberState.ACTIVE)
        connection.execute(update(MemberRow).where(*untold).values(status))
        if row.month == str(Month.at(now)):
            _count(connection, row, member)


def _count(connection: Connection, row: RememberedRow, member: str) -> None:
    """What was used by several together counts once, whoever of them comes again."""
    if row.shared_with is not None:
        purses.unite(connection, row.shared_with, member, row.month)
        return
    ledger.carry(connection, member, row.month, row.used)
    if row.together:
        rest = update(RememberedRow).where(col(RememberedRow.together) == row.together)
        connection.execute(rest.values(shared_with=member))


def expire(connection: Connection, now: float) -> None:
    connection.execute(delete(RememberedRow).where(col(RememberedRow.expires_at) <= now))


def has_expired(connection: Connection, now: float) -> bool:
    """Whether there is anything for `expire` to do."""
    old = select(col(RememberedRow.digest)).where(col(RememberedRow.expires_at) <= now)
    return connection.scalar(old.limit(1)) is not None
