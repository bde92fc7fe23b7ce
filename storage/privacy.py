"""All that the rows say of a member, and its deletion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Table, delete, select
from sqlmodel import col

from inference.codec import from_json
from inference.protocols import MemberFile, MemberRecord
from inference.types import Identity, JobId, Recipe
from storage import forgetting, remembering
from storage.database import Database
from storage.linking import lapsed
from storage.member_tables import ForgettingRow, LinkCodeRow, LinkTryRow, RememberedRow
from storage.needed import read_by
from storage.remembering import Digests
from storage.tables import (
    AuditRow,
    ClipBlobRow,
    IdentityRow,
    JobRow,
    LedgerRow,
    MemberRow,
    Row,
    ServerTierRow,
)


class SqlPrivacy:
    """Implements PrivacyBook."""

    def __init__(self, database: Database, key: bytes) -> None:
        """`key` digests identities, as `SqlAccounts` does."""
        self._database = database
        self._digests = Digests(key)

    async def record(self, identity: Identity) -> MemberRecord:
        return await self._database.reading(lambda connection: _record(connection, identity))

    async def begin_forgetting(self, identity: Identity) -> None:
        await self._database.writing(
            lambda connection: forgetting.begin(connection, self._database.time(connection), identity, self._digests),
            synced=True,
        )

    async def forget_more(self) -> bool:
        # Mostly there is nothing to do: look before taking the writer's turn.
        return await self._database.reading(self._is_due) and await self._database.writing(self._forget_more)

    def _is_due(self, connection: Connection) -> bool:
        anyone = connection.scalar(select(col(ForgettingRow.member_id)).limit(1)) is not None
        now = self._database.time(connection)
        tried = select(col(LinkTryRow.id)).where(lapsed(now)).limit(1)
        return anyone or remembering.has_expired(connection, now) or connection.scalar(tried) is not None

    def _forget_more(self, connection: Connection) -> bool:
        now = self._database.time(connection)
        remembering.expire(connection, now)
        connection.execute(delete(LinkTryRow).where(lapsed(now)))
        if forgetting.wipe(connection, now) or forgetting.let_go(connection, now):
            return True
        forgetting.finish(connection)
        return False


def _record(connection: Connection, identity: Identity) -> MemberRecord:
    member = connection.scalar(select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == identity))
    if member is None:
        return MemberRecord(tables={}, files=())
    mine = list(connection.scalars(select(col(IdentityRow.identity)).where(col(IdentityRow.member_id) == member)))
    return MemberRecord(tables=_tables(connection, member, mine), files=_files(connection, member))


def _tables(connection: Connection, member: str, mine: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Every row that names the member or one of their identities.

    Not codes, which are as good as keys, nor what is remembered of somebody else who shares their month.
    """
    tables: dict[str, Sequence[Mapping[str, Any]]] = {}
    members = _table(MemberRow)
    tables["members"] = _rows(connection, select(members).where(members.c.id == member))
    for table in Row.metadata.sorted_tables:
        keys = [key.parent for key in table.foreign_keys if key.column is members.c.id]
        if keys and table not in (_table(LinkCodeRow), _table(RememberedRow)):
            tables[table.name] = _rows(connection, select(table).where(keys[0] == member))
    tables["ledger_entries"] = _rows(connection, select(_table(LedgerRow)).where(col(LedgerRow.member_id) == member))
    # What was done to them, and not who did it.
    done = (AuditRow.act, AuditRow.subject, AuditRow.reason, AuditRow.before, AuditRow.after, AuditRow.created_at)
    acts = select(*(col(column) for column in done)).where(col(AuditRow.member_id) == member)
    tables["audit_entries"] = _rows(connection, acts)
    tables["server_tiers"] = _rows(
        connection, select(_table(ServerTierRow)).where(col(ServerTierRow.subject).in_(mine))
    )
    for table in forgetting.by_identity():
        tables[table.name] = _rows(connection, select(table).where(table.c.identity.in_(mine)))
    return tables


def _table(row: type[Row]) -> Table:
    return row.__table__  # type: ignore[attr-defined,no-any-return]


def _rows(connection: Connection, statement: Any) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in connection.execute(statement).mappings()]


def _plain(value: Any) -> Any:
    """What is kept as JSON, as what it says."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):  # a member's own words may begin like that
            return json.loads(value)
    return value


def _files(connection: Connection, member: str) -> list[MemberFile]:
    """Clips as they were delivered, and images as they were stored; of what was not deleted, the newest first."""
    standing = select(col(JobRow.id), col(JobRow.recipe), col(ClipBlobRow.blob)).outerjoin(
        ClipBlobRow, (col(ClipBlobRow.clip_id) == col(JobRow.id)) & (col(ClipBlobRow.name) == "video")
    )
    standing = standing.where(col(JobRow.member_id) == member, col(JobRow.removed_at).is_(None))
    files = []
    for job, recipe, video in connection.execute(standing.order_by(col(JobRow.created_at).desc())):
        if video is not None:
            files.append(MemberFile(job=JobId(job), blob=video, name=f"clips/{job}.mp4"))
        uploads = {blob for blob in read_by(from_json(Recipe, recipe)) if blob == f"{job}/upload.png"}
        files += [MemberFile(job=JobId(job), blob=blob, name=f"uploads/{job}.png") for blob in uploads]
    return files
