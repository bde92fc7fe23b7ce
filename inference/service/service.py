"""The service: the doors of the faces as one object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from inference.errors import LinkInvalid, NotAllowed
from inference.operations import Rules
from inference.presets import Preset, PresetTable
from inference.protocols import (
    AccountBook,
    Bell,
    BlobStore,
    ClipShelf,
    LinkBook,
    OpenedClip,
    OperationsBook,
    PrivacyBook,
    ServerBook,
)
from inference.service.admission import Admission
from inference.service.feed import EventFeed
from inference.service.library import Shelves
from inference.service.linking import Links
from inference.service.links import LinkSigner
from inference.service.members import Members
from inference.service.operating import Operating, Workers
from inference.service.operators import Operators
from inference.service.outlook import JobRows, Outlook
from inference.service.plots import usage_png
from inference.service.privacy import OwnData
from inference.service.renditions import Renditions
from inference.service.schedules import Planned, ScheduleRows
from inference.service.servers import Servers
from inference.settings import Settings
from inference.tier_file import read_ceilings
from inference.tiers import TierSources, TierTable
from inference.tokens import CountTokens, estimated_tokens
from inference.types import (
    Account,
    AccountChange,
    AuditPage,
    AuditQuery,
    ClipLink,
    ClipPage,
    ClipQuery,
    Decisions,
    Family,
    Generate,
    Identity,
    Job,
    JobEvent,
    JobId,
    JobPage,
    JobQuery,
    LinkCode,
    MemberStanding,
    Notice,
    Offer,
    Operation,
    Overview,
    Place,
    Policy,
    PresetOffer,
    Refund,
    Refunded,
    Requester,
    Schedule,
    ScheduleId,
    ServerChange,
    UsageQuery,
    UsageReport,
    Variant,
    When,
)

FEED_SECONDS = 0.2
"""How often the event feed looks for what other processes did."""


class Service:
    """Implements Doors and SharedClips. Use it with `async with`: inside, the event feed runs.

    Raises ValueError where the settings map a role or bought thing to a tier that there is not.
    """

    def __init__(
        self,
        *,
        jobs: JobRows,
        accounts: AccountBook,
        servers: ServerBook,
        linking: LinkBook,
        privacy: PrivacyBook,
        schedules: ScheduleRows,
        clips: ClipShelf,
        blobs: BlobStore,
        operations: OperationsBook,
        presets: PresetTable,
        tiers: TierTable,
        settings: Settings,
        member_key: bytes,
        links: LinkSigner | None = None,
        count_tokens: CountTokens = estimated_tokens,
        require_weights: Callable[[Preset], None] = lambda _preset: None,
        is_worker_ready: Callable[[], bool] = lambda: True,
        bell: Bell | None = None,
        workers: Workers = tuple,
    ) -> None:
        """`links` None: no clip is opened but by those who may see it. `member_key` digests what members type.

        `require_weights` raises ModelNotHere; `is_worker_ready` says whether any worker can work by now;
        `workers` which there are on this machine.
        """
        sources = TierSources(
            table=tiers,
            entitlements=settings.tier_entitlements,
            roles=settings.tier_roles,
            managers=settings.tier_managers,
            ceilings=read_ceilings("tier_ceilings", settings.tier_ceilings),
        )
        rules = Rules(
            presets=presets,
            tiers=tiers,
            max_prompt_characters=settings.max_prompt_characters,
            count_tokens=count_tokens,
        )
        self._jobs = jobs
        self._clips = clips
        self._links = links
        self._offer = _offer(presets, tiers, managers_give_tiers=bool(settings.tier_managers))
        self._members = Members(accounts, servers, sources)
        operators = Operators(settings.operators)
        self._servers = Servers(
            book=servers, accounts=accounts, members=self._members, sources=sources, operators=operators
        )
        self._outlook = Outlook(jobs, presets, tiers, settings.worker.count, is_worker_ready)
        self._feed = EventFeed(jobs, self._outlook, FEED_SECONDS, bell=bell)
        self._renditions = Renditions(jobs, clips, blobs, self._members)
        self._admission = Admission(
            jobs=jobs,
            clips=clips,
            blobs=blobs,
            rules=rules,
            members=self._members,
            outlook=self._outlook,
            max_upload_bytes=settings.api.max_upload_bytes,
            require_weights=require_weights,
        )
        self._shelves = Shelves(
            jobs=jobs,
            clips=clips,
            accounts=accounts,
            blobs=blobs,
            members=self._members,
            outlook=self._outlook,
            renditions=self._renditions,
            tiers=tiers,
            presets=presets,
            operators=operators,
        )
        self._operating = Operating(
            book=operations,
            jobs=jobs,
            outlook=self._outlook,
            operators=operators,
            servers=self._servers,
            workers=workers,
            plot=usage_png,
        )
        self._linking = Links(book=linking, accounts=accounts, shelves=self._shelves, tiers=tiers, key=member_key)
        self._privacy = OwnData(book=privacy, shelves=self._shelves, blobs=blobs)
        self._rows = schedules
        self._planned = Planned(rows=schedules, jobs=jobs, admission=self._admission, members=self._members)
        self._feeding: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._feeding = asyncio.create_task(self._feed.run(), name="event feed")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._feed.close()
        if self._feeding is not None:
            self._feeding.cancel()
            with suppress(asyncio.CancelledError):
                await self._feeding

    # --- GenerationService

    async def submit(
        self, operation: Operation, requester: Requester, reply_to: str = "", idempotency_key: str | None = None
    ) -> Job:
        job = await self._admission.submit(operation, requester, reply_to, idempotency_key)
        self._feed.nudge()
        return job

    async def get(self, job: JobId, requester: Requester) -> Job:
        return await self._outlook.with_estimate(await self._members.visible_job(self._jobs, job, requester))

    async def cancel(self, job: JobId, requester: Requester) -> Job:
        """Raises NotFound; NotAllowed for who is neither owner nor operator."""
        found = await self._members.visible_job(self._jobs, job, requester)
        if not await self._members.may_change(requester, found.member):
            raise NotAllowed(action="cancel")
        cancelled = await self._jobs.request_cancel(job)
        self._feed.nudge()
        return cancelled

    def events(self, after: int | None = None) -> AsyncIterator[JobEvent]:
        return self._feed.follow(after)

    def open_clip(
        self, job: JobId, requester: Requester, variant: Variant = Variant.VIDEO, max_bytes: int | None = None
    ) -> AbstractAsyncContextManager[OpenedClip]:
        return self._renditions.open(job, requester, variant, max_bytes)

    async def link(self, clip: JobId, requester: Requester) -> ClipLink | None:
        await self._members.visible_clip(self._clips, clip, requester)
        return None if self._links is None else self._links.link(clip)

    @asynccontextmanager
    async def open_shared(self, clip: JobId, expires: str, signature: str) -> AsyncIterator[OpenedClip]:
        """See SharedClips. Nothing is looked up before the signature is known to be ours."""
        if self._links is None:
            raise LinkInvalid
        self._links.check(clip, expires, signature)
        async with self._renditions.open_shared(clip) as opened:
            yield opened

    async def mark_delivered(self, job: JobId) -> None:
        await self._jobs.mark_delivered(job)

    # --- HouseRules

    async def policy(self, place: Place) -> Policy:
        return await self._servers.policy(place)

    async def govern(self, change: ServerChange, requester: Requester) -> None:
        await self._servers.govern(change, requester)

    async def standing(self, member: Requester, requester: Requester) -> MemberStanding:
        return await self._servers.standing(member, requester)

    async def decisions(self, requester: Requester) -> Decisions:
        return await self._servers.decisions(requester)

    # --- Library

    async def jobs(self, query: JobQuery, requester: Requester) -> JobPage:
        return await self._shelves.jobs(query, requester)

    async def clips(self, query: ClipQuery, requester: Requester) -> ClipPage:
        return await self._shelves.clips(query, requester)

    async def clip(self, clip: JobId, requester: Requester) -> Family:
        return await self._shelves.clip(clip, requester)

    async def delete(self, clip: JobId, requester: Requester) -> None:
        await self._shelves.delete(clip, requester)
        self._feed.nudge()

    async def purge(self) -> int:
        """Delete blobs of removed jobs that nothing needs any more; of how many jobs. For the composition root."""
        return await self._shelves.purge()

    async def account(self, requester: Requester, identity: Identity | None = None) -> Account:
        return await self._shelves.account(requester, identity)

    async def change_account(
        self, change: AccountChange, requester: Requester, identity: Identity | None = None
    ) -> Account:
        return await self._shelves.change_account(change, requester, identity)

    # --- Operations

    async def usage(self, query: UsageQuery, requester: Requester) -> UsageReport:
        return await self._operating.usage(query, requester)

    async def plot(self, query: UsageQuery, requester: Requester) -> bytes:
        return await self._operating.plot(query, requester)

    async def refund(self, refund: Refund, requester: Requester) -> Refunded:
        return await self._operating.refund(refund, requester)

    async def audit(self, query: AuditQuery, requester: Requester) -> AuditPage:
        return await self._operating.audit(query, requester)

    async def overview(self, requester: Requester) -> Overview:
        return await self._operating.overview(requester)

    # --- Linking

    async def begin_link(self, requester: Requester) -> LinkCode:
        return await self._linking.begin_link(requester)

    async def finish_link(self, code: str, requester: Requester) -> Account:
        return await self._linking.finish_link(code, requester)

    async def unlink(self, requester: Requester, identity: Identity | None = None) -> Account:
        return await self._linking.unlink(requester, identity)

    # --- Privacy

    def own_data(self, requester: Requester, max_bytes: int | None = None) -> AbstractAsyncContextManager[OpenedClip]:
        return self._privacy.own_data(requester, max_bytes)

    async def forget(self, requester: Requester) -> None:
        await self._privacy.forget(requester)
        self._feed.nudge()

    async def forget_more(self) -> None:
        """Go on deleting members who asked for it. For the composition root."""
        await self._privacy.forget_more()
        self._feed.nudge()

    # --- Schedules

    async def schedule(
        self,
        operation: Generate,
        when: When,
        requester: Requester,
        reply_to: str = "",
        idempotency_key: str | None = None,
    ) -> Schedule:
        return await self._planned.schedule(operation, when, requester, reply_to, idempotency_key)

    async def schedules(self, requester: Requester) -> Sequence[Schedule]:
        return await self._planned.schedules(requester)

    async def cancel_schedule(self, schedule: ScheduleId, requester: Requester) -> Schedule:
        return await self._planned.cancel(schedule, requester)

    async def run_due(self) -> int:
        """Submit what was asked for in advance and is due; how many jobs came of it. For the composition root."""
        made = await self._planned.run_due()
        if made:
            self._feed.nudge()
        return made

    # --- Notices

    async def take_notices(self, platforms: Sequence[str], limit: int = 20) -> Sequence[Notice]:
        return await self._rows.take(platforms, limit)

    async def return_notice(self, notice: int) -> None:
        await self._rows.give_back(notice)

    async def announce_month(self) -> int:
        """Write to those whose clips are back with the new month; to how many. For the composition root."""
        return await self._rows.announce_month()

    # --- Catalogue

    async def offer(self) -> Offer:
        return self._offer


def _offer(presets: PresetTable, tiers: TierTable, *, managers_give_tiers: bool) -> Offer:
    default_first = sorted(presets.presets.values(), key=lambda preset: preset.name != presets.default)
    return Offer(
        presets=tuple(
            PresetOffer(
                name=preset.name,
                title=preset.title,
                operations=preset.operations,
                min_seconds=preset.min_seconds,
                max_seconds=preset.max_seconds,
            )
            for preset in default_first
        ),
        tiers=tuple(tiers.tiers.values()),
        managers_give_tiers=managers_give_tiers,
    )
