"""What members write and press on the page, handed to the chat core; its answers become whispers."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.actions import Action, Verb
from bot.commands.parse import is_command, parse_words
from bot.commands.table import BY_NAME
from bot.platform import Answer, Attachment, Context, Spot
from bot.playground.board import Board, Note
from bot.playground.cards import address, card_to_page
from bot.playground.chat import BOT
from bot.playground.forms import Pressed, Said
from bot.playground.people import PLATFORM, DemoMember, requester
from bot.session import ChatCore
from inference.types import JobId

FILES_KEPT = 4
"""Files in memory that can be downloaded."""
GENERATE_SAID = "playground:generate"
"""The button under a hint: make a clip from the words that were said without a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where a page finds what came of a button."""

    #: Thread to open; empty where it need not.
    thread: str = ""
    #: The whisper that answers; empty where there is none.
    answer: str = ""


class Intake:
    """One per server. What arrives twice under one nonce is one request."""

    def __init__(self, *, core: ChatCore, board: Board) -> None:
        self._core = core
        self._board = board
        self._under_way: set[str] = set()
        #: Files that were handed over, and to whom.
        self._files: OrderedDict[str, tuple[str, Attachment]] = OrderedDict()

    async def take(self, said: Said) -> None:
        """Show the message where it is one, act on it, and whisper the answer. Raises HTTPBadRequest."""
        root = await self._root(said)
        if said.nonce in self._under_way:
            return
        self._under_way.add(said.nonce)
        thread = None if is_command(said.text) else root
        try:
            # An image is for the service to judge first: until then its words stand alone, and it alone not at all.
            note = await self._show(said, thread) if thread and said.text else None
            answer = await self._answer(said)
            if thread and said.image and answer and answer.job:
                await self._show_image(note or await self._show(said, thread), said, answer.job)
        finally:
            self._under_way.discard(said.nonce)
        if answer is not None:
            asked = said.text if is_command(said.text) else ""
            self._whisper(said.member, said.channel, said.thread, answer, asked=asked)

    async def press(self, pressed: Pressed) -> Pointer:
        """Act on a button. Where to look for what comes of it."""
        note = await self._board.note(pressed.message)
        if note is None or note.only_for not in ("", pressed.member.key):
            raise web.HTTPNotFound(text="This message is gone.")
        if pressed.action == GENERATE_SAID:
            return Pointer(answer=await self._generate_said(pressed, note))
        thread = note.thread or pressed.thread
        context = _context(pressed, note.channel, thread)
        answer = await self._core.press(context, pressed.action, pressed.fields)
        if not answer.is_problem and Action.read(pressed.action).verb is Verb.FORGET:
            self._board.forget_author(pressed.member.key)
            self._files.clear()
        begins = not answer.is_problem and Action.read(pressed.action).verb in (Verb.REMIX, Verb.AGAIN)
        if begins and not note.is_whisper:
            thread = note.thread or note.id
        # What begins is looked for at the end; every other answer stands beside what was pressed, where the eyes are.
        told = self._whisper(pressed.member, note.channel, thread, answer, beside=None if begins else note)
        return Pointer(thread=thread if begins else "", answer=told)

    def file(self, key: str, member: DemoMember) -> Attachment | None:
        """What was handed over under this key, to this member; None where it is no more."""
        owner, file = self._files.get(key, ("", None))
        return file if owner == member.key else None

    def _kept(self, member: DemoMember, file: Attachment) -> str:
        """The address of the file, for as long as it is among the newest."""
        key = secrets.token_urlsafe(16)
        self._files[key] = (member.key, file)
        if len(self._files) > FILES_KEPT:
            self._files.popitem(last=False)
        return f"/files/{key}?as={member.key}"

    async def _root(self, said: Said) -> Note | None:
        """The message that the thread hangs on: one of this channel, in the channel itself. Raises HTTPBadRequest."""
        if not said.thread:
            return None
        root = await self._board.note(said.thread)
        fits = root is not None and root.channel == said.channel and not root.thread and not root.is_whisper
        if root is None or not fits or root.only_for not in ("", said.member.key):
            raise web.HTTPBadRequest(text="There is no such thread.")
        return root

    async def _answer(self, said: Said) -> Answer | None:
        context = _context(said, said.channel, said.thread, said.replies_to)
        images = () if said.image is None else (said.image,)
        if said.thread:
            return await self._core.reply(context, said.text, images) or await self._core.hint(context)
        if is_command(said.text):
            return await self._core.command(context, said.text, images)
        if images:
            return await self._core.invoke(context, parse_words(said.text, BY_NAME["generate"]), images)
        await self._hint(said, context)
        return None

    async def _hint(self, said: Said, context: Context) -> None:
        """Words without a command: say how to begin, and offer to begin with them."""
        answer = await self._core.hint(context)
        button = {"id": GENERATE_SAID, "text": "generate-said", "emoji": "🎬", "style": "primary"}
        body = _body(answer) | {"said": said.text, "buttons": [button]}
        self._board.whisper(said.member.key, said.channel, said.thread, body)

    async def _generate_said(self, pressed: Pressed, note: Note) -> str:
        """Id of the answer."""
        words = note.body.get("said")
        if not isinstance(words, str):
            raise web.HTTPBadRequest(text="This message offers nothing of the kind.")
        context = _context(pressed, note.channel, note.thread)
        answer = await self._core.invoke(context, parse_words(words, BY_NAME["generate"]))
        if not answer.is_problem:
            self._board.dismiss(pressed.member.key, note.id)
        return self._whisper(pressed.member, note.channel, note.thread, answer)

    async def _show(self, said: Said, root: Note) -> Note:
        earlier = self._board.sent(said.nonce)
        if earlier is not None:
            return earlier
        body: dict[str, Any] = {
            "author": {"kind": "member", "key": said.member.key, "name": said.member.name, "tier": said.member.tier},
            "text": said.text,
            "reply_to": said.replies_to or None,
            "nonce": said.nonce,
            "only_for": root.only_for,
        }
        return await self._board.add(said.channel, said.thread, said.member.key, body)

    async def _show_image(self, note: Note, said: Said, job: JobId) -> None:
        """As the service re-encoded it: what a camera wrote beside the picture is nobody's business."""
        image = address(job, "upload", said.member)
        await self._board.change(note, {**note.body, "image": image}, durably=True)

    def _whisper(
        self,
        member: DemoMember,
        channel: str,
        thread: str,
        answer: Answer,
        *,
        asked: str = "",
        beside: Note | None = None,
    ) -> str:
        """Id of the whisper; empty where there is nothing to say any more. `asked` is the line that it answers."""
        body = _body(answer) | ({"asked": asked} if asked else {})
        for file in answer.files[:1]:
            body["file"] = {"url": self._kept(member, file), "name": file.name}
        if body["about"] is not None and self._board.has_ended(body["about"]):
            return ""
        return self._board.whisper(member.key, channel, thread, body, beside=beside).id


def _body(answer: Answer) -> dict[str, Any]:
    return {
        "author": BOT,
        "text": answer.text,
        "problem": answer.is_problem,
        # Only the price and the wait go when the job ends; what was asked for stays until it is dismissed.
        "about": None if answer.card or answer.is_problem else answer.job,
        "card": None if answer.card is None else card_to_page(answer.card),
    }


def _context(asks: Said | Pressed, channel: str, thread: str, replies_to: str = "") -> Context:
    return Context(
        requester=requester(asks.member, channel, asks.language),
        spot=Spot(platform=PLATFORM, channel=channel, thread=thread),
        event=asks.nonce,
        replies_to=replies_to,
    )
