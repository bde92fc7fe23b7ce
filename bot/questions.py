"""Questions that change nothing: info, queue, history, show, help."""

from __future__ import annotations

from bot.commands import build
from bot.commands.errors import NothingToCancel
from bot.commands.parse import Invocation
from bot.platform import Answer, Context
from bot.reference import References
from bot.render.job import clip_card
from bot.render.lists import help_card, history_card, info_card, job_info_card, queue_card, settings_card
from bot.texts import Texts
from inference.errors import NotFound
from inference.protocols import GenerationService, Library
from inference.types import Account, ClipQuery, JobId, Requester

PAGE = 10
"""Clips in one history card: what fits a chat's message."""


class Questions:
    def __init__(self, service: GenerationService, library: Library, references: References) -> None:
        self._service = service
        self._library = library
        self._references = references

    async def info(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named: JobId | None = build.value_of(invocation, "clip")
        replied = await self._references.posted_job(context)
        clip = None if named else replied
        clip = clip or await self._references.clip(context, context.requester, named)
        return await self.info_of(clip, context.requester, texts)

    async def info_of(self, clip: JobId, requester: Requester, texts: Texts) -> Answer:
        """About the clip, else about the job that has none."""
        try:
            card = info_card(await self._library.clip(clip, requester), texts)
        except NotFound:
            card = job_info_card(await self._service.get(clip, requester), texts)
        return Answer(text="", card=card, job=clip)

    async def queue(self, context: Context, texts: Texts) -> Answer:
        account = await self._library.account(context.requester)
        return Answer(text="", card=queue_card(account.running, texts))

    async def history(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        search = build.value_of(invocation, "search") or ""
        page = await self._library.clips(ClipQuery(text=search, limit=PAGE), context.requester)
        return Answer(text="", card=history_card(page, search, texts))

    async def show(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named: JobId | None = build.value_of(invocation, "clip")
        wanted = await self._references.clip(context, context.requester, named)
        family = await self._library.clip(wanted, context.requester)
        account = await self._library.account(context.requester)
        card = clip_card(family.clip, context.requester, texts, is_owner=family.clip.member == account.member)
        return Answer(text="", card=card, job=wanted)

    async def help(self, texts: Texts) -> Answer:
        return Answer(text="", card=help_card(texts))

    def settings(self, account: Account, texts: Texts) -> Answer:
        return Answer(text="", card=settings_card(account, texts))

    async def own_job(self, context: Context) -> JobId:
        """The job that a bare `/cancel` means: the one replied to, else the member's newest here, else anywhere."""
        replied = await self._references.posted_job(context)
        if replied is not None:
            return replied
        running = (await self._library.account(context.requester)).running
        if not running:
            raise NothingToCancel
        here = [job for job in running if job.requester.place == context.requester.place]
        return (here or running)[-1].id
