"""Finding what we said before: a job's message by its metadata, a clip by its file's name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.errors import SlackClientError

from bot.card import Card
from bot.platform import MessageRef
from bot.slack_app.clients import Clients
from bot.slack_app.faults import Fault, code_of, fault_of
from bot.slack_app.places import Where, is_user, user_of
from bot.slack_app.sending import EVENT
from bot.slack_app.uploads import Shared, bears, job_of_file
from inference.types import JobId

PAGE, PAGES = 200, 5
"""Messages of a place that are looked through for one of before a crash."""

_log = structlog.get_logger(__name__)


class Searching:
    """Raises what slack-sdk raises, where that is for now only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def post_of(self, where: Where, card: Card, job: JobId) -> MessageRef | None:
        """The job's message where the card goes, else in the direct messages to which it goes instead."""
        places = [] if card.only_for is not None or is_user(where.channel) else [where]
        owner = card.only_for or card.asked_by
        if owner is not None:
            places.append(replace(where, channel=user_of(owner), thread=""))
        for place in places:
            try:
                found = await self._post_in(await self._opened(place), job)
            except SlackClientError as error:
                if fault_of(error) == Fault.BUSY:
                    raise
                _log.info("not looked through", channel=place.channel, job=job, reason=code_of(error))
            else:
                if found is not None:
                    return found
        return None

    async def _post_in(self, where: Where, job: JobId) -> MessageRef | None:
        """In this thread, or among the newest of the channel."""
        async for message in self._replies(where, where.thread) if where.thread else self._newest(where):
            if _job_of_message(message) == job:
                return where.ref(str(message["ts"]))
        return None

    async def _opened(self, where: Where) -> Where:
        """A user's id can be written to, and not be read: direct messages have an id of their own."""
        if not is_user(where.channel):
            return where
        client = (await self._clients.line(where.workspace)).patient
        opened = await client.conversations_open(users=where.channel)
        return replace(where, channel=str(opened["channel"]["id"]))

    async def clip_of(self, where: Where, message: str, job: JobId) -> Shared | None:
        """The job's clip in its message or in the thread behind it."""
        async for said in self._replies(where, where.thread or message, oldest=message):
            if bears(said, job):
                file = next(file for file in said["files"] if job_of_file(file) == job)
                link = "" if said["ts"] == message else file.get("permalink") or ""
                return Shared(id=file["id"], link=link, at=None if said["ts"] == message else float(said["ts"]))
        return None

    async def message(self, where: Where, message: str) -> Mapping[str, Any] | None:
        """One message of a thread, or of the channel."""
        async for said in self._replies(where, where.thread or message, oldest=message):
            if said["ts"] == message:
                return said
            break
        return None

    async def _newest(self, where: Where) -> AsyncIterator[Mapping[str, Any]]:
        client = (await self._clients.line(where.workspace)).patient
        answer = await client.conversations_history(channel=where.channel, limit=PAGE, include_all_metadata=True)
        for message in answer.get("messages") or []:
            yield message

    async def _replies(self, where: Where, root: str, oldest: str | None = None) -> AsyncIterator[Mapping[str, Any]]:
        client = (await self._clients.line(where.workspace)).patient
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await client.conversations_replies(
                channel=where.channel,
                ts=root,
                oldest=oldest,
                inclusive=True,
                limit=PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            for message in answer.get("messages") or []:
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return


def _job_of_message(message: Mapping[str, Any]) -> JobId | None:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return JobId(str(payload.get("job"))) if metadata.get("event_type") == EVENT else None
