"""Everything of ours on a bolt app, whoever's it is: commands, buttons, modals, listeners and deliveries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse
from yarl import URL

from bot.administering import Administering
from bot.delivery import Delivery
from bot.managing import Managing
from bot.overseeing import Overseeing
from bot.session import ChatCore
from bot.settings import SlackSettings
from bot.slack_app.access import Access
from bot.slack_app.admin import TypedAdmin
from bot.slack_app.admin_words import after_admin
from bot.slack_app.asking import Asked, command_asked, home_asked, message_asked, pressed_asked, submitted_asked
from bot.slack_app.blocks import ACTION
from bot.slack_app.chat import SlackChat
from bot.slack_app.clients import Clients
from bot.slack_app.desk import Desk
from bot.slack_app.forms import Forms, asks_first, needs_form
from bot.slack_app.hearing import Hearing
from bot.slack_app.home import HomeTab, chosen_value
from bot.slack_app.home_view import HOUSE, SETTING
from bot.slack_app.house import House
from bot.slack_app.listening import Listening, is_written
from bot.slack_app.menus import Menus
from bot.slack_app.modals import Memo
from bot.slack_app.people import People
from bot.slack_app.pictures import Pictures
from bot.slack_app.replying import Replying
from bot.slack_app.words import OWN, plain, quoted
from inference.protocols import Doors
from storage.conversations import SqlConversations

GRACE_SECONDS = 5.0
"""How long requests that were taken before a stop may go on."""
COMMANDS = {f"/{OWN}": OWN, "/threadreel": "threadreel"}
Body = dict[str, Any]
Next = Callable[[], Awaitable[None]]


class SlackFace:
    """Our listeners on an app, and the deliveries to its workspaces."""

    def __init__(
        self,
        app: AsyncApp,
        clients: Clients,
        service: Doors,
        conversations: SqlConversations,
        settings: SlackSettings,
        *,
        is_guest: bool,
    ) -> None:
        self._app = app
        self._is_guest = is_guest
        self.chat = SlackChat(clients, service)
        self._hearing = Hearing(conversations)
        self._delivering: asyncio.Task[None] | None = None
        self._delivery = Delivery(service=service, conversations=conversations, platforms=(self.chat,))
        core = ChatCore(service, service, conversations)
        people = People(clients)
        replying = Replying(clients, service, self.chat.posters, self.chat.uploads)
        pictures = Pictures(clients, service, stand_in=URL(settings.api_url).host or "")
        self.desk = Desk(
            core=core, people=people, access=Access(clients), replying=replying, conversations=conversations
        )
        self.forms = Forms(desk=self.desk, clients=clients, replying=replying, pictures=pictures, catalogue=service)
        self.menus = Menus(desk=self.desk, forms=self.forms, core=core, clients=clients)
        self.home = HomeTab(
            desk=self.desk, clients=clients, library=service, rules=service, conversations=conversations
        )
        self.chat.changed = self.home.redrawing.changed
        managing, overseeing = Managing(core, service), Overseeing(core, service)
        self.admin = TypedAdmin(
            desk=self.desk,
            people=people,
            managing=managing,
            administering=Administering(core, service),
            overseeing=overseeing,
        )
        self.house = House(
            forms=self.forms,
            managing=managing,
            overseeing=overseeing,
            people=people,
            catalogue=service,
            changed=self.home.redrawing.changed,
        )
        self.listening = Listening(
            desk=self.desk,
            core=core,
            clients=clients,
            pictures=pictures,
            conversations=conversations,
            is_guest=is_guest,
        )

    def listen(self) -> None:
        """Our listeners, by names that are ours alone. Messages come through a middleware, which leaves what is not
        ours to all listeners of the app.
        """
        app = self._app
        app.use(self._begin)
        app.use(self._event)
        for name in COMMANDS:
            app.command(name)(self._command)
        app.action({"action_id": re.compile(f"^{ACTION}"), "type": "block_actions"})(self._action)
        app.view(re.compile(f"^{ACTION}"))(self._submitted)
        for callback, listener in self.menus.shortcuts.items():
            app.shortcut(callback)(listener)
        if not self._is_guest:
            self._listen_last()

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Deliver while the block runs. At its end nothing more is taken, and what was taken is finished."""
        if self._is_guest:
            self._listen_last()
        self._deliver()
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        """Take nothing more, finish what was taken, deliver nothing more."""
        self.desk.is_closing = True
        working = self.desk.working - {asyncio.current_task()}
        if working:
            await asyncio.wait(working, timeout=GRACE_SECONDS)
        if self._delivering is not None:
            self._delivering.cancel()
            await asyncio.gather(self._delivering, return_exceptions=True)
        await self.home.redrawing.close()
        await self.chat.stills.close()

    def _deliver(self) -> None:
        if self._delivering is None:
            self._delivering = asyncio.create_task(self._delivery.run(), name="deliver to slack")

    def _listen_last(self) -> None:
        """Acknowledge what nobody wants: Slack would send it again, three times each."""
        for event in ("message", "app_mention", "app_home_opened"):
            self._app.event(event)(_nothing)
        self._app.view_closed(re.compile(f"^{ACTION}"))(_acknowledge)

    # --- What bolt calls ---

    async def _begin(self, body: Body, next: Next) -> None:  # noqa: A002  # bolt's word
        """An app that someone runs by bolt's own means delivers from its first request on."""
        self._deliver()
        self._hearing.note(body)
        await next()

    async def _command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        asked = command_asked(body, context)
        name, text = COMMANDS[str(body["command"])], str(body.get("text") or "")
        words = plain(text, asked.me)
        if name == OWN and not words:
            await self.forms.generate(asked)
        elif name != OWN and (admin := after_admin(text)) is not None:
            await self.admin.command(asked, admin)
        elif name != OWN and (wanted := needs_form(words)):
            await self.forms.command(asked, wanted)
        else:
            await self.desk.command(asked, name, text)

    async def _action(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        asked = pressed_asked(body, context)
        action = str(body["actions"][0]["action_id"]).removeprefix(ACTION)
        if action.startswith(SETTING):
            await self.home.choose(asked, action.removeprefix(SETTING), chosen_value(body["actions"][0]))
            return
        if action.startswith(HOUSE):
            await self.house.open(asked, action.removeprefix(HOUSE))
            return
        if (body.get("view") or {}).get("type") == "home":
            await self.home.press(asked, action)
            return
        if await self.menus.pressed(asked, action):
            return
        if asks_first(action):
            await self.forms.button(asked, action)
        else:
            await self.desk.press(asked, action)

    async def _submitted(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        memo = Memo.read(body["view"]["private_metadata"])
        await self.forms.submitted(ack, submitted_asked(body, context, memo.where()), body["view"], memo)

    async def _event(self, body: Body, context: AsyncBoltContext, ack: AsyncAck, next: Next) -> BoltResponse | None:  # noqa: A002  # bolt's word
        """Take what is ours, and let all else pass."""
        event = body.get("event")
        if not isinstance(event, dict):
            await next()
            return None
        if event.get("type") == "app_home_opened" and event.get("tab") == "home" and not self._is_guest:
            self._in_background(self.home.show(home_asked(body, context)))
            return await ack()
        if not is_written(event):
            await next()
            return None
        asked = message_asked(body, context, quoted(event, str(event["channel"])))
        if not self.listening.may_want(event, asked) or (
            self._is_guest and not await self.listening.wants(event, asked)
        ):
            await next()
            return None
        self._in_background(self._heard(event, asked))
        return await ack()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.desk.working.add(task)
        task.add_done_callback(self._done)

    async def _heard(self, event: Body, asked: Asked) -> None:
        """In an app of ours nobody else waits for it: what is no business of ours is found out after the answer."""
        if self._is_guest or await self.listening.wants(event, asked):
            await self.listening.heard(event, asked)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.desk.working.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._app.logger.error("a message was not taken: %r", error, exc_info=error)


async def _nothing() -> None:
    """An event that is nobody's business. bolt acknowledges events by itself."""


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()
