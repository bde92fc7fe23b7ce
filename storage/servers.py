"""Rows of what the managers of servers decided: policies, tiers, blocks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, insert, or_, select
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.protocols import ServerRules
from inference.types import Decisions, GiveTier, Identity, Place, Policy, PolicyWish
from storage.database import Database
from storage.rows import fetch
from storage.tables import PlacePolicyRow, ServerBlockRow, ServerTierRow


class SqlServers:
    """Implements ServerBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self, place: Place, member: Identity | None = None, roles: Sequence[str] = ()) -> ServerRules:
        return await self._database.reading(lambda connection: _rules(connection, place, member, roles))

    async def change_policy(self, place: Place, wish: PolicyWish) -> None:
        here = {"platform": place.platform, "workspace": place.workspace, "channel": place.channel}

        def write(connection: Connection) -> None:
            connection.execute(delete(PlacePolicyRow).filter_by(**here))
            if wish != PolicyWish():
                connection.execute(insert(PlacePolicyRow).values(**here, wish=to_json(PolicyWish, wish)))

        await self._database.writing(write)

    async def give_tier(self, place: Place, gift: GiveTier) -> None:
        whose = {"platform": place.platform, "workspace": place.workspace, "kind": gift.to, "subject": gift.subject}

        def write(connection: Connection) -> None:
            connection.execute(delete(ServerTierRow).filter_by(**whose))
            if gift.tier is not None:
                connection.execute(insert(ServerTierRow).values(**whose, tier=gift.tier))

        await self._database.writing(write)

    async def block(self, place: Place, member: Identity, *, blocked: bool) -> None:
        whose = {"platform": place.platform, "workspace": place.workspace, "identity": member}

        def write(connection: Connection) -> None:
            connection.execute(delete(ServerBlockRow).filter_by(**whose))
            if blocked:
                now = self._database.time(connection)
                connection.execute(insert(ServerBlockRow).values(**whose, created_at=now))

        await self._database.writing(write)

    async def decisions(self, place: Place) -> Decisions:
        return await self._database.reading(lambda connection: _decisions(connection, place))


def _decisions(connection: Connection, place: Place) -> Decisions:
    here = {"platform": place.platform, "workspace": place.workspace}
    policies = fetch(connection, PlacePolicyRow, select(PlacePolicyRow).filter_by(**here))
    wishes = {row.channel: from_json(PolicyWish, row.wish) for row in policies}
    tiers = select(ServerTierRow).filter_by(**here).order_by(col(ServerTierRow.kind), col(ServerTierRow.subject))
    blocks = select(ServerBlockRow).filter_by(**here).order_by(col(ServerBlockRow.created_at))
    return Decisions(
        wish=wishes.pop("", PolicyWish()),
        channels=wishes,
        tiers=tuple(
            GiveTier(to="role" if row.kind == "role" else "member", subject=row.subject, tier=row.tier)
            for row in fetch(connection, ServerTierRow, tiers)
        ),
        blocked=tuple(Identity(row.identity) for row in fetch(connection, ServerBlockRow, blocks)),
    )


def _rules(connection: Connection, place: Place, member: Identity | None, roles: Sequence[str]) -> ServerRules:
    tiers = _tiers(connection, place, member, roles)
    return ServerRules(
        policy=_policy(connection, place),
        member_tier=next((row.tier for row in tiers if row.kind == "member"), None),
        role_tiers=tuple(row.tier for row in tiers if row.kind == "role"),
        is_blocked=member is not None and _is_blocked(connection, place, member),
    )


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
    connection: Connection, place: Place, member: Identity | None, roles: Sequence[str]
) -> Sequence[ServerTierRow]:
    theirs = or_(
        and_(col(ServerTierRow.kind) == "member", col(ServerTierRow.subject) == member),
        and_(col(ServerTierRow.kind) == "role", col(ServerTierRow.subject).in_(roles)),
    )
    here = (col(ServerTierRow.platform) == place.platform, col(ServerTierRow.workspace) == place.workspace)
    return fetch(connection, ServerTierRow, select(ServerTierRow).where(*here, theirs))


def _is_blocked(connection: Connection, place: Place, member: Identity) -> bool:
    found = select(col(ServerBlockRow.identity)).where(
        col(ServerBlockRow.platform) == place.platform,
        col(ServerBlockRow.workspace) == place.workspace,
        col(ServerBlockRow.identity) == member,
    )
    return connection.scalar(found) is not None
