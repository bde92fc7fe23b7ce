"""The audit log: every act of operators and managers, written in the transaction of the act itself.

Triggers refuse to change or delete a row (see the migration). Members stand there by their own id, not by their
identities, so that the log stays as it is, and says nothing more, when a member is forgotten.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import Connection, insert, or_, select
from sqlmodel import col

from inference.types import AuditEntry, AuditPage, AuditQuery, Facts, Identity, MemberId, Person, Place, Signature
from storage.rows import fetch, moment
from storage.tables import AuditRow, FormerMemberRow, IdentityRow, MemberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done, beside who did it."""

    act: str
    #: A member's id, or the identity of one who may not have been here yet.
    member: MemberId | None = None
    identity: Identity | None = None
    subject: str = ""
    before: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)


def enter(connection: Connection, now: float, signed: Signature, deed: Deed) -> None:
    """Write it down, within the transaction of the deed."""
    whom = deed.member or (member_of(connection, deed.identity, now) if deed.identity else None)
    row = {
        "act": deed.act,
        "actor_id": member_of(connection, signed.by, now),
        "platform": signed.place.platform if signed.place.workspace else "",
        "workspace": signed.place.workspace,
        "member_id": whom,
        "subject": deed.subject,
        "reason": signed.reason,
        "before": json.dumps(deed.before, ensure_ascii=False),
        "after": json.dumps(deed.after, ensure_ascii=False),
        "created_at": now,
    }
    connection.execute(insert(AuditRow).values(row))


def member_of(connection: Connection, identity: Identity, now: float) -> MemberId:
    """The member of this identity, made at first sight."""
    known = connection.scalar(select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == identity))
    if known is not None:
        return MemberId(known)
    member = MemberRow(id=uuid4().hex, created_at=now)
    connection.execute(insert(MemberRow).values(member.model_dump()))
    connection.execute(insert(IdentityRow).values(identity=identity, member_id=member.id, created_at=now))
    return MemberId(member.id)


def page(connection: Connection, query: AuditQuery, place: Place | None) -> AuditPage:
    """Newest first; of one server where a place is given."""
    statement = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(query.limit + 1)
    if place is not None:
        statement = statement.where(
            col(AuditRow.platform) == place.platform, col(AuditRow.workspace) == place.workspace
        )
    if query.behind is not None:
        statement = statement.where(col(AuditRow.id) < query.behind)
    if query.after is not None:
        statement = statement.where(col(AuditRow.created_at) >= query.after.timestamp())
    if query.member is not None:
        known = select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == query.member)
        member = connection.scalar(known) or ""
        before = select(col(FormerMemberRow.id)).where(col(FormerMemberRow.member_id) == member)
        ids = [member, *connection.scalars(before)]
        statement = statement.where(or_(col(AuditRow.member_id).in_(ids), col(AuditRow.actor_id).in_(ids)))
    rows = fetch(connection, AuditRow, statement)
    shown = rows[: query.limit]
    persons = _persons(connection, {row.actor_id for row in shown} | {row.member_id or "" for row in shown})
    return AuditPage(entries=tuple(_value(row, persons) for row in shown), has_more=len(rows) > query.limit)


def _persons(connection: Connection, members: set[str]) -> dict[str, Person]:
    """Who they are by now: one who was joined with another is that other."""
    became = select(col(FormerMemberRow.id), col(FormerMemberRow.member_id)).where(col(FormerMemberRow.id).in_(members))
    now = {member: member for member in members} | dict(connection.execute(became).all())
    identities = _identities(connection, set(now.values()))
    return {
        member: Person(member=MemberId(current), identities=tuple(identities[current]))
        for member, current in now.items()
    }


def _identities(connection: Connection, members: set[str]) -> dict[str, list[Identity]]:
    found: dict[str, list[Identity]] = defaultdict(list)
    theirs = select(col(IdentityRow.member_id), col(IdentityRow.identity)).where(
        col(IdentityRow.member_id).in_(members)
    )
    for member, identity in connection.execute(theirs.order_by(col(IdentityRow.created_at))):
        found[member].append(Identity(identity))
    return found


def _value(row: AuditRow, persons: dict[str, Person]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=moment(row.created_at),
        act=row.act,
        by=persons[row.actor_id],
        place=Place(platform=row.platform, workspace=row.workspace),
        whom=None if row.member_id is None else persons[row.member_id],
        subject=row.subject,
        reason=row.reason,
        before=json.loads(row.before),
        after=json.loads(row.after),
    )
