"""Rows of what the managers of servers decided: policies, tiers, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select
from sqlmodel import col

from inference.codec import from_json, to_json, to_plain
from inference.protocols import Gift, ServerRules
from inference.types import BlockMember, Decisions, Facts, GiveTier, Identity, Place, Policy, PolicyWish, Signature
from storage import audit
from storage.audit import Deed
from storage.database import Database
from storage.rows import fetch, moment, to_come
from storage.tables import PlacePolicyRow, ServerBlockRow, ServerTierRow


class SqlServers:
    """Implements ServerBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self, place: Place, member: Identity | None = None, roles: Sequence[str] = ()) -> ServerRules:
        return await self._database.reading(
            lambda connection: _rules(connection, place, member, roles, self._database.now())
        )

    async def change_policy(self, place: Place, wish: PolicyWish, signed: Signature) -> None:
        here = {"platform": place.platform, "workspace": place.workspace, "channel": place.channel}

        def write(connection: Connection) -> None:
            before = _wish(connection, place)
            connection.execute(delete(PlacePolicyRow).filter_by(**here))
            if wish != PolicyWish():
                connection.execute(insert(PlacePolicyRow).values(**here, wish=to_json(PolicyWish, wish)))
            deed = Deed(act="policy", subject=place.channel, before=_said(before), after=_said(wish))
            audit.enter(connection, self._database.time(connection), signed, deed)

        await self._database.writing(write)

    async def give_tier(self, place: Place, gift: GiveTier, signed: Signature, *, by_operator: bool) -> None:
        whose = {"platform": place.platform, "workspace": place.workspace, "kind": gift.to, "subject": gift.subject}

        def write(connection: Connection) -> None:
            now = self._database.time(connection)
            before = fetch(connection, ServerTierRow, select(ServerTierRow).filter_by(**whose))
            connection.execute(delete(ServerTierRow).filter_by(**whose))
            if gift.tier is not None:
                row = {"tier": gift.tier, "until": to_come(gift.until, now), "by_operator": by_operator}
                connection.execute(insert(ServerTierRow).values(whose | row))
            deed = Deed(
                act="tier",
                identity=Identity(gift.subject) if gift.to == "member" else None,
                subject="" if gift.to == "member" else gift.subject,
                before=_given(before[0].tier, before[0].until) if before else {"tier": None},
                after=_given(gift.tier, to_come(gift.until, now)),
            )
            audit.enter(connection, now, signed, deed)

        await self._database.writing(write)

    async def block(self, place: Place, change: BlockMember, signed: Signature) -> None:
        whose = {"platform": place.platform, "workspace": place.workspace, "identity": change.member}

        def write(connection: Connection) -> None:
            now = self._database.time(connection)
            before = fetch(connection, ServerBlockRow, select(ServerBlockRow).filter_by(**whose))
            connection.execute(delete(ServerBlockRow).filter_by(**whose))
            if change.blocked:
                row = {"created_at": now, "until": to_come(change.until, now), "reason": change.reason}
                connection.execute(insert(ServerBlockRow).values(whose | row))
            deed = Deed(
                act="block",
                identity=change.member,
                before=_blocked(bool(before), before[0].until if before else None),
                after=_blocked(change.blocked, to_come(change.until, now)),
            )
            audit.enter(connection, now, signed, deed)

        await self._database.writing(write)

    async def decisions(self, place: Place) -> Decisions:
        return await self._database.reading(lambda connection: _decisions(connection, place, self._database.now()))


def _decisions(connection: Connection, place: Place, now: ColumnElement[float]) -> Decisions:
    here = {"platform": place.platform, "workspace": place.workspace}
    policies = fetch(connection, PlacePolicyRow, select(PlacePolicyRow).filter_by(**here))
    wishes = {row.channel: from_json(PolicyWish, row.wish) for row in policies}
    tiers = select(ServerTierRow).filter_by(**here).where(_holds(ServerTierRow.until, now))
    blocks = select(ServerBlockRow).filter_by(**here).where(_holds(ServerBlockRow.until, now))
    return Decisions(
        wish=wishes.pop("", PolicyWish()),
        channels=wishes,
        tiers=tuple(
            GiveTier(
                to="role" if row.kind == "role" else "member",
                subject=row.subject,
                tier=row.tier,
                until=None if row.until is None else moment(row.until),
            )
            for row in fetch(
                connection, ServerTierRow, tiers.order_by(col(ServerTierRow.kind), col(ServerTierRow.subject))
            )
        ),
        blocked=tuple(
            Identity(row.identity)
            for row in fetch(connection, ServerBlockRow, blocks.order_by(col(ServerBlockRow.created_at)))
        ),
    )


