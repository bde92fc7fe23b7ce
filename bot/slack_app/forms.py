"""What is asked in a modal: opened at once, filled with what the service says, answered in itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from bot.actions import Action, Verb
from bot.card import Button, ButtonStyle, Card, Form, FormField, Tone
from bot.commands import build
from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME, CommandSpec, offered
from bot.platform import Answer, Context
from bot.render.buttons import TEXT_FIELD
from bot.render.errors import error_text
from bot.session import ASKING
from bot.slack_app.asking import Asked
from bot.slack_app.blocks import ACTION
from bot.slack_app.clients import Clients
from bot.slack_app.desk import Desk, will_post
from bot.slack_app.faults import TROUBLE, Fault, fault_of
from bot.slack_app.modals import Memo, command_view, files_of, filled, form_view, told_view, values_of, wait_view
from bot.slack_app.pictures import Pictures
from bot.slack_app.replying import Replying
from bot.texts import Texts, texts_for
from inference.errors import DeliveryError, InvalidValue, ThreadreelError
from inference.protocols import Catalogue
from inference.types import JobId, OperationKind

T = TypeVar("T")
GENERATE, REFERENCE = "generate", "reference"
COMMAND = "command:"
"""Begins the purpose of another command's form, and the action of the button that opens it."""
Taker = Callable[[Asked, Context, Memo, dict[str, str]], Awaitable[Answer]]
Make = Callable[[Context, Texts], Awaitable[View]]
Find = Callable[[Context], Awaitable[T | None]]
"""What a message is about; None where it is about nothing of ours."""
Again = Callable[[Context], Awaitable[str]]
OPEN = f"{ACTION}open"
"""Action id of the button that opens the form of `/generate` once more."""

_log = structlog.get_logger(__name__)


