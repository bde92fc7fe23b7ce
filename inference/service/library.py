"""Clips made and accounts held."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

import structlog

from inference.errors import InvalidValue, MemberChanged, NotAllowed, NotFound, NothingToUndo
from inference.presets import PresetTable
from inference.protocols import AccountBook, BlobStore, ClipShelf, JobBook, Member
from inference.service.members import Members
from inference.service.operators import Operators, check_reason
from inference.service.outlook import Outlook
from inference.service.renditions import Renditions
from inference.service.status import check_status
from inference.shapes import check_wishes
from inference.tiers import TierTable
from inference.types import (
    Account,
    AccountChange,
    ChangeSettings,
    ClipPage,
    ClipQuery,
    Family,
    GrantTier,
    Identity,
    JobId,
    JobPage,
    JobQuery,
    MemberStatus,
    Place,
    Requester,
    SetStatus,
    Signature,
)

MAX_PAGE = 100
_IDENTITY = re.compile(r"[a-z]+(:[^\s:]+)+")
_log = structlog.get_logger(__name__)


class Shelves:
    """Implements `Library` for the service."""

    def __init__(
        self,
        *,
        jobs: JobBook,
        clips: ClipShelf,
        accounts: AccountBook,
        blobs: BlobStore,
        members: Members,
        outlook: Outlook,
        renditions: Renditions,
        tiers: TierTable,
        presets: PresetTable,
        operators: Operators,
    ) -> None:
        self._jobs = jobs
        self._clips = clips
        self._accounts = accounts
        self._blobs = blobs
        self._members = members
        self._outlook = outlook
        self._renditions = renditions
        self._tiers = tiers
        self._presets = presets
        self._operators = operators

    # --- Clips

    async def jobs(self, query: JobQuery, requester: Requester) -> JobPage:
        _check_limit(query.limit)
        member = await self._members.find(requester)
        if member is None:
            return JobPage(jobs=(), has_more=False)
        page = await self._accounts.jobs(member, query)
        jobs = tuple([await self._outlook.with_estimate(job) for job in page.jobs])
        return JobPage(jobs=jobs, has_more=page.has_more)

    async def clips(self, query: ClipQuery, requester: Requester) -> ClipPage:
        _check_limit(query.limit)
        return await self._clips.search(query, await self._members.find(requester))

    async def clip(self, clip: JobId, requester: Requester) -> Family:
        found = await self._members.visible_clip(self._clips, clip, requester)
        sees_all = requester.is_operator
        viewer = None if sees_all else await self._members.find(requester)
        relatives = await self._clips.family(found.root)
        visible = tuple(other for other in relatives if sees_all or not other.private or other.member == viewer)
        return Family(clip=found, members=visible)

    async def delete(self, clip: JobId, requester: Requester) -> None:
        """Raises NotFound; NotAllowed for who is neither owner nor operator; InvalidValue while it is under way."""
        job = await self._members.visible_job(self._jobs, clip, requester)
        if not await self._members.may_change(requester, job.member):
            raise NotAllowed(action="delete")
        if not job.status.is_final:
            raise InvalidValue(name="clip", value=clip, allowed=f"it is {job.status}; cancel it first")
        needless = await self._clips.remove(clip)
        await asyncio.to_thread(self._delete_blobs, clip, needless)
        _log.info("deleted", job=clip, platform=requester.place.platform)

    async def purge(self) -> int:
        """Delete what was kept for queued jobs that have ended meanwhile; of how many removed jobs. Idempotent."""
        leftovers = await self._clips.leftovers()
        for job in leftovers:
            await asyncio.to_thread(self._delete_all, job)
            await self._clips.purged(job)
        return len(leftovers)

    def _delete_all(self, job: JobId) -> None:
        for blob in self._blobs.names(f"{job}/"):
            self._blobs.delete(blob)

    def _delete_blobs(self, clip: JobId, needless: Sequence[str]) -> None:
        for blob in (*needless, *self._renditions.smaller_ones(clip)):
            self._blobs.delete(blob)

    # --- Accounts

    async def account(self, requester: Requester, identity: Identity | None = None) -> Account:
        return await self._account(await self._meant(requester, identity, action="see"))

    async def change_account(
        self, change: AccountChange, requester: Requester, identity: Identity | None = None
    ) -> Account:
        match change:
            case ChangeSettings(settings=settings):
                meant = await self._meant(requester, identity, action="change")
                check_wishes(settings, self._tiers)
            case GrantTier(tier=tier, until=until):
                self._operators.require(requester, "grant a tier")
                check_reason(change.reason)
                meant = await self._granted(requester, identity)
                if tier is not None:
                    self._tiers.get(tier)
                if until is not None and (tier is None or until.tzinfo is None):
                    raise InvalidValue(name="until", value=str(until), allowed="the end of a tier, with its time zone")
            case SetStatus(status=status):
                self._operators.require(requester, "suspend or ban")
                meant = await self._granted(requester, identity)
                check_status(meant.identity, status)
        await self._change(meant.identity, _kept(change), _signed(change, meant, requester))
        _log.info("account changed", kind=change.kind, identity=meant.identity)
        return await self._account(meant)

    async def _change(self, identity: Identity, change: AccountChange, signed: Signature | None) -> None:
        try:
            found = await self._accounts.member(identity)
            _check_undoing(change, found, identity)
            member = found.id
            await self._accounts.change(member, change, signed)
        except MemberChanged:  # joined with another in between
            member = (await self._accounts.member(identity)).id
            await self._accounts.change(member, change, signed)
        if isinstance(change, SetStatus) and not change.status.is_active:
            for job in await self._accounts.active_jobs(member):
                await self._jobs.request_cancel(job.id)

    async def _meant(self, requester: Requester, identity: Identity | None, action: str) -> Requester:
        """Whose account: the requester's own, or another's for operators. Raises NotAllowed, NotFound."""
        if identity is None or identity == requester.identity:
            return requester
        own = await self._accounts.find(requester.identity)
        if own is not None and identity in own.identities:
            return requester
        self._operators.require(requester, f"{action} another member's account")
        if await self._accounts.find(identity) is None:
            raise NotFound(what="member", id=identity)
        return _as(identity)

    async def _granted(self, requester: Requester, identity: Identity | None) -> Requester:
        """A grant may come before the member's first request; a name of another form is a slip."""
        if identity is None:
            return requester
        if not _IDENTITY.fullmatch(identity):
            raise InvalidValue(name="member", value=identity, allowed="PLATFORM:USER, such as discord:1234")
        return _as(identity)

    async def _account(self, requester: Requester) -> Account:
        standing = await self._members.standing(requester)
        member = standing.member
        month = await self._accounts.month(member.id)
        running = [await self._outlook.with_estimate(job) for job in await self._accounts.active_jobs(member.id)]
        return Account(
            member=member.id,
            identities=member.identities,
            tier=standing.tier,
            max_seconds=min(standing.tier.max_seconds, self._presets.get(None).max_seconds),
            used=month.used,
            resets_at=month.resets_at,
            running=tuple(running),
            settings=member.settings,
            defaults=standing.here.policy.defaults,
            credit=month.credit,
            status=member.status,
            tier_until=standing.until,
            is_lowered=standing.tier != standing.allowed.elsewhere,
        )


