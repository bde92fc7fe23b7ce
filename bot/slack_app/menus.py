"""Menus of a message, and the buttons that only Slack has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME
from bot.platform import Answer, Context
from bot.session import ChatCore
from bot.slack_app.asking import Asked, pressed_asked
from bot.slack_app.blocks import ACTION, FAVOURITE, FOLLOWED
from bot.slack_app.clients import Clients
from bot.slack_app.desk import Desk
from bot.slack_app.faults import translated
from bot.slack_app.forms import COMMAND, OPEN, REFERENCE, Find, Forms
from bot.slack_app.pictures import is_image
from bot.slack_app.uploads import job_of_file
from bot.texts import Texts
from inference.types import JobId

Listener = Callable[..., Awaitable[None]]


class Menus:
    def __init__(self, *, desk: Desk, forms: Forms, core: ChatCore, clients: Clients) -> None:
        self._desk = desk
        self._forms = forms
        self._core = core
        self._clients = clients

    @property
    def shortcuts(self) -> Mapping[str, Listener]:
        """By the callback ids of the manifest."""
        return {
            "threadreel_remix": self._remix,
            "threadreel_info": self._info,
            "threadreel_reference": self._reference,
        }

    async def pressed(self, asked: Asked, action: str) -> bool:
        """Whether the button was one of ours."""
        if action == OPEN.removeprefix(ACTION):
            await self._forms.generate(asked)
        elif action.startswith(f"{REFERENCE}:"):
            await self._forms.reference(asked, _always(action.removeprefix(f"{REFERENCE}:")))
        elif action.startswith(COMMAND):
            await self._forms.command(asked, action.removeprefix(COMMAND))
        elif action == FOLLOWED:
            return True
        elif action.startswith(FAVOURITE):
            await self._favour(asked, JobId(action.removeprefix(FAVOURITE)))
        else:
            return False
        return True

    # --- What bolt calls ---

    async def _remix(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await self._forms.remix(pressed_asked(body, context), lambda context: self._clip(context, body["message"]))

    async def _info(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await self._forms.about(pressed_asked(body, context), lambda context: self._clip(context, body["message"]))

    async def _reference(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """An image of the message, or its clip's poster, begins a new clip."""
        await ack()
        images = [file["id"] for file in body["message"].get("files") or () if is_image(file)]

        async def picture(context: Context) -> str | None:
            return images[0] if images else await self._clip(context, body["message"])

        await self._forms.reference(pressed_asked(body, context), picture)

    # --- The rest ---

    async def _clip(self, context: Context, message: Mapping[str, Any]) -> JobId | None:
        """The clip that the message shows, by its post or by its file."""
        clips = [clip for file in message.get("files") or () if (clip := job_of_file(file))]
        return clips[0] if clips else await self._core.job_of(context)

    async def _favour(self, asked: Asked, clip: JobId) -> None:
        """The clip's link, kept in the member's direct messages."""

        async def act(context: Context, texts: Texts) -> Answer:
            shown = await self._core.invoke(context, Invocation(command=BY_NAME["info"], values={"clip": clip}))
            if shown.is_problem:
                return shown
            async with translated():
                client = (await self._clients.line(asked.where.workspace)).once
                link = await client.chat_getPermalink(channel=asked.where.channel, message_ts=asked.message)
                words = texts("bookmark", link=f"<{link['permalink']}>")
                await client.chat_postMessage(channel=asked.user, text=words, unfurl_links=False)
            return Answer(text=texts("slack-sent-direct"))

        await self._desk.answer(asked, act)


def _always(picture: str) -> Find[str]:
    async def same(_context: Context) -> str:
        return picture

    return same
