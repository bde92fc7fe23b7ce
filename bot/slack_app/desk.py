"""Where interactions arrive: each is acknowledged, becomes a Context for the chat core, and its Answer is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog

from bot.actions import Action, Verb
from bot.commands.errors import ButtonUnknown
from bot.commands.parse import parse_command
from bot.platform import Answer, Context
from bot.render.errors import error_text
from bot.session import ChatCore
from bot.slack_app.access import Access
from bot.slack_app.asking import Asked
from bot.slack_app.people import People
from bot.slack_app.places import PLATFORM
from bot.slack_app.replying import Replying
from bot.slack_app.words import OWN, plain
from bot.texts import Texts
from inference.errors import ThreadreelError
from storage.conversations import SqlConversations

AT_ONCE = 8
"""Answers that are worked on together."""
QUIET_VERBS = frozenset({Verb.INFO, Verb.CANCEL, Verb.DELETE})
"""Buttons that make no clip; all others do, which must be posted."""
Act = Callable[[Context, Texts], Awaitable[Answer | None]]

_log = structlog.get_logger(__name__)


class Desk:
    """Takes commands and presses. What opens a modal is `Forms`' business."""

    def __init__(
        self,
        *,
        core: ChatCore,
        people: People,
        access: Access,
        replying: Replying,
        conversations: SqlConversations,
    ) -> None:
        self.core = core
        self._people = people
        self._access = access
        self._replying = replying
        self._conversations = conversations
        #: Set when the process is told to stop: what is asked from then on is not taken.
        self.is_closing = False
        #: Answers wait here for each other, so that none of them keeps an acknowledgement waiting.
        self._room = asyncio.Semaphore(AT_ONCE)
        #: What is being handled: a stop waits for it.
        self.working: set[asyncio.Task[Any]] = set()

    async def command(self, asked: Asked, name: str, text: str) -> None:
        """`/generate WORDS`, or `/threadreel COMMAND WORDS`."""
        words = plain(text, asked.me)
        line = f"/{OWN} {words}" if name == OWN else f"/{words.removeprefix('/') or 'help'}"

        async def act(context: Context, texts: Texts) -> Answer:
            return with_threads(line, await self.core.command(context, line), texts)

        await self.answer(asked, act, posts=_makes_a_clip(line))

    async def press(self, asked: Asked, action: str, values: dict[str, str] | None = None) -> None:
        """A button that asks nothing before it acts."""

        async def act(context: Context, _texts: Texts) -> Answer:
            return await self.core.press(context, action, values)

        await self.answer(asked, act, posts=will_post(action))

    async def answer(self, asked: Asked, act: Act, *, posts: bool = False) -> None:
        """Act once, however often Slack tells of it, and show what comes of it."""
        with self.at_work():
            async with self._room:
                await self._answer(asked, act, posts=posts)

    async def _answer(self, asked: Asked, act: Act, *, posts: bool) -> None:
        if await self.first_time(asked):
            context, texts = await self.context(asked)
            answer = await self.acted(asked, context, texts, act, posts=posts)
            if answer is not None:
                await self._replying.say(asked, answer, texts)

    async def acted(self, asked: Asked, context: Context, texts: Texts, act: Act, *, posts: bool) -> Answer | None:
        """`posts`: a clip will be posted, so it must be possible."""
        if self.is_closing:
            return Answer(text=texts("restarting"), is_problem=True)
        try:
            if posts:
                where = await self._access.place(asked.where, asked.user)
                context = replace(context, spot=where.spot())
            return await act(context, texts)
        except ThreadreelError as error:
            return Answer(text=error_text(error, texts), is_problem=True)

    async def say(self, asked: Asked, answer: Answer, texts: Texts) -> None:
        await self._replying.say(asked, answer, texts)

    async def context(self, asked: Asked) -> tuple[Context, Texts]:
        """Who asks, where; and their own language."""
        requester = await self._people.requester(asked.where, asked.user, team=asked.team, name=asked.name)
        context = Context(
            requester=requester,
            spot=asked.where.spot(),
            event=asked.event,
            replies_to=asked.message,
            said_at=asked.said_at,
        )
        return context, await self.core.texts(requester)

    def language(self, asked: Asked) -> str:
        """Their locale as far as it is known without asking anyone."""
        return self._people.locale_so_far(asked.where.workspace, asked.user)

    async def manages(self, asked: Asked) -> bool:
        """Whether they manage the workspace."""
        return await self._people.manages(asked.where.workspace, asked.user)

    async def first_time(self, asked: Asked) -> bool:
        """Slack sends what it believes unheard again, also to the next process."""
        is_first = await self._conversations.first_time(PLATFORM, asked.event)
        if not is_first:
            _log.info("heard before", slack_event=asked.event)
        return is_first

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What runs in the block was taken before a stop, and is finished."""
        task = asyncio.current_task()
        assert task is not None
        self.working.add(task)
        try:
            yield
        finally:
            self.working.discard(task)


def will_post(action: str) -> bool:
    try:
        return Action.read(action).verb not in QUIET_VERBS
    except ButtonUnknown:
        return False


def _makes_a_clip(line: str) -> bool:
    """Now or later; what only lists, or takes back, can be asked anywhere."""
    try:
        invocation = parse_command(line)
    except ThreadreelError:
        return False
    makes = invocation.command.operation is not None
    return makes and (invocation.command.name != "schedule" or "when" in invocation.values)


def _name_of(line: str) -> str:
    """The command that a line names; empty where it cannot be understood."""
    try:
        return parse_command(line).command.name
    except ThreadreelError:
        return ""


def with_threads(line: str, answer: Answer, texts: Texts) -> Answer:
    """In the help: Slack itself refuses commands in threads, and does not say what to do instead."""
    if _name_of(line) != "help" or answer.card is None:
        return answer
    return replace(answer, card=replace(answer.card, lines=(*answer.card.lines, texts("slack-no-threads"))))
