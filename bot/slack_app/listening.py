"""Plain messages: replies in a clip's thread, mentions, direct messages and the agent's conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.commands.parse import is_command, parse_words
from bot.commands.table import BY_NAME
from bot.platform import Answer, Context
from bot.session import ChatCore
from bot.slack_app.asking import Asked
from bot.slack_app.clients import Clients
from bot.slack_app.desk import Desk, with_threads
from bot.slack_app.faults import TROUBLE
from bot.slack_app.pictures import Pictures
from bot.slack_app.places import PLATFORM, Where
from bot.slack_app.searching import Searching
from bot.slack_app.uploads import job_of_file
from bot.slack_app.words import named_clip, plain, without_links
from bot.texts import Texts
from inference.errors import DeliveryError
from inference.types import JobId
from storage.conversations import SqlConversations

HEARD = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that members write; all others tell of something else."""
GENERATE = BY_NAME["generate"]

_log = structlog.get_logger(__name__)


class Listening:
    def __init__(
        self,
        *,
        desk: Desk,
        core: ChatCore,
        clients: Clients,
        pictures: Pictures,
        conversations: SqlConversations,
        is_guest: bool,
    ) -> None:
        """`is_guest`: the app is someone else's, so what is not about clips is not ours."""
        self._desk = desk
        self._core = core
        self._clients = clients
        self._searching = Searching(clients)
        self._pictures = pictures
        self._conversations = conversations
        self._is_guest = is_guest

    @staticmethod
    def may_want(event: Mapping[str, Any], asked: Asked) -> bool:
        """What can be said without asking anyone: in a thread, or to us in person."""
        return bool(asked.where.thread) or _is_direct(event) or event["type"] == "app_mention"

    async def wants(self, event: Mapping[str, Any], asked: Asked) -> bool:
        """Whether it was said to us: in a clip's thread, or, where the app is ours, to us in person."""
        if not self._is_guest and (_is_direct(event) or event["type"] == "app_mention"):
            return True
        if not asked.where.thread:
            return False
        spot = asked.where.spot()
        if await self._conversations.post_of_message(PLATFORM, spot.channel, spot.thread) is not None:
            return True
        return await self._conversations.newest_clip(PLATFORM, spot.channel, spot.thread) is not None

    async def heard(self, event: Mapping[str, Any], asked: Asked) -> None:
        words = without_links(plain(str(event.get("text") or ""), asked.me))
        named, rest = named_clip(words)
        if not is_command(words) and named is not None and (place := await self._message_of(named, asked.where)):
            asked, words = replace(asked, message=place), rest
        elif asked.message:
            asked = await self._with_clip(asked)
        files = [file for file in event.get("files") or () if isinstance(file, dict)]

        async def act(context: Context, texts: Texts) -> Answer | None:
            if _is_direct(event):
                await self._show_thinking(event, asked)
            images = await self._pictures.of_files(asked.where.workspace, files)
            answer = await self._core.reply(context, words, images)
            if answer is not None:
                return with_threads(words, answer, texts)
            return await self._begin(context, texts, words, images)

        asked = asked if asked.where.thread else self._into_thread(event, asked)
        await self._desk.answer(asked, act, posts=True)

    async def _begin(self, context: Context, _texts: Texts, words: str, images: Any) -> Answer:
        """Where nothing is to be remixed, words are a new clip."""
        if not words and not images:
            return await self._core.hint(context)
        return await self._core.invoke(context, parse_words(words, GENERATE), images)

    @staticmethod
    def _into_thread(event: Mapping[str, Any], asked: Asked) -> Asked:
        """A mention in a channel is answered in its own thread; direct messages stay as they are."""
        if _is_direct(event):
            return asked
        return replace(asked, where=replace(asked.where, thread=str(event["ts"])))

    async def _message_of(self, clip: JobId, where: Where) -> str:
        """The clip's message, if it stands in this channel."""
        post = await self._conversations.post(clip, PLATFORM)
        return post.message if post is not None and post.channel == where.spot().channel else ""

    async def _with_clip(self, asked: Asked) -> Asked:
        """A quoted message may be the one that holds the file of a clip, which has its post above it."""
        spot = asked.where.spot()
        if await self._conversations.post_of_message(PLATFORM, spot.channel, asked.message) is not None:
            return asked
        try:
            said = await self._searching.message(asked.where, asked.message)
        except (DeliveryError, *TROUBLE) as error:
            _log.info("quoted message not read", reason=str(error))
            said = None
        clips = [clip for file in (said or {}).get("files") or () if (clip := job_of_file(file))]
        place = await self._message_of(clips[0], asked.where) if clips else ""
        return replace(asked, message=place)

    async def _show_thinking(self, event: Mapping[str, Any], asked: Asked) -> None:
        """In the agent's conversation, until our first message ends it."""
        thread = str(event.get("thread_ts") or "")
        if not thread:
            return
        try:
            client = (await self._clients.line(asked.where.workspace)).once
            _, texts = await self._desk.context(asked)
            await client.assistant_threads_setStatus(
                channel_id=asked.where.channel, thread_ts=thread, status=texts("slack-wait")
            )
        except (DeliveryError, *TROUBLE) as error:
            _log.info("status not shown", reason=str(error))


def is_written(event: Mapping[str, Any]) -> bool:
    """Whether a person wrote it: nothing of bots, and nothing that only tells of a change."""
    return (
        event.get("type") in {"message", "app_mention"}
        and not event.get("bot_id")
        and bool(event.get("user"))
        and str(event.get("subtype") or "") in HEARD
    )


def _is_direct(event: Mapping[str, Any]) -> bool:
    return event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