class Forms:
    def __init__(
        self, *, desk: Desk, clients: Clients, replying: Replying, pictures: Pictures, catalogue: Catalogue
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._replying = replying
        self._pictures = pictures
        self._catalogue = catalogue
        #: Who takes the forms of others, by the beginning of their purpose.
        self.takers: dict[str, Taker] = {}

    # --- Opening ---

    async def generate(self, asked: Asked) -> None:
        """All options of `/generate`."""

        async def made(context: Context, texts: Texts) -> View:
            offer = await self._catalogue.offer()
            spec = next(command for command in offered(offer) if command.name == GENERATE)
            return command_view(spec, offer, memo_of(GENERATE, context, texts), texts)

        await self.open(asked, made, _always("open"), posts=True)

    async def command(self, asked: Asked, name: str) -> None:
        """All options of another command, for who named it alone and left out what it needs."""

        async def made(context: Context, texts: Texts) -> View:
            offer = await self._catalogue.offer()
            spec = next((command for command in offered(offer) if command.name == name), None)
            if spec is None:
                return told_view(await self._desk.core.command(context, f"/{name}"), texts)
            return command_view(spec, offer, memo_of(f"{COMMAND}{name}", context, texts), texts)

        await self.open(asked, made, _always(f"{COMMAND}{name}"), posts=BY_NAME[name].operation is not None)

    async def reference(self, asked: Asked, picture: Find[str]) -> None:
        """A new clip that begins with a file of Slack's, or with a clip's poster."""

        async def made(context: Context, texts: Texts) -> View:
            found = await picture(context)
            if found is None:
                return told_view(Answer(text=texts("no-image-here"), is_problem=True), texts)
            words = FormField(name=TEXT_FIELD, label=texts("reference-text"), required=True)
            form = Form(title=texts("reference-title"), fields=(words,), submit=texts("reference-submit"))
            return form_view(form, memo_of(REFERENCE, context, texts, found), texts)

        async def again(context: Context) -> str:
            found = await picture(context)
            return "" if found is None else f"{REFERENCE}:{found}"

        await self.open(asked, made, again, posts=True)

    async def button(self, asked: Asked, action: str) -> None:
        """The form of a button."""
        await self.open(asked, lambda *told: self._button(action, *told), _always(action), posts=will_post(action))

    async def remix(self, asked: Asked, clip: Find[JobId]) -> None:
        """The form of a clip's Remix, for who pressed no button of the clip."""

        async def action(context: Context) -> str:
            found = await clip(context)
            return "" if found is None else str(Action(verb=Verb.REMIX, job=found))

        async def made(context: Context, texts: Texts) -> View:
            wanted = await action(context)
            return await self._button(wanted, context, texts) if wanted else _no_clip(texts)

        await self.open(asked, made, action, posts=True)

    async def about(self, asked: Asked, clip: Find[JobId]) -> None:
        """Everything about a clip."""

        async def action(context: Context) -> str:
            found = await clip(context)
            return "" if found is None else str(Action(verb=Verb.INFO, job=found))

        async def made(context: Context, texts: Texts) -> View:
            wanted = await action(context)
            return told_view(await self._desk.core.press(context, wanted), texts) if wanted else _no_clip(texts)

        await self.open(asked, made, action, posts=False)

    async def open(self, asked: Asked, made: Make, again: Again, *, posts: bool) -> None:
        """Something at once, for the trigger lives three seconds; what is to be filled in when it is known.

        Nothing is looked up before: a name, a language and a clip can all take longer. `again` is the action of the
        button that is offered where it was too late all the same; empty where there is none.
        """
        with self._desk.at_work():
            if not await self._desk.first_time(asked):
                return
            try:
                client = (await self._clients.line(asked.where.workspace)).once
                view = wait_view(texts_for(self._desk.language(asked)))
                opened = await client.views_open(trigger_id=asked.trigger, view=view)
            except (DeliveryError, *TROUBLE) as error:
                await self._not_opened(asked, error, again)
                return
            context, texts = await self._desk.context(asked)
            view = await self._made(asked, context, texts, made, posts=posts)
            await self._show(asked, str(opened["view"]["id"]), view)

    async def _button(self, action: str, context: Context, texts: Texts) -> View:
        asks = await self._desk.core.button(context, action)
        if isinstance(asks, Answer):
            return told_view(asks, texts)
        assert asks is not None
        assert asks.form is not None
        return form_view(asks.form, memo_of(action, context, texts), texts)

    async def _made(self, asked: Asked, context: Context, texts: Texts, made: Make, *, posts: bool) -> View:
        views: list[View] = []

        async def act(context: Context, texts: Texts) -> Answer | None:
            views.append(await made(context, texts))
            return None

        refused = await self._desk.acted(asked, context, texts, act, posts=posts)
        return views[0] if refused is None else told_view(refused, texts)

    async def _not_opened(self, asked: Asked, error: BaseException, again: Again) -> None:
        """Say so, and offer the button again."""
        _log.info("form not opened", reason=str(error))
        context, texts = await self._desk.context(asked)
        action = await again(context)
        button = Button(action=action, label=texts("slack-open"), style=ButtonStyle.PRIMARY)
        card = Card(tone=Tone.QUIET, language=texts.language, buttons=(button,)) if action else None
        key = "slack-expired" if _is_late(error) else "error-error"
        await self._replying.say(asked, Answer(text=texts(key), card=card, is_problem=True), texts)

    # --- Submitting ---

    async def submitted(self, ack: AsyncAck, asked: Asked, view: Mapping[str, Any], memo: Memo) -> None:
        """What the grammar alone refuses is shown at its field; what the service refuses in the modal too."""
        texts = texts_for(memo.language)
        values = values_of(view)
        errors = _wrong_fields(memo, values, texts)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await ack(response_action="update", view=wait_view(texts))
        with self._desk.at_work():
            if not await self._desk.first_time(asked):
                return
            context, texts = await self._desk.context(asked)
            answer = await self._acted(asked, context, texts, view, memo)
            answer = await self._replying.without_clip(asked, answer, texts)
            shown = filled(view, answer.text) if answer.is_problem else told_view(answer, texts)
            await self._show(asked, str(view["id"]), shown)

    async def _acted(self, asked: Asked, context: Context, texts: Texts, view: Mapping[str, Any], memo: Memo) -> Answer:
        values = values_of(view)

        async def act(context: Context, _texts: Texts) -> Answer:
            command = _command_of(memo)
            if command is not None:
                images = await self._pictures.of_files(asked.where.workspace, files_of(view))
                invocation = Invocation(command=command, values=values)
                return await self._desk.core.invoke(context, invocation, images)
            if memo.purpose == REFERENCE:
                return await self._begin_with(asked, context, memo.picture, values)
            taker = next((take for purpose, take in self.takers.items() if memo.purpose.startswith(purpose)), None)
            if taker is not None:
                return await taker(asked, context, memo, values)
            return await self._desk.core.press(context, memo.purpose, values)

        command = _command_of(memo)
        is_clip = memo.purpose == REFERENCE if command is None else command.operation is not None
        posts = is_clip or will_post(memo.purpose)
        answer = await self._desk.acted(asked, context, texts, act, posts=posts)
        assert answer is not None
        return answer

    async def _begin_with(self, asked: Asked, context: Context, picture: str, values: dict[str, str]) -> Answer:
        if picture.startswith("clip_"):
            image = await self._pictures.poster(JobId(picture), context.requester)
        else:
            (image,) = await self._pictures.of_files(asked.where.workspace, [{"id": picture}])
        words = {"prompt": values.get(TEXT_FIELD, "")}
        return await self._desk.core.invoke(context, Invocation(command=BY_NAME["animate"], values=words), (image,))

    async def _show(self, asked: Asked, view_id: str, view: View | dict[str, Any]) -> None:
        """A modal that was closed meanwhile is nobody's loss: a clip shows itself."""
        try:
            client = (await self._clients.line(asked.where.workspace)).patient
            await client.views_update(view_id=view_id, view=view)
        except (DeliveryError, *TROUBLE) as error:
            _log.info("modal not shown", reason=str(error))


def asks_first(action: str) -> bool:
    """Whether the button has a form that comes before it acts."""
    try:
        pressed = Action.read(action)
    except ThreadreelError:
        return False
    return pressed.verb in ASKING - {Verb.DELETE} and not pressed.argument


def needs_form(words: str) -> str:
    """The command that stands there alone and cannot do without what is missing; empty where none does."""
    command = BY_NAME.get(words.removeprefix("/"))
    return command.name if command is not None and any(option.required for option in command.options) else ""


def memo_of(purpose: str, context: Context, texts: Texts, picture: str = "") -> Memo:
    spot = context.spot
    return Memo(purpose=purpose, channel=spot.channel, thread=spot.thread, language=texts.language, picture=picture)


def _always(action: str) -> Again:
    async def same(_context: Context) -> str:
        return action

    return same


def _no_clip(texts: Texts) -> View:
    return told_view(Answer(text=texts("no-clip-here"), is_problem=True), texts)


def _command_of(memo: Memo) -> CommandSpec | None:
    """The command whose form it is."""
    name = GENERATE if memo.purpose == GENERATE else memo.purpose.removeprefix(COMMAND)
    return BY_NAME.get(name) if name != memo.purpose or memo.purpose == GENERATE else None


def _wrong_fields(memo: Memo, values: dict[str, str], texts: Texts) -> dict[str, str]:
    """By field. Only what can be seen without asking anyone."""
    command = _command_of(memo)
    if command is None or command.operation not in {OperationKind.GENERATE, OperationKind.ANIMATE}:
        return {}
    try:
        build.generate(Invocation(command=command, values=values))
    except InvalidValue as error:
        return {error.name.removeprefix("--"): error_text(error, texts)}
    return {}


def _is_late(error: BaseException) -> bool:
    return isinstance(error, TROUBLE) and fault_of(error) == Fault.TRIGGER
