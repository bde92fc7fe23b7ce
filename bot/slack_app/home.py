"""The home tab: drawn when it is opened, after each thing that is done in it, and when a job begins or ends."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME
from bot.platform import Answer, Context, Spot
from bot.slack_app.asking import Asked
from bot.slack_app.clients import Clients
from bot.slack_app.desk import Desk
from bot.slack_app.faults import TROUBLE
from bot.slack_app.home_view import CLIPS, Home, home_view
from bot.slack_app.places import PLATFORM, where_of
from bot.slack_app.redrawing import Redrawing
from bot.texts import Texts
from inference.errors import DeliveryError, NotAllowed, ServiceUnavailable, ThreadreelError
from inference.protocols import HouseRules, Library
from inference.types import Clip, ClipQuery, Decisions, JobId
from storage.conversations import SqlConversations

LINKS = 1000
"""That are remembered: a link never changes, and each is a question to Slack."""

_log = structlog.get_logger(__name__)


class HomeTab:
    def __init__(
        self, *, desk: Desk, clients: Clients, library: Library, rules: HouseRules, conversations: SqlConversations
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._library = library
        self._rules = rules
        self._conversations = conversations
        self.redrawing = Redrawing(self._drawn)
        self._links: OrderedDict[tuple[JobId, str], str] = OrderedDict()

    async def show(self, asked: Asked) -> None:
        self.redrawing.opened(asked)
        await self._drawn(asked)

    async def _drawn(self, asked: Asked) -> None:
        with self._desk.at_work():
            try:
                context, texts = await self._desk.context(asked)
                home = await self._home(asked, context)
                client = (await self._clients.line(asked.where.workspace)).patient
                await client.views_publish(user_id=asked.user, view=home_view(home, texts))
            except (DeliveryError, ServiceUnavailable, *TROUBLE) as error:
                _log.warning("home not shown", user=asked.user, reason=str(error))

    async def choose(self, asked: Asked, name: str, value: str) -> None:
        """One of the member's own choices."""

        async def act(context: Context, _texts: Texts) -> Answer | None:
            invocation = Invocation(command=BY_NAME["settings"], values={name: value})
            answer = await self._desk.core.invoke(context, invocation)
            return answer if answer.is_problem else None

        await self._desk.answer(asked, act)
        await self.show(asked)

    async def press(self, asked: Asked, action: str) -> None:
        """A button such as a job's Cancel."""

        async def act(context: Context, _texts: Texts) -> Answer | None:
            answer = await self._desk.core.press(context, action)
            return answer if answer.is_problem else None

        await self._desk.answer(asked, act)
        await self.show(asked)

    async def _home(self, asked: Asked, context: Context) -> Home:
        account = await self._library.account(context.requester)
        clips = (await self._library.clips(ClipQuery(limit=CLIPS), context.requester)).clips
        links = await asyncio.gather(*(self._link(asked, clip) for clip in clips))
        return Home(
            account=account,
            clips=clips,
            links={clip: link for clip, link in links if link},
            decisions=await self._decisions(asked, context),
        )

    async def _decisions(self, asked: Asked, context: Context) -> Decisions | None:
        """For who manages the workspace: Slack says who is an admin, and the service knows its operators."""
        manages = await self._desk.manages(asked)
        try:
            return await self._rules.decisions(replace(context.requester, manages=manages))
        except NotAllowed:
            return None

    async def _link(self, asked: Asked, clip: Clip) -> tuple[JobId, str]:
        """Empty where the clip stands nowhere in this workspace any more."""
        post = await self._conversations.post(clip.id, PLATFORM)
        if post is None or not post.message:
            return clip.id, ""
        where = where_of(Spot(platform=PLATFORM, channel=post.channel))
        if where.workspace != asked.where.workspace:
            return clip.id, ""
        if known := self._links.get((clip.id, post.message)):
            return clip.id, known
        try:
            client = (await self._clients.line(where.workspace)).once
            found = await client.chat_getPermalink(channel=where.channel, message_ts=post.message)
        except (ThreadreelError, *TROUBLE) as error:
            _log.info("no link", clip=clip.id, reason=str(error))
            return clip.id, ""
        self._links[clip.id, post.message] = str(found["permalink"])
        if len(self._links) > LINKS:
            self._links.popitem(last=False)
        return clip.id, str(found["permalink"])


def chosen_value(action: Mapping[str, Any]) -> str:
    """What was chosen in a select."""
    return str((action.get("selected_option") or {}).get("value") or "")
