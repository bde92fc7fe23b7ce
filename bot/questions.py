"""Questions that change nothing: info, queue, history, show, help."""

from __future__ import annotations

from dataclasses import replace

from bot.card import Card
from bot.commands import build
from bot.commands.errors import NoResult, NothingToCancel
from bot.commands.parse import Invocation
from bot.platform import Answer, Context
from bot.reference import References
from bot.render.buttons import unlocked
from bot.render.job import clip_card
from bot.render.lists import (
    account_and_clip,
    account_card,
    help_card,
    history_card,
    info_card,
    job_info_card,
    queue_card,
    settings_card,
    tree_card,
)
from bot.texts import Texts
from inference.errors import NotFound
from inference.protocols import AskingDoors, GenerationService
from inference.types import Account, ClipQuery, JobId, Requester

PAGE = 10
"""Clips in one history card: what fits a chat's message."""


class Questions:
    def __init__(self, service: GenerationService, library: AskingDoors, references: References) -> None:
        self._service = service
        self._library = library
        self._references = references

    async def info(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named: JobId | None = build.value_of(invocation, "clip")
        if named is not None:
            clip = await self._references.clip(context, context.requester, named)
            return await self.info_of(clip, context.requester, texts)
        replied = await self._references.posted_job(context)
        if replied is not None:
            return await self.info_of(replied, context.requester, texts)
        account = await self._library.account(context.requester)
        month = account_card(account, texts)
        if not await self._references.is_about_clips(context):
            return Answer(text="", card=month)
        clip = await self._references.clip(context, context.requester)
        answer = await self.info_of(clip, context.requester, texts)
        assert answer.card is not None
        return replace(answer, card=account_and_clip(month, answer.card, texts))

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

    async def result(self, context: Context, texts: Texts) -> Answer:
        """The member's newest clip: what a chat could not be given, or what scrolled away."""
        page = await self._library.clips(ClipQuery(limit=1), context.requester)
        if not page.clips:
            raise NoResult
        account = await self._library.account(context.requester)
        card = await self._unlocked(clip_card(page.clips[0], context.requester, texts), account)
        return Answer(text="", card=card, job=page.clips[0].id)

    async def tree(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named: JobId | None = build.value_of(invocation, "clip")
        wanted = await self._references.clip(context, context.requester, named)
        family = await self._library.clip(wanted, context.requester)
        account = await self._library.account(context.requester)
        card = await self._unlocked(tree_card(family, context.requester, texts), account)
        return Answer(text="", card=card, job=wanted)

    async def show(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named: JobId | None = build.value_of(invocation, "clip")
        wanted = await self._references.clip(context, context.requester, named)
        family = await self._library.clip(wanted, context.requester)
        account = await self._library.account(context.requester)
        is_owner = family.clip.member == account.member
        card = clip_card(family.clip, context.requester, texts, is_owner=is_owner)
        return Answer(text="", card=await self._unlocked(card, account), job=wanted)

    async def _unlocked(self, card: Card, account: Account) -> Card:
        """Only the asker sees it, so its buttons are those of their tier."""
        return unlocked(card, account.tier.name, await self._library.offer())

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
