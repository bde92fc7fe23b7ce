"""Which member and tier a requester is, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inference.errors import NotFound
from inference.protocols import AccountBook, ClipShelf, JobBook, Member, ServerBook, ServerRules
from inference.tiers import Allowed, TierSources
from inference.types import Clip, Job, JobId, MemberId, Place, Requester, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A requester as the service knows them."""

    member: Member
    #: What they may do here.
    allowed: Allowed
    #: When the tier ends, where it was granted for a time only.
    until: datetime | None
    #: What the managers of their place decided.
    here: ServerRules

    @property
    def tier(self) -> Tier:
        """Under what is lowered here."""
        return self.allowed.tier


class Members:
    """Maps requesters to members, tiers and what they may see and change."""

    def __init__(self, accounts: AccountBook, servers: ServerBook, sources: TierSources) -> None:
        self._accounts = accounts
        self._servers = servers
        self._sources = sources

    async def standing(self, requester: Requester) -> Standing:
        """The member, made at first sight, and the tier that they act with now."""
        return await self._standing_of(await self._accounts.member(requester.identity), requester)

    async def known(self, requester: Requester) -> Standing | None:
        """The same, of whoever is a member already."""
        member = await self._accounts.find(requester.identity)
        return None if member is None else await self._standing_of(member, requester)

    async def _standing_of(self, member: Member, requester: Requester) -> Standing:
        here = await self._here(requester)
        held = self._sources.held_by(requester, member.grant, here)
        # Whoever runs the deployment is in no server's hands.
        place = Place(platform=requester.place.platform) if requester.is_operator else requester.place
        allowed = self._sources.under_ceilings(held.tier, place, ServerRules() if requester.is_operator else here)
        return Standing(member=member, allowed=allowed, until=held.until, here=here)

    async def _here(self, requester: Requester) -> ServerRules:
        """Nobody manages a place outside of servers."""
        if not requester.place.workspace:
            return ServerRules()
        return await self._servers.rules(requester.place, requester.identity, requester.roles)

    async def find(self, requester: Requester) -> MemberId | None:
        member = await self._accounts.find(requester.identity)
        return member.id if member else None

    async def may_see(self, requester: Requester, owner: MemberId, *, private: bool) -> bool:
        """Private things are seen by their owner and by operators."""
        return not private or await self.may_change(requester, owner)

    async def may_change(self, requester: Requester, owner: MemberId) -> bool:
        return requester.is_operator or await self.find(requester) == owner

    async def visible_job(self, jobs: JobBook, job: JobId, requester: Requester) -> Job:
        """Raises NotFound, alike for what is not there and what may not be seen."""
        found = await jobs.get(job)
        if found is None or not await self.may_see(requester, found.member, private=found.operation.private):
            raise NotFound(what="job", id=job)
        return found

    async def visible_clip(self, clips: ClipShelf, clip: JobId, requester: Requester) -> Clip:
        """Raises NotFound, alike for what is not there and what may not be seen."""
        found = await clips.get(clip)
        if found is None or not await self.may_see(requester, found.member, private=found.private):
            raise NotFound(what="clip", id=clip)
        return found