def _holds(until: Any, now: ColumnElement[float]) -> ColumnElement[bool]:
    """It has no end, or it has not come."""
    return or_(col(until).is_(None), col(until) > now)


def _given(tier: str | None, until: float | None) -> Facts:
    facts: Facts = {"tier": tier}
    return facts if until is None else facts | {"until": moment(until).isoformat()}


def _blocked(blocked: bool, until: float | None) -> Facts:
    facts: Facts = {"blocked": blocked}
    return facts if until is None else facts | {"until": moment(until).isoformat()}


def _wish(connection: Connection, place: Place) -> PolicyWish:
    policy = _policy(connection, place)
    return policy.channel if place.channel else policy.server


def _said(wish: PolicyWish) -> Facts:
    """What a wish says itself, defaults and ceiling by their own names."""
    plain = to_plain(PolicyWish, wish)
    ceiling = plain.pop("ceiling")
    if ceiling["operations"] is not None:
        ceiling["operations"] = ", ".join(sorted(ceiling["operations"]))
    every = plain | plain.pop("defaults") | ceiling
    return {name: value for name, value in every.items() if value is not None and name != "defaults"}


def _rules(
    connection: Connection, place: Place, member: Identity | None, roles: Sequence[str], now: ColumnElement[float]
) -> ServerRules:
    tiers = _tiers(connection, place, member, roles, now)
    block = None if member is None else _block(connection, place, member, now)
    return ServerRules(
        policy=_policy(connection, place),
        member_gift=next((_gift(row) for row in tiers if row.kind == "member"), None),
        role_gifts=tuple(_gift(row) for row in tiers if row.kind == "role"),
        is_blocked=block is not None,
        block_reason="" if block is None else block.reason,
        blocked_until=None if block is None or block.until is None else moment(block.until),
    )


def _gift(row: ServerTierRow) -> Gift:
    return Gift(tier=row.tier, by_operator=row.by_operator)


def _policy(connection: Connection, place: Place) -> Policy:
    said = select(PlacePolicyRow).where(
        col(PlacePolicyRow.platform) == place.platform,
        col(PlacePolicyRow.workspace) == place.workspace,
        col(PlacePolicyRow.channel).in_({"", place.channel}),
    )
    wishes = {row.channel: from_json(PolicyWish, row.wish) for row in fetch(connection, PlacePolicyRow, said)}
    channel = wishes.get(place.channel, PolicyWish()) if place.channel else PolicyWish()
    return Policy(server=wishes.get("", PolicyWish()), channel=channel)


def _tiers(
    connection: Connection, place: Place, member: Identity | None, roles: Sequence[str], now: ColumnElement[float]
) -> Sequence[ServerTierRow]:
    theirs = or_(
        and_(col(ServerTierRow.kind) == "member", col(ServerTierRow.subject) == member),
        and_(col(ServerTierRow.kind) == "role", col(ServerTierRow.subject).in_(roles)),
    )
    here = (col(ServerTierRow.platform) == place.platform, col(ServerTierRow.workspace) == place.workspace)
    holds = _holds(ServerTierRow.until, now)
    return fetch(connection, ServerTierRow, select(ServerTierRow).where(*here, theirs, holds))


def _block(connection: Connection, place: Place, member: Identity, now: ColumnElement[float]) -> ServerBlockRow | None:
    found = select(ServerBlockRow).where(
        col(ServerBlockRow.platform) == place.platform,
        col(ServerBlockRow.workspace) == place.workspace,
        col(ServerBlockRow.identity) == member,
        _holds(ServerBlockRow.until, now),
    )
    return next(iter(fetch(connection, ServerBlockRow, found)), None)
