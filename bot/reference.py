"""Which clip a member means: by its id, by replying to its message, or as the newest of the thread."""

from __future__ import annotations

from bot.commands.errors import ClipNeeded, ClipNotReady
from bot.commands.values import NEWEST
from bot.platform import Context, Spot
from inference.errors import NotFound
from inference.protocols import GenerationService, Library
from inference.types import ClipQuery, Job, JobId, JobStatus, Requester
from storage.conversations import Post, PostState, SqlConversations

LOOKED_BACK = 50
"""Clips of a thread that are looked through for one that the member may see."""


class References:
    """Finds clips by where they were posted."""

    def __init__(self, service: GenerationService, library: Library, conversations: SqlConversations) -> None:
        self._service = service
        self._library = library
        self._conversations = conversations

    async def clip(self, context: Context, requester: Requester, named: JobId | None = None) -> JobId:
        """The clip that is meant. Raises ClipNeeded, ClipNotReady; a named one is taken at its word."""
        if named == NEWEST:
            return await self._newest_own(requester)
        if named is not None:
            return named
        post = await self._replied_to(context)
        if post is None:
            newest = await self._newest(context, requester)
            if newest is not None:
                return newest.id
            post = await self._opener(context)
        if post is None:
            raise ClipNeeded
        if not post.has_clip:
            await self._explain(post, requester)
        return post.job

    async def job(self, context: Context, requester: Requester) -> Job | None:
        """The job whose clip is meant, whether or not it ended well; None where nothing is. Raises NotFound."""
        post = await self._replied_to(context)
        newest = None if post else await self._newest(context, requester)
        if newest is not None:
            return newest
        post = post or await self._opener(context)
        return None if post is None else await self._service.get(post.job, requester)

    async def is_about_clips(self, context: Context) -> bool:
        """Whether the thread is one of ours, or the message replied to is."""
        if await self._replied_to(context) is not None or await self._opener(context) is not None:
            return True
        return await self._conversations.newest_clip(*_where(context.spot)) is not None

    async def posted_job(self, context: Context) -> JobId | None:
        """The job whose message is replied to, finished or not."""
        post = await self._replied_to(context)
        return None if post is None else post.job

    async def home(self, parent: JobId, spot: Spot) -> Spot:
        """Where a clip made from `parent` belongs: this thread, else the parent's own in this channel."""
        if spot.thread:
            return spot
        post = await self._conversations.post(parent, spot.platform)
        if post is None or post.channel != spot.channel or not post.message:
            return spot
        return Spot(platform=spot.platform, channel=spot.channel, thread=post.thread or post.message)

    async def _newest(self, context: Context, requester: Requester) -> Job | None:
        """The newest clip that stood in the thread when the member spoke, and that they may see.

        Others' private ones, and deleted ones, are not there.
        """
        where = _where(context.spot)
        for clip in await self._conversations.newest_clips(*where, limit=LOOKED_BACK, until=context.said_at):
            try:
                return await self._service.get(clip, requester)
            except NotFound:
                continue
        return None

    async def _newest_own(self, requester: Requester) -> JobId:
        page = await self._library.clips(ClipQuery(limit=1), requester)
        if not page.clips:
            raise ClipNeeded
        return page.clips[0].id

    async def _replied_to(self, context: Context) -> Post | None:
        if not context.replies_to:
            return None
        spot = context.spot
        return await self._conversations.post_of_message(spot.platform, spot.channel, context.replies_to)

    async def _opener(self, context: Context) -> Post | None:
        """The post that the thread hangs on."""
        spot = context.spot
        if not spot.thread:
            return None
        return await self._conversations.post_of_message(spot.platform, spot.channel, spot.thread)

    async def _explain(self, post: Post, requester: Requester) -> None:
        """Say why there is no clip to work on, unless its end is only not told yet."""
        job: Job = await self._service.get(post.job, requester)
        if job.status != JobStatus.SUCCEEDED or post.state == PostState.REMOVED:
            status = JobStatus.FAILED if post.state == PostState.REMOVED else job.status
            raise ClipNotReady(id=post.job, status=status)


def _where(spot: Spot) -> tuple[str, str, str]:
    return spot.platform, spot.channel, spot.thread
