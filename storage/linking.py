"""Rows of linking: codes, and members that become one or two.

Joining and parting are one transaction each, and the only writer is in it: whatever is admitted, settled or refunded
comes before or behind. `ledger` and `queue` go by the member that a job's row names, so a job under way goes on and
settles for whoever owns it then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlmodel import col

from inference.errors import CannotLink, CannotUnlink, LinkCodeInvalid, MemberChanged, RequestRejected, TooManyTries
from inference.types import Identity
from storage import joining, purses
from storage.database import Database
from storage.ledger import Month
from storage.member_tables import LinkCodeRow, LinkTryRow
from storage.rows import fetch, moment
from storage.tables import IdentityRow, MemberRow

TRIES_OF_ONE, TRIES_OF_ALL = 5, 100
"""Wrong codes within `TRIES_COUNT`, of one identity and of all together."""
TRIES_COUNT = timedelta(minutes=10)


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
    connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id).in_((host, guest))))
    joining.join(connection, keep=host, gone=guest, now=now, ranks=ranks)
    return None


def _blocked_until(connection: Connection, now: float, identity: Identity) -> datetime | None:
    """None where another code may be tried. Tries that count no more are forgotten on the way."""
    seconds = TRIES_COUNT.total_seconds()
    connection.execute(delete(LinkTryRow).where(col(LinkTryRow.tried_at) <= now - seconds))
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
    # Status and turn in the queue go along, so that nobody gets rid of either; a grant was given once, and stays.
    fresh = row.model_dump() | {"id": uuid4().hex, "created_at": now, "tier_grant": None, "tier_until": None}
    connection.execute(insert(MemberRow).values(fresh))
    connection.execute(update(IdentityRow).where(col(IdentityRow.identity) == identity).values(member_id=fresh["id"]))
    # Codes that were given out may have been seen by whoever is another from now on.
    connection.execute(delete(LinkCodeRow).where(col(LinkCodeRow.member_id) == member))
    purses.share(connection, fresh["id"], member, str(Month.at(now)))
