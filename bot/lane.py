"""One job's way into the chat: its message is posted once, kept up to date, and told the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import structlog

from bot.card import Card
from bot.platform import ChatPlatform, FindsPosts, MessageGone, MessageRef, OpensThreads, Spot, TakesTurns
from bot.render.buttons import unlocked
from bot.render.job import job_card, unpostable_card
from bot.render.words import title
from bot.texts import texts_for
from inference.errors import DeliveryError, NotFound, ServiceUnavailable
from inference.protocols import PostingDoors
from inference.types import ClipLink, Job, JobId, JobStatus, Offer, Policy, Threads
from storage.conversations import Post, PostState, SqlConversations

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Backoff(Protocol):
    @property
    def tries(self) -> int: ...

    def after(self, failures: int) -> float: ...


class Lane:
    """Shows the newest look of one job; older ones that nobody saw are skipped."""

    def __init__(
        self,
        *,
        service: PostingDoors,
        conversations: SqlConversations,
        platform: ChatPlatform,
        spot: Spot,
        job: Job,
        patience: Backoff,
    ) -> None:
        self._service = service
        self._conversations = conversations
        self._platform = platform
        self._spot = spot
        self._job = job
        self._patience = patience
        self._news = asyncio.Event()
        self._news.set()
        self._ended = asyncio.Event()
        self._was_removed = False
        #: As the message looks now, where we know it.
        self._shown: Card | None = None
        self._policy = Policy()
        #: Known for private clips, whose buttons are those of their owner's tier.
        self._offer: Offer | None = None
        self._watch_end()
        self._log = _log.bind(job=job.id, platform=platform.name)

    @property
    def job(self) -> JobId:
        return self._job.id

    @property
    def was_removed(self) -> bool:
        """Whether the job was removed while it was told: it is to be told once more."""
        return self._was_removed

    def show(self, job: Job) -> None:
        """The job looks like this now. A late look from before its end, or its removal, changes nothing."""
        if not self._job.status.is_final or (job.removed and not self._job.removed):
            self._job = job
            self._was_removed = job.removed
            self._news.set()
            self._watch_end()

    async def run(self) -> None:
        """Until the end of the job is told, or the platform will never take it."""
        self._was_removed = False
        if self._job.forgotten:
            await self._forget()
            return
        post = await self._patiently(
            lambda: self._conversations.begin_post(
                self._job.id, self._platform.name, self._spot.channel, self._spot.thread
            )
        )
        try:
            if post.state is PostState.TOLD and self._job.removed:
                await self._tell_removed(post)
            if post.state in {PostState.TOLD, PostState.REMOVED, PostState.REFUSED}:
                await self._close()
            else:
                await self._show_all(post)
        except DeliveryError as error:
            if error.retryable:
                self._log.error(
                    "the platform stays unreachable; the job is told after the next start", reason=str(error)
                )
                return
            self._log.warning("the platform refuses the post", reason=str(error))
            await self._patiently(lambda: self._conversations.record_refused(self._job.id, self._platform.name))
            await self._close()

    # --- The message ---

    async def _show_all(self, post: Post) -> None:
        await self._read_house()
        ref = await self._posted(post)
        self._news.set()
        while not self._ended.is_set():
            await self._news.wait()
            self._news.clear()
            if not self._ended.is_set() and self._card(self._job) != self._shown:
                ref = await self._show_progress(ref)
        await self._tell_end(ref, self._job)

    async def _posted(self, post: Post) -> MessageRef:
        """The job's message: the one of before, one that the chat remembers, else a new one."""
        if post.message:
            return message_ref(post)
        ref = None if post.is_new else await self._found()
        if ref is None:
            if not post.is_new:
                self._log.warning("posted once more, for no message of before the last stop was found")
            ref = await self._patiently(lambda: self._post(self._card(self._job)))
        await self._open_thread(ref)
        return ref

    async def _found(self, *, gone: MessageRef | None = None) -> MessageRef | None:
        """The job's message that the chat remembers and we do not, another than `gone`."""
        if not isinstance(self._platform, FindsPosts):
            return None
        finder = self._platform
        ref = await self._patiently(lambda: finder.find(self._spot, self._card(self._job), self._job.id))
        if ref is None or ref == gone:
            return None
        self._shown = None
        await self._record(ref)
        return ref

    async def _open_thread(self, ref: MessageRef) -> None:
        """Where the server wants it so. What does not work now is done on the first remix."""
        wanted = self._policy.threads is Threads.AT_ONCE and ref.spot == self._spot and not ref.thread
        if not wanted or self._job.operation.private or not isinstance(self._platform, OpensThreads):
            return
        try:
            await self._platform.open_thread(ref, title(self._job))
        except DeliveryError as error:
            self._log.info("no thread yet", reason=str(error))

    async def _read_house(self) -> None:
        """What the server's managers want by now, and what there is to press."""
        if self._job.operation.private and self._offer is None:
            self._offer = await self._patiently(self._service.offer)
        place = self._job.requester.place
        if place.workspace:
            self._policy = await self._patiently(lambda: self._service.policy(place))

    async def _show_progress(self, ref: MessageRef) -> MessageRef:
        """The newest look, when it is this message's turn; one that is gone is posted anew."""
        await self._unless_ended(self._turn(ref))
        if self._ended.is_set():
            return ref
        card = self._card(self._job)
        try:
            await self._platform.update(ref, card)
            self._shown = card
        except MessageGone:
            ref = await self._anew(ref, card)
        except DeliveryError as error:
            self._log.info("progress not shown", reason=str(error))
            if error.retryable:  # though nothing new may come before the end
                self._news.set()
        await self._unless_ended(asyncio.sleep(self._platform.update_seconds))
        return ref

    async def _anew(self, gone: MessageRef, card: Card) -> MessageRef:
        """In its place: the one that took it before a crash, else a new one."""
        ref = await self._found(gone=gone)
        return await self._patiently(lambda: self._post(card)) if ref is None else ref

    async def _post(self, card: Card) -> MessageRef:
        """A new message. Whoever answers it at once is heard once it is written down."""
        with self._conversations.telling(self._platform.name, self._spot.channel):
            ref = await self._platform.post(self._spot, card, self._job.id)
            self._shown = card
            await self._record(ref)
            return ref

    async def _turn(self, ref: MessageRef) -> None:
        if isinstance(self._platform, TakesTurns):
            await self._platform.turn(ref)

    async def _unless_ended(self, pause: Coroutine[Any, Any, None]) -> None:
        """Keep to the platform's pace, as long as the job goes on."""
        tasks = (asyncio.create_task(pause), asyncio.create_task(self._ended.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- The end ---

    async def _tell_end(self, ref: MessageRef, job: Job) -> None:
        started = time.monotonic()
        await self._read_house()
        try:
            await self._patiently(lambda: self._tell(ref, job))
        except MessageGone:
            fresh = await self._anew(ref, self._card(job))
            await self._patiently(lambda: self._tell(fresh, job))
        except DeliveryError as error:
            if error.retryable or job.status != JobStatus.SUCCEEDED:
                raise
            await self._apologise(ref, job, error)
            await self._record_told(ref, job)
        await self._close()
        self._log.info("delivered", status=job.status, seconds=round(time.monotonic() - started, 2))

    async def _tell(self, ref: MessageRef, job: Job) -> None:
        """The end, told and written down: a reply to the clip may come before we heard that the platform took it."""
        with self._conversations.telling(ref.platform, ref.channel):
            shown = await self._end(ref, job)
            await self._record_told(shown, job)

    async def _tell_removed(self, post: Post) -> None:
        """The message says that its clip is gone. Where the platform has lost the message, so is the clip."""
        ref = message_ref(post)
        with suppress(MessageGone):
            await self._patiently(lambda: self._platform.update(ref, self._card(self._job)))
        await self._patiently(lambda: self._conversations.record_removed(self._job.id, self._platform.name))

    async def _forget(self) -> None:
        """What was posted says that it is gone, and nobody knows any more where. What never was is not posted now."""
        post = await self._patiently(lambda: self._conversations.post(self._job.id, self._platform.name))
        if post is not None and post.message and post.state is not PostState.REMOVED:
            with suppress(DeliveryError):  # the chat will never take it, or cannot be reached for hours
                await self._tell_removed(post)
        await self._patiently(lambda: self._conversations.forget_post(self._job.id, self._platform.name))
        await self._close()

    async def _record_told(self, ref: MessageRef, job: Job) -> None:
        if job.clip is not None and not ref.thread:
            root = job.clip.root
            await self._patiently(
                lambda: self._conversations.remember_thread(ref.platform, ref.channel, ref.message, root)
            )
        await self._patiently(
            lambda: self._conversations.record_told(
                job.id,
                ref.platform,
                ref.channel,
                ref.thread,
                ref.message,
                has_clip=job.clip is not None,
                shown_at=ref.shown_at,
            )
        )

    async def _end(self, ref: MessageRef, job: Job) -> MessageRef:
        card = self._card(job)
        if card.media is not None and job.status == JobStatus.SUCCEEDED:
            try:
                return await self._platform.deliver(ref, card, card.media)
            except NotFound:  # deleted since we heard of its end
                card = self._card(replace(job, clip=None))
        await self._platform.update(ref, card)
        return ref

    async def _apologise(self, ref: MessageRef, job: Job, error: DeliveryError) -> None:
        """The clip is kept; the message says how to get at it."""
        self._log.warning("the clip cannot be posted", reason=str(error))
        link = await self._patiently(lambda: self._link(job))
        card = unpostable_card(job, link, texts_for(job.requester.locale))
        await self._patiently(lambda: self._platform.update(ref, card))

    async def _link(self, job: Job) -> ClipLink | None:
        try:
            return await self._service.link(job.id, job.requester)
        except NotFound:  # deleted since: its message will say so
            return None

    def _watch_end(self) -> None:
        if self._job.status.is_final:
            self._ended.set()

    async def _close(self) -> None:
        """Nothing more will be said: let the service forget the job once it has ended."""
        await self._ended.wait()
        await self._patiently(lambda: self._service.mark_delivered(self._job.id))

    # --- Helpers ---

    def _card(self, job: Job) -> Card:
        card = job_card(job, texts_for(job.requester.locale))
        if card.only_for is not None:  # its owner alone sees it
            return card if self._offer is None else unlocked(card, job.tier, self._offer)
        return replace(card, spoiler=self._policy.spoiler)

    async def _record(self, ref: MessageRef) -> None:
        await self._patiently(
            lambda: self._conversations.record_message(self._job.id, ref.platform, ref.channel, ref.thread, ref.message)
        )

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Try again while it can help. A service that is away is waited for; a platform `tries` times."""
        failures = 0
        while True:
            try:
                return await act()
            except ServiceUnavailable as error:
                reason = str(error)
            except DeliveryError as error:
                if not error.retryable or failures + 1 >= self._patience.tries:
                    raise
                reason = str(error)
            failures += 1
            pause = self._patience.after(failures)
            self._log.info("trying again", reason=reason, seconds=pause)
            await asyncio.sleep(pause)


def message_ref(post: Post) -> MessageRef:
    """Where the post stands."""
    return MessageRef(platform=post.platform, channel=post.channel, thread=post.thread, message=post.message)
