"""What every face does alike: a command, a reply or a button becomes an answer to the one who asked.

A face translates its events into a `Context` and words, and shows the `Answer`. What all may see, the job's own
message, is posted by `bot.delivery` from the service's events, so that a crash in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot.actions import Action, Verb
from bot.card import Button
from bot.commands import build
from bot.commands import values as read
from bot.commands.errors import ButtonUnknown, ImageNeeded
from bot.commands.parse import Invocation, is_command, parse_command, parse_words
from bot.commands.table import BY_NAME
from bot.commands.values import NEWEST
from bot.linking import AccountLinking
from bot.locales import Locales
from bot.platform import Answer, Context
from bot.privacy import OwnData
from bot.questions import Questions
from bot.reference import References
from bot.render.answers import accepted_text
from bot.render.buttons import PROMPT_FIELD, STRENGTH_FIELD, TEXT_FIELD, clip_buttons, delete_button
from bot.render.errors import error_text
from bot.scheduling import Scheduling
from bot.texts import Texts, texts_for
from inference.errors import InvalidValue, ThreadreelError
from inference.protocols import AskingDoors, GenerationService
from inference.types import (
    Again,
    ChangeSettings,
    Generate,
    Job,
    JobId,
    JobStatus,
    Operation,
    Remix,
    Requester,
    Shape,
    Upload,
)
from storage.conversations import SqlConversations

ASKING = frozenset({Verb.REMIX, Verb.DELETE})
"""Buttons that ask something before they act."""

_log = structlog.get_logger(__name__)

Images = tuple[Upload, ...]


class ChatCore:
    """The use cases of a chat. One for all faces of a process."""

    def __init__(
        self,
        service: GenerationService,
        library: AskingDoors,
        conversations: SqlConversations,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`clock` says which day it is, for whoever says "tomorrow"."""
        self._service = service
        self._library = library
        self._references = References(service, library, conversations)
        self._questions = Questions(service, library, self._references)
        self.locales = Locales(library)
        linking = AccountLinking(library, self.locales)
        self._own_data = OwnData(library, conversations, self.locales)
        scheduling = Scheduling(library, clock)
        self._commands: Mapping[str, Callable[[_Turn], Awaitable[Answer]]] = {
            "generate": self._generate,
            "animate": self._animate,
            "remix": self._remix,
            "again": self._again,
            "schedule": lambda turn: scheduling.schedule(turn.context, turn.invocation, turn.images, turn.texts),
            "cancel": self._cancel,
            "settings": self._settings,
            "info": lambda turn: self._questions.info(turn.context, turn.invocation, turn.texts),
            "result": lambda turn: self._questions.result(turn.context, turn.texts),
            "tree": lambda turn: self._questions.tree(turn.context, turn.invocation, turn.texts),
            "queue": lambda turn: self._questions.queue(turn.context, turn.texts),
            "history": lambda turn: self._questions.history(turn.context, turn.invocation, turn.texts),
            "show": lambda turn: self._questions.show(turn.context, turn.invocation, turn.texts),
            "link": lambda turn: linking.link(turn.context, turn.invocation, turn.texts),
            "unlink": lambda turn: linking.unlink(turn.context, turn.invocation, turn.texts),
            "mydata": lambda turn: self._own_data.hand_over(turn.context, turn.texts),
            "forgetme": lambda turn: _at_once(self._own_data.ask(turn.texts)),
            "help": lambda turn: self._questions.help(turn.texts),
        }

    # --- What faces call ---

    async def command(self, context: Context, text: str, images: Images = ()) -> Answer:
        """A typed line that begins with a slash."""
        return await self.answered(context, lambda c, t: self._run(c, parse_command(text), images, t))

    async def invoke(self, context: Context, invocation: Invocation, images: Images = ()) -> Answer:
        """A command whose options were chosen one by one."""
        return await self.answered(context, lambda c, t: self._run(c, invocation, images, t))

    async def reply(self, context: Context, text: str, images: Images = ()) -> Answer | None:
        """Plain words in a thread, or under a clip's message. None where it is no business of ours."""
        if is_command(text):
            return await self.command(context, text, images)
        if not await self._references.is_about_clips(context):
            return None
        return await self.answered(context, lambda c, t: self._reply(c, text, images, t))

    async def press(self, context: Context, action: str, values: Mapping[str, str] | None = None) -> Answer:
        """A button, with the values of its form."""
        return await self.answered(context, lambda c, t: self._press(c, Action.read(action), values or {}, t))

    async def button(self, context: Context, action: str) -> Button | Answer | None:
        """The button with the form or the question that comes before it acts; None where nothing comes before.

        For faces that are told of a press by its action alone. An Answer says why it cannot be pressed.
        """
        if not _asks_first(action):
            return None
        found: list[Button] = []

        async def look(context: Context, texts: Texts) -> Answer:
            found.extend(b for b in await self._shown(Action.read(action), context, texts) if b.action == action)
            return Answer(text="")

        answer = await self.answered(context, look)
        return answer if answer.is_problem else next(iter(found), None)

    async def _shown(self, pressed: Action, context: Context, texts: Texts) -> tuple[Button, ...]:
        """The buttons that what is pressed stands among: what failed has no clip, and can be deleted all the same."""
        if pressed.verb == Verb.DELETE:
            job = await self._service.get(pressed.job, context.requester)
            return (delete_button(job.id, job.requester.identity, texts),)
        family = await self._library.clip(pressed.job, context.requester)
        return clip_buttons(family.clip, None, texts)

    async def job_of(self, context: Context) -> JobId | None:
        """The job that the message replied to shows."""
        return await self._references.posted_job(context)

    async def is_about_clips(self, context: Context) -> bool:
        """Whether plain words here would be taken as a request."""
        return await self._references.is_about_clips(context)

    async def texts(self, requester: Requester) -> Texts:
        """In the member's own language."""
        try:
            return texts_for(await self.locales.of(requester))
        except ThreadreelError:
            return texts_for(requester.locale)

    async def hint(self, context: Context) -> Answer:
        """How to begin, for who wrote something that means nothing here."""
        return await self.answered(context, self._hint)

    # --- Around every answer ---

    async def answered(self, context: Context, act: Callable[[Context, Texts], Awaitable[Answer]]) -> Answer:
        """What `act` answers in the member's language, and every refusal in their words. For all use cases."""
        texts = texts_for(context.requester.locale)
        try:
            locale = await self.locales.of(context.requester)
            texts = texts_for(locale)
            return await act(replace(context, requester=replace(context.requester, locale=locale)), texts)
        except ThreadreelError as error:
            return Answer(text=error_text(error, texts), is_problem=True)
        except Exception:  # noqa: BLE001  # the member hears of it, and the log has the rest
            _log.exception("no answer", platform=context.spot.platform, identity=context.requester.identity)
            return Answer(text=texts("error-error"), is_problem=True)

    async def _run(self, context: Context, invocation: Invocation, images: Images, texts: Texts) -> Answer:
        turn = _Turn(context, invocation, images, texts)
        return await self._commands[invocation.command.name](turn)

    async def _submit(self, context: Context, operation: Operation, texts: Texts, note: str = "") -> Answer:
        key = f"{context.spot.platform}:{context.event}" if context.event else None
        job = await self._service.submit(operation, context.requester, context.spot.encoded(), key)
        _log.info("accepted", job=job.id, kind=operation.kind, platform=context.spot.platform)
        text = accepted_text(job, texts)
        return Answer(text=f"{text}\n{note}" if note else text, note=note, job=job.id)

    # --- Making clips ---

    async def _generate(self, turn: _Turn) -> Answer:
        return await self._submit(turn.context, build.generate(turn.invocation, _one(turn.images)), turn.texts)

    async def _animate(self, turn: _Turn) -> Answer:
        if not turn.images:
            raise ImageNeeded
        return await self._generate(turn)

    async def _remix(self, turn: _Turn) -> Answer:
        if turn.images:
            raise InvalidValue(name="--image", value=turn.images[0].filename or "image", allowed="allowed-no-image")
        invocation = build.with_leading_clip(turn.invocation)
        named: JobId | None = build.value_of(invocation, "clip")
        parent = await self._references.clip(turn.context, turn.context.requester, named)
        return await self._child(turn.context, build.remix(invocation, parent), turn.texts)

    async def _again(self, turn: _Turn) -> Answer:
        named: JobId | None = build.value_of(turn.invocation, "clip")
        parent = await self._references.clip(turn.context, turn.context.requester, named)
        return await self._child(turn.context, build.again(turn.invocation, parent), turn.texts)

    async def _child(self, context: Context, operation: Remix | Again, texts: Texts) -> Answer:
        """Made from another clip: it belongs into that clip's thread."""
        spot = await self._references.home(operation.parent, context.spot)
        return await self._submit(replace(context, spot=spot), operation, texts)

    async def _reply(self, context: Context, text: str, images: Images, texts: Texts) -> Answer:
        """Words remix; words with an image begin anew with both; an image alone borrows the clip's words."""
        if not text.strip() and not images:
            return Answer(text=texts("hint-empty-reply"), is_problem=True)
        if not images:
            parent = await self._references.clip(context, context.requester)
            return await self._child(context, build.remix(parse_words(text, BY_NAME["remix"]), parent), texts)
        image = _one(images)
        if text.strip():
            operation = build.generate(parse_words(text, BY_NAME["generate"]), image)
            operation = _beside(operation, await self._references.job(context, context.requester))
            return await self._submit(context, operation, texts, texts("hint-image-unused"))
        parent = await self._references.clip(context, context.requester)
        clip = (await self._library.clip(parent, context.requester)).clip
        operation = Generate(
            prompt=clip.recipe.prompt,
            image=image,
            shape=Shape(seconds=clip.seconds),
            preset=clip.preset,
            private=clip.private,
        )
        return await self._submit(context, operation, texts, texts("answer-animates-parent"))

    # --- Buttons ---

    async def _press(self, context: Context, action: Action, values: Mapping[str, str], texts: Texts) -> Answer:
        match action.verb:
            case Verb.REMIX:
                return await self._child(context, await self._remix_of_form(context, action, values), texts)
            case Verb.AGAIN:
                return await self._child(context, Again(parent=action.job), texts)
            case Verb.INFO:
                return await self._questions.info_of(action.job, context.requester, texts)
            case Verb.CANCEL:
                return await self._stop(action.job, context.requester, texts)
            case Verb.DELETE:
                await self._library.delete(action.job, context.requester)
                return Answer(text=texts("answer-deleted"), job=action.job)
            case Verb.FORGET:
                return await self._own_data.forget(context, texts)

    async def _remix_of_form(self, context: Context, action: Action, values: Mapping[str, str]) -> Remix:
        """A whole prompt in the form counts where the member changed it."""
        given = values.get(STRENGTH_FIELD) or action.argument
        strength = read.strength("--strength", given) if given else None
        prompt = " ".join(values.get(PROMPT_FIELD, "").split()) or None
        if prompt is not None:
            clip = (await self._library.clip(action.job, context.requester)).clip
            prompt = None if prompt == clip.recipe.prompt else prompt
        return Remix(parent=action.job, instruction=values.get(TEXT_FIELD, ""), prompt=prompt, strength=strength)

    # --- The rest ---

    async def _cancel(self, turn: _Turn) -> Answer:
        named: JobId | None = build.value_of(turn.invocation, "clip")
        job = await self._questions.own_job(turn.context) if named in (None, NEWEST) else named
        return await self._stop(job, turn.context.requester, turn.texts)

    async def _stop(self, id: JobId, requester: Requester, texts: Texts) -> Answer:  # noqa: A002  # a job's
        job = await self._service.cancel(id, requester)
        if job.status == JobStatus.CANCELLED:
            return Answer(text=texts("answer-cancelled"), job=id)
        key = "answer-cancelling" if job.cancel_requested and not job.status.is_final else "answer-too-late"
        return Answer(text=texts(key), job=id, is_problem=job.status.is_final)

    async def _settings(self, turn: _Turn) -> Answer:
        requester = turn.context.requester
        account = await self._library.account(requester)
        if not turn.invocation.values:
            return self._questions.settings(account, turn.texts)
        wanted = build.settings(turn.invocation, account.settings)
        account = await self._library.change_account(ChangeSettings(settings=wanted), requester)
        self.locales.forget_member(requester.identity)
        texts = texts_for(account.settings.locale or account.defaults.locale or requester.locale)
        answer = self._questions.settings(account, texts)
        return replace(answer, text=texts("answer-settings-saved"))

    async def _hint(self, _context: Context, texts: Texts) -> Answer:
        return Answer(text=texts("hint-start"), is_problem=True)


async def _at_once(answer: Answer) -> Answer:
    return answer


def _asks_first(action: str) -> bool:
    """Known from the id alone: whatever acts at once is acknowledged before anybody is asked about it."""
    try:
        pressed = Action.read(action)
    except ButtonUnknown:
        return False  # pressing it says so
    return pressed.verb in ASKING and not pressed.argument


@dataclass(frozen=True, slots=True)
class _Turn:
    """One command being handled."""

    context: Context
    invocation: Invocation
    images: Images
    texts: Texts


def _beside(operation: Generate, job: Job | None) -> Generate:
    """In the thread of a private clip nothing becomes public, and a new clip is made by the same model."""
    if job is None:
        return operation
    private = operation.private or job.operation.private
    return replace(operation, private=private, preset=operation.preset or job.recipe.preset)


def _one(images: Images) -> Upload | None:
    if len(images) > 1:
        raise InvalidValue(name="--image", value=str(len(images)), allowed="allowed-image-once")
    return images[0] if images else None