def _as(identity: Identity) -> Requester:
    """Another member as an operator sees them: by grant, for roles and bought things are told by the faces only."""
    return Requester(identity=identity, place=Place(platform=identity.partition(":")[0]))


def _check_undoing(change: AccountChange, member: Member, identity: Identity) -> None:
    """Raises NothingToUndo."""
    match change:
        case GrantTier(tier=None) if member.grant is None:
            raise NothingToUndo(identity=identity, missing="grant")
        case SetStatus(status=status) if status.is_active and member.status.is_active:
            raise NothingToUndo(identity=identity, missing="block")


def _kept(change: AccountChange) -> AccountChange:
    """Why somebody may ask again is the log's business alone."""
    if isinstance(change, SetStatus) and change.status.is_active:
        return SetStatus(status=replace(change.status, reason=""))
    return change


def _signed(change: AccountChange, meant: Requester, requester: Requester) -> Signature | None:
    """None for one's own choices, which are nobody else's business. An account is no server's."""
    if meant is requester and isinstance(change, ChangeSettings):
        return None
    match change:
        case GrantTier(reason=reason) | SetStatus(status=MemberStatus(reason=reason)):
            pass
        case _:
            reason = ""
    return Signature(by=requester.identity, place=replace(requester.place, workspace="", channel=""), reason=reason)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidValue(name="limit", value=str(limit), allowed=f"1 to {MAX_PAGE}")
