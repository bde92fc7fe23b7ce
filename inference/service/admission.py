"""Admission: every check that needs no transaction, then one transaction that charges and queues."""

from __future__ import annotations

import asyncio
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from inference.errors import (
    InvalidValue,
    LimitExceeded,
    MemberBanned,
    MemberBlocked,
    MemberChanged,
    MemberSuspended,
    NotFound,
    PlaceClosed,
    RequestRejected,
    TierEnded,
)
from inference.limits import admission_limits, check_upload, clips_charged, lifted_by, terms_of, told_as_of
from inference.media.uploads import sanitize_image
from inference.operations import SEED_LIMIT, Asker, Image, Parent, Rules, media_of, plan
from inference.presets import Preset
from inference.protocols import BlobStore, ClipShelf, JobDraft, ScheduledRun
from inference.service.members import Members, Standing
from inference.service.outlook import JobRows, Outlook
from inference.service.pace import Pace
from inference.types import Generate, Job, JobId, MediaRef, Operation, Recipe, Remix, Requester, Size, Upload, kind_of

MAX_KEY_CHARACTERS = 255
DECODERS = 2
"""Uploads decoded at once; each has a process of its own, and strangers decide how many come."""

_UPLOAD = re.compile(r"([A-Za-z0-9_-]+)/upload\.png")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One call of `submit`."""

    id: JobId
    operation: Operation
    requester: Requester
    standing: Standing
    reply_to: str
    idempotency_key: str | None
    run: ScheduledRun | None = None


class Admission:
    """Turns requests into queued jobs, or refuses them at no cost."""

    def __init__(
        self,
        *,
        jobs: JobRows,
        clips: ClipShelf,
        blobs: BlobStore,
        rules: Rules,
        members: Members,
        outlook: Outlook,
        max_upload_bytes: int,
        require_weights: Callable[[Preset], None],
    ) -> None:
        self._jobs = jobs
        self._clips = clips
        self._blobs = blobs
        self._rules = rules
        self._members = members
        self._outlook = outlook
        self._max_upload_bytes = max_upload_bytes
        self._require_weights = require_weights
        self._decoders = asyncio.Semaphore(DECODERS)
        self._pace = Pace()

    async def submit(
        self,
        operation: Operation,
        requester: Requester,
        reply_to: str,
        key: str | None,
        run: ScheduledRun | None = None,
    ) -> Job:
        """See `GenerationService.submit`. Raises NotFound for the run of a schedule that is not to come any more."""
        if key is not None and not 0 < len(key) <= MAX_KEY_CHARACTERS:
            allowed = f"1 to {MAX_KEY_CHARACTERS} characters"
            raise InvalidValue(name="idempotency_key", value=f"{len(key)} characters", allowed=allowed)
        request = _Request(
            id=_new_id(),
            operation=operation,
            requester=requester,
            standing=await self._standing(requester, run),
            reply_to=reply_to,
            idempotency_key=key,
            run=run,
        )
        try:
            return await self._outlook.with_estimate(await self._admit_as_of_now(request))
        except RequestRejected as refusal:
            # What was admitted once stays so, even where the same would be refused by now.
            known = await self._known(requester, key)
            if known is not None:
                return await self._outlook.with_estimate(known)
            self._pace.refused(request.standing.member.id, refusal)
            _log.info("refused", code=refusal.code, kind=operation.kind, platform=requester.place.platform)
            raise

    async def rehearse(self, operation: Generate, requester: Requester) -> None:
        """Every check of `submit` that counts nothing. Raises what it raises; charges nothing, stores nothing."""
        standing = await self._members.standing(requester)
        request = _Request(
            id=_new_id(),
            operation=operation,
            requester=requester,
            standing=standing,
            reply_to="",
            idempotency_key=None,
        )
        _check_standing(standing)
        with told_as_of(standing.allowed):
            self._plan(request)

    async def _known(self, requester: Requester, key: str | None) -> Job | None:
        member = None if key is None else await self._members.find(requester)
        return None if key is None or member is None else await self._jobs.by_key(member, key)

    async def _admit_as_of_now(self, request: _Request) -> Job:
        """Where the tier ends or the member changes between the checks and the charge, all is checked again."""
        while True:
            try:
                with told_as_of(request.standing.allowed):
                    return await self._admit(request)
            except (TierEnded, MemberChanged):
                request = replace(request, standing=await self._standing(request.requester, request.run))

    async def _standing(self, requester: Requester, run: ScheduledRun | None) -> Standing:
        """Whoever was forgotten meanwhile is not made a member anew by what they had asked for in advance."""
        if run is None:
            return await self._members.standing(requester)
        known = await self._members.known(requester)
        if known is None:
            raise NotFound(what="schedule", id=run.schedule)
        return known

    async def _admit(self, request: _Request) -> Job:
        standing, operation = request.standing, request.operation
        _check_standing(standing)
        self._pace.check(standing.member.id, standing.tier, standing.allowed.tiers)
        if isinstance(operation, Generate) and isinstance(operation.image, Upload):
            return await self._admit_upload(request, operation, operation.image)
        if isinstance(operation, Generate):
            stored = operation.image
            image = await self._stored_image(stored, request.requester) if isinstance(stored, MediaRef) else None
            return await self._queue(request, self._plan(request, image=image))
        parent = await self._parent(operation.parent, request.requester, needs_latents=isinstance(operation, Remix))
        # What is made of a private clip shows its prompt and its pictures: it stays private.
        operation = replace(operation, private=operation.private or parent.clip.private)
        request = replace(request, operation=operation)
        recipe = self._plan(request, parent=parent)
        await self._require_media(recipe)
        return await self._queue(request, recipe)

    def _plan(self, request: _Request, *, parent: Parent | None = None, image: Image | None = None) -> Recipe:
        standing = request.standing
        wishes = standing.member.settings.or_else(standing.here.policy.defaults)
        asker = Asker(tier=standing.tier, wishes=wishes, fresh_seed=secrets.randbelow(SEED_LIMIT))
        rules = replace(self._rules, tiers=standing.allowed.tiers)
        recipe = plan(request.operation, asker, rules, parent=parent, image=image)
        self._require_weights(self._rules.presets.get(recipe.preset))
        return recipe

    async def _queue(self, request: _Request, recipe: Recipe) -> Job:
        """Charge and insert. Raises a LimitExceeded that names the tier that lifts it."""
        tier = request.standing.tier
        draft = JobDraft(
            id=request.id,
            member=request.standing.member.id,
            requester=request.requester,
            reply_to=request.reply_to,
            operation=request.operation,
            recipe=recipe,
            tier=tier.name,
            weight=tier.weight,
            idempotency_key=request.idempotency_key,
            clips=clips_charged(recipe),
            device_seconds=await self._outlook.render_seconds(recipe),
            private=request.operation.private,
            terms=terms_of(recipe, kind_of(request.operation), tier),
            run=request.run,
        )
        try:
            job = await self._jobs.admit(draft, admission_limits(tier, request.standing.until))
        except LimitExceeded as refusal:
            refusal.lifted_by = lifted_by(refusal, tier, request.standing.allowed.tiers)
            raise
        _log.info(
            "admitted" if job.id == draft.id else "known already",
            job=job.id,
            kind=request.operation.kind,
            platform=request.requester.place.platform,
            preset=recipe.preset,
            device_seconds=round(draft.device_seconds, 1),
        )
        return job

    # --- Uploads

    async def _admit_upload(self, request: _Request, operation: Generate, upload: Upload) -> Job:
        """All other checks come first: they cost nothing, decoding does. A refused request leaves no blob behind."""
        media = MediaRef(blob=f"{request.id}/upload.png")
        request = replace(request, operation=replace(operation, image=media))
        self._plan(request, image=Image(media=media))
        allowed, most = request.standing.allowed, self._max_upload_bytes
        check_upload(len(upload.data), most=most, tier=allowed.tier, tiers=allowed.tiers)
        async with self._decoders:
            png = await asyncio.to_thread(sanitize_image, upload.data, most)
        recipe = self._plan(request, image=Image(media=media, size=_png_size(png)))
        await asyncio.to_thread(self._blobs.put, media.blob, png)
        try:
            job = await self._queue(request, recipe)
        except (RequestRejected, TierEnded, MemberChanged):
            await asyncio.to_thread(self._blobs.delete, media.blob)
            raise
        if job.id != request.id:
            await asyncio.to_thread(self._blobs.delete, media.blob)
        return job

    async def _stored_image(self, media: MediaRef, requester: Requester) -> Image:
        """An upload made before, by its name: of a job that the requester may see, and of nothing else. NotFound."""
        name = _UPLOAD.fullmatch(media.blob)
        if name is None:
            raise NotFound(what="rendition", id=media.blob)
        await self._members.visible_job(self._jobs, JobId(name[1]), requester)
        try:
            head = await asyncio.to_thread(self._head, media.blob)
        except FileNotFoundError as error:
            raise NotFound(what="rendition", id=media.blob) from error
        return Image(media=MediaRef(blob=media.blob), size=_png_size(head))

    def _head(self, blob: str) -> bytes:
        with self._blobs.open(blob) as stream:
            return stream.read(24)

    # --- Parents

    async def _parent(self, clip: JobId, requester: Requester, *, needs_latents: bool) -> Parent:
        found = await self._members.visible_clip(self._clips, clip, requester)
        return Parent(clip=found, latents=await self._clips.blob(clip, "latents") if needs_latents else None)

    async def _require_media(self, recipe: Recipe) -> None:
        """What the recipe reads may have gone with a deleted relative. Raises NotFound."""
        for media in media_of(recipe):
            try:
                await asyncio.to_thread(self._blobs.length, media.blob)
            except FileNotFoundError as error:
                raise NotFound(what="rendition", id=media.blob) from error


def _check_standing(standing: Standing) -> None:
    """Raises MemberSuspended, MemberBanned, MemberBlocked, PlaceClosed."""
    status = standing.member.status
    if status.until is not None:
        raise MemberSuspended(until=status.until.isoformat(), reason=status.reason)
    if not status.is_active:
        raise MemberBanned(reason=status.reason)
    if standing.here.is_blocked:
        ends = standing.here.blocked_until
        raise MemberBlocked(reason=standing.here.block_reason, until=ends.isoformat() if ends else "")
    if not standing.here.policy.usable:
        raise PlaceClosed


def _new_id() -> JobId:
    """64 random bits: unguessable enough for a name; what is private is guarded by checks."""
    return JobId(f"clip_{secrets.token_hex(8)}")


def _png_size(png: bytes) -> Size:
    """From the header of a PNG that we wrote ourselves."""
    width, height = struct.unpack(">II", png[16:24])
    return Size(width=width, height=height)
