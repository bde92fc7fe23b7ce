"""What the managers of a server decide there: policies, tiers within the operator's bounds, blocks, months."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import structlog

from inference.errors import InvalidValue, NotAllowed, ServerNotTrusted
from inference.limits import check_ceiling
from inference.protocols import AccountBook, ServerBook
from inference.service.members import Members
from inference.service.operators import Operators, check_reason, signature
from inference.shapes import check_wishes
from inference.tiers import TierSources
from inference.types import (
    BlockMember,
    ChangePolicy,
    Decisions,
    GiveTier,
    MemberSettings,
    MemberStanding,
    Place,
    Policy,
    Requester,
    ResetMonth,
    ServerChange,
    Tier,
)

_ID = re.compile(r"[a-z]+(:[^\s:]{1,100})+")
_log = structlog.get_logger(__name__)


class Servers:
    """Implements HouseRules for the service. Who manages a server is the face's word; what they may do is ours."""

    def __init__(
        self,
        *,
        book: ServerBook,
        accounts: AccountBook,
        members: Members,
        sources: TierSources,
        operators: Operators,
    ) -> None:
        self._book = book
        self._accounts = accounts
        self._members = members
        self._sources = sources
        self._operators = operators

    async def policy(self, place: Place) -> Policy:
        return (await self._book.rules(place)).policy if place.workspace else Policy()

    async def govern(self, change: ServerChange, requester: Requester) -> None:
        """See HouseRules. Each act is signed and written down."""
        place = self._managed(requester)
        check_reason(change.reason)
        signed = signature(requester, change.reason)
        match change:
            case ChangePolicy():
                self._check_policy(change)
                await self._book.change_policy(replace(place, channel=change.channel), change.wish, signed)
            case GiveTier():
                self._check_gift(change, requester)
                await self._book.give_tier(place, change, signed, by_operator=self._operators.include(requester))
            case BlockMember():
                _check_subject(change.member, place)
                _check_end(change.until, ends=change.blocked)
                await self._book.block(place, change, signed)
            case ResetMonth(member=member):
                _check_subject(member, place)
                self.given_at_most(requester)
                await self._accounts.reset((await self._accounts.member(member)).id, signed)
        _log.info("server governed", kind=change.kind, platform=place.platform, by=requester.identity)

    async def standing(self, member: Requester, requester: Requester) -> MemberStanding:
        """See HouseRules."""
        place = self._managed(requester)
        _check_subject(member.identity, place)
        standing = await self._members.standing(replace(member, place=place))
        month, gift = await self._accounts.month(standing.member.id), standing.here.member_gift
        return MemberStanding(
            member=member.identity,
            tier=standing.tier.name,
            given=None if gift is None else gift.tier,
            used=month.used,
            limit=standing.tier.clips_per_month + month.credit,
            resets_at=month.resets_at,
            under_way=len(await self._accounts.active_jobs(standing.member.id)),
            is_blocked=standing.here.is_blocked,
        )

    async def decisions(self, requester: Requester) -> Decisions:
        """See HouseRules."""
        return await self._book.decisions(self._managed(requester))

    def _check_policy(self, change: ChangePolicy) -> None:
        """Raises InvalidValue."""
        check_wishes(change.wish.defaults, self._sources.table)
        check_ceiling(change.wish.ceiling)
        if change.channel and change.wish.defaults != MemberSettings():
            raise InvalidValue(name="defaults", value=change.channel, allowed="defaults of a whole server only")
        if len(change.channel) > 100:
            raise InvalidValue(name="channel", value=change.channel[:40], allowed="the id of a channel")

    def _check_gift(self, gift: GiveTier, requester: Requester) -> None:
        """Raises ServerNotTrusted, InvalidValue."""
        _check_subject(gift.subject, requester.place)
        _check_end(gift.until, ends=gift.tier is not None)
        most = self.given_at_most(requester)
        ranks = list(self._sources.table.tiers)
        possible = ranks[: ranks.index(most.name) + 1]
        if gift.tier is not None and gift.tier not in possible:
            raise InvalidValue(name="tier", value=gift.tier, allowed=f"one of {', '.join(possible)}")

    def given_at_most(self, requester: Requester) -> Tier:
        """The most that they may give in their server. Raises ServerNotTrusted."""
        if self._operators.include(requester):
            return self._sources.table.highest
        most = self._sources.given_at_most(requester.place)
        if most is None:
            raise ServerNotTrusted(server=f"{requester.place.platform}:{requester.place.workspace}")
        return most

    def _managed(self, requester: Requester) -> Place:
        """The whole server that the requester manages. Raises NotAllowed."""
        if not requester.place.workspace or not (requester.manages or self._operators.include(requester)):
            raise NotAllowed(action="change", who="a server manager")
        return replace(requester.place, channel="")


def _check_end(until: datetime | None, *, ends: bool) -> None:
    """Raises InvalidValue for an end of nothing, or one without a time zone."""
    if until is not None and (until.tzinfo is None or not ends):
        raise InvalidValue(name="until", value=str(until), allowed="the end of what is given, with its time zone")


def _check_subject(subject: str, place: Place) -> None:
    """Managers reach the people and roles of their own platform only. Raises InvalidValue."""
    if not _ID.fullmatch(subject) or not subject.startswith(f"{place.platform}:"):
        raise InvalidValue(name="member", value=subject[:40], allowed=f"of {place.platform}, as {place.platform}:ID")
