"""Rows of linking: codes, and members that become one or two.

Joining and parting are one transaction each, and the only writer is in it: whatever is admitted, settled or refunded
comes before or behind. `ledger` and `queue` go by the member that a job's row names, so a job under way goes on and
settles for whoever owns it then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlmodel import col

from inference.codec import from_json
from inference.errors import CannotLink, CannotUnlink, LinkCodeInvalid, MemberChanged, RequestRejected, TooManyTries
from inference.types import Identity, Requester
from storage import joining, purses
from storage.database import Database
from storage.ledger import Month
from storage.member_tables import LinkCodeRow, LinkTryRow
from storage.rows import fetch, moment
from storage.status import status_value
from storage.tables import ClipRow, IdentityRow, JobRow, LedgerRow, MemberRow

TRIES_OF_ONE, TRIES_OF_ALL = 5, 100
"""Wrong codes within `TRIES_COUNT`, of one identity and of all together."""
TRIES_COUNT = timedelta(minutes=10)
AT_ONCE = 500
"""Jobs that one statement names."""


class SqlLinks:
    """Implements LinkBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_code(self, identity: Identity, digest: str, lives: timedelta) -> datetime:
        def keep(connection: Connection) -> float:
            member = _owner(connection, identity)
            expires_at = self._database.time(connection) + lives.total_seconds()
            connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id) == member))
            code = {"member_id": member, "digest": digest, "expires_at": expires_at}
            connection.execute(insert(LinkCodeRow).values(code))
            return expires_at

        return moment(await self._database.writing(keep))

    async def redeem(self, identity: Identity, digest: str, ranks: Sequence[str]) -> None:
        # A refusal is returned, not raised: the try that it counts must stay.
        refusal = await self._database.writing(
            lambda connection: _redeem(connection, self._database.time(connection), identity, digest, ranks)
        )
        if refusal is not None:
            raise refusal

    async def part(self, identity: Identity, owner: Identity) -> None:
        await self._database.writing(
            lambda connection: _part(connection, self._database.time(connection), identity, owner)
        )


def _owner(connection: Connection, identity: str) -> str:
    found = connection.scalar(select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == identity))
    if found is None:
        raise MemberChanged
    return str(found)


def _redeem(
    connection: Connection, now: float, identity: Identity, digest: str, ranks: Sequence[str]
) -> RequestRejected | None:
    """What stands against it. Whoever tried too often learns nothing more, not even that they were right."""
    guest = _owner(connection, identity)
    until = _blocked_until(connection, now, identity)
    if until is not None:
        return TooManyTries(until=until.isoformat())
    ours = select(col(LinkCodeRow.member_id)).where(col(LinkCodeRow.digest) == digest)
    host = connection.scalar(ours.where(col(LinkCodeRow.expires_at) > now))
    if host is None:
        connection.execute(insert(LinkTryRow).values(identity=identity, tried_at=now))
        return LinkCodeInvalid()
    if host == guest:
        return CannotLink(reason="already one")
    rows = fetch(connection, MemberRow, select(MemberRow).where(col(MemberRow.id).in_((host, guest))))
    if not all(status_value(row, now).is_active for row in rows):
        # A code is easily given to somebody who does not know whose it is: a ban is nothing to be shared by it.
        return CannotLink(reason="blocked")
    connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id).in_((host, guest))))
    joining.join(connection, keep=host, gone=guest, now=now, ranks=ranks)
    return None


def lapsed(now: float) -> ColumnElement[bool]:
    """Of tries that count no more."""
    return col(LinkTryRow.tried_at) <= now - TRIES_COUNT.total_seconds()


def _blocked_until(connection: Connection, now: float, identity: Identity) -> datetime | None:
    """None where another code may be tried. Tries that count no more are forgotten on the way."""
    seconds = TRIES_COUNT.total_seconds()
    connection.execute(delete(LinkTryRow).where(lapsed(now)))
    of_one = select(func.count(), func.min(col(LinkTryRow.tried_at))).where(col(LinkTryRow.identity) == identity)
    of_all = select(func.count(), func.min(col(LinkTryRow.tried_at)))
    for tried, limit in ((of_one, TRIES_OF_ONE), (of_all, TRIES_OF_ALL)):
        count, first = connection.execute(tried).one()
        if count >= limit:
            return moment(first + seconds)
    return None


def _part(connection: Connection, now: float, identity: Identity, owner: Identity) -> None:
    member = _owner(connection, owner)
    mine = list(connection.scalars(select(col(IdentityRow.identity)).where(col(IdentityRow.member_id) == member)))
    if identity not in mine:
        raise CannotUnlink(identity=identity, reason="not yours")
    if len(mine) == 1:
        raise CannotUnlink(identity=identity, reason="the only one")
    (row,) = fetch(connection, MemberRow, select(MemberRow).where(col(MemberRow.id) == member))
    # Status and turn in the queue go along, so that nobody gets rid of either; a grant was given once.
    fresh = row.model_dump() | {"id": uuid4().hex, "created_at": now}
    poorer = update(MemberRow).where(col(MemberRow.id) == (member if row.tier_identity == identity else fresh["id"]))
    connection.execute(insert(MemberRow).values(fresh))
    connection.execute(poorer.values(tier_grant=None, tier_until=None, tier_identity=None))
    connection.execute(update(IdentityRow).where(col(IdentityRow.identity) == identity).values(member_id=fresh["id"]))
    # Codes that were given out may have been seen by whoever is another from now on.
    connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id) == member))
    _take_along(connection, identity, member, fresh["id"], Month.at(now))


def _take_along(connection: Connection, identity: Identity, member: str, fresh: str, month: Month) -> None:
    """What the identity asked for is the fresh member's, and counts where it counted: those months are shared."""
    theirs = select(col(JobRow.id), col(JobRow.month), col(JobRow.requester)).where(col(JobRow.member_id) == member)
    asked = [
        (job, at)
        for job, at, requester in connection.execute(theirs)
        if from_json(Requester, requester).identity == identity
    ]
    for shared in sorted({str(month), *(at for _, at in asked)}):
        purses.share(connection, fresh, member, shared)
    jobs = [job for job, _ in asked]
    for some in (jobs[first : first + AT_ONCE] for first in range(0, len(jobs), AT_ONCE)):
        rows = (
            update(JobRow).where(col(JobRow.id).in_(some)),
            update(ClipRow).where(col(ClipRow.id).in_(some)),
            update(LedgerRow).where(col(LedgerRow.member_id) == member, col(LedgerRow.job_id).in_(some)),
        )
        for moved in rows:
            connection.execute(moved.values(member_id=fresh))
