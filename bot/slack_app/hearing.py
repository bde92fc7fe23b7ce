"""What kinds of things Slack has told us of, kept for `threadreel doctor`: a bot token cannot see subscriptions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from bot.slack_app.places import PLATFORM
from inference.errors import ServiceUnavailable
from storage.conversations import SqlConversations

AGAIN = 3600.0
"""Seconds after which a kind is written down once more."""
CHANNELS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""Events of messages by the kind of their channel."""
BUTTONS, FORMS = "buttons", "forms"
INTERACTIONS = {"block_actions": BUTTONS, "view_submission": FORMS}

_log = structlog.get_logger(__name__)


class Hearing:
    def __init__(self, conversations: SqlConversations) -> None:
        self._conversations = conversations
        self._noted: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, body: Mapping[str, Any]) -> None:
        """Without waiting: whoever brings it wants it acknowledged."""
        kind = kind_of(body)
        if not kind or time.monotonic() - self._noted.get(kind, -AGAIN) < AGAIN:
            return
        self._noted[kind] = time.monotonic()
        task = asyncio.create_task(self._note(kind))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, kind: str) -> None:
        try:
            await self._conversations.note_heard(PLATFORM, kind)
        except ServiceUnavailable as error:
            self._noted.pop(kind, None)
            _log.info("not noted", kind=kind, reason=str(error))


def kind_of(body: Mapping[str, Any]) -> str:
    """As the manifest names it; empty for what the manifest does not name."""
    event = body.get("event")
    if isinstance(event, Mapping):
        kind = str(event.get("type") or "")
        channel = CHANNELS.get(str(event.get("channel_type")), "")
        return kind if kind != "message" else f"message.{channel}" if channel else ""
    if body.get("command"):
        return str(body["command"])
    if body.get("type") == "message_action":
        return str(body.get("callback_id") or "")
    return INTERACTIONS.get(str(body.get("type")), "")
