"""Where interactions arrive: each becomes a Context for the chat core, and its Answer is shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import discord
import structlog
from discord import ui

from bot.actions import Action, Verb
from bot.card import Button, Form, FormField
from bot.commands.errors import ButtonUnknown, CannotPost, NothingInAdvance
from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME, CommandSpec
from bot.discord_app.buttons import ActionButton, job_shown
from bot.discord_app.faults import TROUBLE
from bot.discord_app.modals import FormModal, purpose_of, values_of
from bot.discord_app.pending import Pending
from bot.discord_app.people import requester_of
from bot.discord_app.permissions import check_place, is_only_users
from bot.discord_app.pictures import Picture, attached, images_of, picture_of
from bot.discord_app.places import channel_of, moment, spot_of, webhook_of, webhook_spot
from bot.discord_app.replying import Reply
from bot.platform import Answer, Context
from bot.render.buttons import TEXT_FIELD
from bot.render.errors import error_text
from bot.session import ChatCore
from bot.texts import Texts
from inference.errors import NotAllowed, ThreadreelError
from inference.protocols import PostingDoors
from inference.types import JobId

SCHEDULE = "schedule"
POSTING_VERBS = frozenset({Verb.REMIX, Verb.AGAIN})
REFERENCE = re.compile(r"reference:(?P<key>\w+)")
AT_ONCE = 16
"""Requests that are worked on at the same time. More are acknowledged and wait: answers delay no acknowledgement."""

_log = structlog.get_logger(__name__)
Interaction = discord.Interaction[Any]


class Desk:
    """Takes commands, buttons, menus and modals."""

    def __init__(self, core: ChatCore, service: PostingDoors) -> None:
        self._core = core
        self._service = service
        self._references: Pending[Picture] = Pending()
        #: Members' languages, for places where Discord does not tell: plain messages.
        self.languages: Pending[str] = Pending(lives=30 * 86_400.0)
        #: Set when the process is told to stop: what is asked from then on is not taken.
        self.is_closing = False
        self._turns = asyncio.Semaphore(AT_ONCE)
        #: What is being handled: a stop waits for it.
        self.working: set[asyncio.Task[Any]] = set()

    # --- What discord.py calls ---

    async def command(self, interaction: Interaction, spec: CommandSpec, values: dict[str, Any]) -> None:
        """A slash command with the options that were chosen."""
        chosen = [value for value in values.values() if isinstance(value, discord.Attachment)]
        texts = {name: written(spec, value) for name, value in values.items() if value is not None}
        words = {name: text for name, text in texts.items() if text is not None}

        async def act(context: Context) -> Answer:
            if _in_advance(spec, words) and webhook_of(context.spot.channel) is not None:
                raise NothingInAdvance
            images = await images_of(chosen)
            return await self._core.invoke(context, Invocation(command=spec, values=words), images)

        posts = spec.operation is not None and (spec.name != SCHEDULE or _in_advance(spec, words))
        await self._answer(interaction, act, posts=posts)

    async def manage(
        self,
        interaction: Interaction,
        act: Callable[[Context], Awaitable[Answer]],
        others: Callable[[Context], Awaitable[bool]] | None = None,
    ) -> None:
        """What only managers of the server may ask. Discord shows it to them alone, but a server can change that.

        `others` says who may ask besides.
        """

        async def checked(context: Context) -> Answer:
            allowed = interaction.permissions
            manages = allowed.manage_guild or allowed.administrator
            if not manages and not (others is not None and await others(context)):
                raise NotAllowed(action="change", who="a server manager")
            return await act(replace(context, requester=replace(context.requester, manages=manages)))

        await self._answer(interaction, checked)

    async def button(self, interaction: Interaction, action: str, *, sure: bool) -> None:
        """A button of ours, also one of an older version."""
        asks = None if sure or self.is_closing else await self._core.button(self.context(interaction), action)
        if isinstance(asks, Answer):
            await self._say(interaction, asks)
        elif asks is not None and asks.form is not None:
            await self._ask(interaction, asks.form, action)
        elif asks is not None and asks.confirm:
            await self._confirm(interaction, asks)
        else:
            await self._press(interaction, action, {})

    async def submitted(self, interaction: Interaction) -> None:
        """A modal, if it is one of ours."""
        purpose = purpose_of(interaction)
        if purpose is None:
            return
        reference = REFERENCE.fullmatch(purpose)
        if reference is None:
            await self._press(interaction, purpose, values_of(interaction))
        else:
            await self._begin_with(interaction, reference["key"], values_of(interaction))

    async def remix_message(self, interaction: Interaction, message: discord.Message) -> None:
        """The context menu's "Remix this clip"."""
        job = await self._job_of(interaction, message)
        if job is None:
            await self._say(interaction, Answer(text=(await self.texts(interaction))("no-clip-here"), is_problem=True))
            return
        await self.button(interaction, str(Action(verb=Verb.REMIX, job=job)), sure=False)

    async def about_message(self, interaction: Interaction, message: discord.Message) -> None:
        """The context menu's "Clip info"."""

        async def act(context: Context) -> Answer:
            job = await self._job_of(interaction, message)
            if job is None:
                return Answer(text=(await self.texts(interaction))("no-clip-here"), is_problem=True)
            return await self._core.invoke(context, Invocation(command=BY_NAME["info"], values={"clip": job}))

        await self._answer(interaction, act, message=message)

    async def use_message(self, interaction: Interaction, message: discord.Message) -> None:
        """The context menu's "Use as reference": an image of the message, or its clip's poster, begins a new clip."""
        texts = await self.texts(interaction)
        picture = attached(message.attachments) or await self._job_of(interaction, message)
        if picture is None:
            await self._say(interaction, Answer(text=texts("no-image-here"), is_problem=True))
            return
        key = self._references.keep(str(interaction.id), picture)
        words = FormField(name=TEXT_FIELD, label=texts("reference-text"), required=True)
        form = Form(title=texts("reference-title"), fields=(words,), submit=texts("reference-submit"))
        await self._ask(interaction, form, f"reference:{key}")

    # --- Into the core ---

    def context(self, interaction: Interaction, message: discord.Message | None = None) -> Context:
        """Who asks, and where; `message` is the one that a context menu was opened on."""
        channel = interaction.channel_id or 0
        only_users = is_only_users(interaction)
        spot = webhook_spot(interaction.id, interaction.token) if only_users else spot_of(interaction.channel, channel)
        self.languages.keep(str(interaction.user.id), interaction.locale.value)
        return Context(
            requester=requester_of(
                interaction.user,
                guild=interaction.guild_id,
                channel=channel_of(interaction.channel, channel),
                locale=interaction.locale.value,
                entitlements=interaction.entitlements,
            ),
            spot=spot,
            event=str(interaction.id),
            replies_to="" if message is None else str(message.id),
            said_at=moment(interaction.created_at),
        )

    async def _job_of(self, interaction: Interaction, message: discord.Message) -> JobId | None:
        """What the message shows, as it was written down; else as it says itself.

        Where we are no member, each interaction is a place of its own, and answers to members are written down nowhere.
        """
        known = await self._core.job_of(self.context(interaction, message))
        is_ours = message.author.id == getattr(interaction.client.user, "id", None)
        return known or (job_shown(message) if is_ours else None)

    async def _press(self, interaction: Interaction, action: str, values: dict[str, str]) -> None:
        await self._answer(
            interaction, lambda context: self._core.press(context, action, values), posts=_will_post(action)
        )

    async def _begin_with(self, interaction: Interaction, key: str, values: dict[str, str]) -> None:
        texts = await self.texts(interaction)

        async def act(context: Context) -> Answer:
            picture = self._references.take(key)
            if picture is None:
                return Answer(text=texts("reference-gone"), is_problem=True)
            image = await picture_of(self._service, context.requester, picture)
            words = {"prompt": values.get(TEXT_FIELD, "")}
            return await self._core.invoke(context, Invocation(command=BY_NAME["animate"], values=words), (image,))

        await self._answer(interaction, act, posts=True)

    async def _answer(
        self,
        interaction: Interaction,
        act: Callable[[Context], Awaitable[Answer]],
        *,
        posts: bool = False,
        message: discord.Message | None = None,
    ) -> None:
        """Acknowledge, act, show. `posts`: a clip will be posted here, so it must be allowed."""
        with self.at_work():
            reply = Reply(interaction, self._service)
            await reply.acknowledge()
            async with self._turns:
                texts = await self.texts(interaction)
                try:
                    # Showing a clip asks the service for it once more, and it may have gone meanwhile.
                    await reply.show(await self._acted(interaction, act, texts, posts=posts, message=message))
                except ThreadreelError as error:
                    await reply.show(Answer(text=error_text(error, texts), is_problem=True))

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

    async def _acted(
        self,
        interaction: Interaction,
        act: Callable[[Context], Awaitable[Answer]],
        texts: Texts,
        *,
        posts: bool,
        message: discord.Message | None,
    ) -> Answer:
        if self.is_closing:
            return Answer(text=texts("restarting"), is_problem=True)
        context = self.context(interaction, message)
        if posts:
            check_place(interaction, texts)
        return await act(context)

    # --- What is asked before acting ---

    async def _ask(self, interaction: Interaction, form: Form, purpose: str) -> None:
        """A modal must be the very first answer, so it is asked beforehand whether there would be anything to post."""
        texts = await self.texts(interaction)
        try:
            check_place(interaction, texts)
        except CannotPost as error:
            await self._say(interaction, Answer(text=error_text(error, texts), is_problem=True))
            return
        try:
            await interaction.response.send_modal(FormModal(form, purpose))
        except TROUBLE as error:
            _log.warning("form not shown", interaction=interaction.id, reason=str(error))

    async def _confirm(self, interaction: Interaction, button: Button) -> None:
        label = (await self.texts(interaction))("button-sure", label=button.label)
        sure = ActionButton(button.action, label=label, style=discord.ButtonStyle.danger, sure=True)
        row: ui.ActionRow[Any] = ui.ActionRow(sure)
        await self._say(interaction, Answer(text=button.confirm), extra=row)

    async def _say(self, interaction: Interaction, answer: Answer, *, extra: ui.ActionRow[Any] | None = None) -> None:
        reply = Reply(interaction, self._service)
        await reply.acknowledge()
        await reply.show(answer, extra=extra)

    async def texts(self, interaction: Interaction) -> Texts:
        """In the member's own language."""
        return await self._core.texts(self.context(interaction).requester)


def written(spec: CommandSpec, value: object) -> str | None:
    """An option's value as a member would have typed it; None for an image, which is none."""
    if isinstance(value, discord.Attachment):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int) and spec.name == "settings" and value <= 0:
        return "default"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _in_advance(spec: CommandSpec, words: Mapping[str, str]) -> bool:
    """Whether something is to be posted later; else the command only lists, or takes back."""
    return spec.name == SCHEDULE and "when" in words


def _will_post(action: str) -> bool:
    try:
        return Action.read(action).verb in POSTING_VERBS
    except ButtonUnknown:
        return False
