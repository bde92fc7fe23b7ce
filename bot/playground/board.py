"""The conversation: what stands in the channels and threads, kept over a restart, and told to the pages.

The newest messages are held in memory and written through; a card that is still working is written only when it is
posted and when it ends, for the service tells its progress again after a restart.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.playground.hub import Hub
from bot.playground.people import CHANNELS
from storage.conversations import PlaygroundMessage, SqlConversations

HELD = 400
"""Messages of a channel, its threads included, that a page is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message on the board. `body` is the page's JSON, by `kind` of author."""

    id: str
    #: Where it stands among the others.
    order: float
    channel: str
    #: Id of the message that opened the thread; empty in the channel itself.
    thread: str
    body: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    #: Rises with every change, over restarts too.
    revision: int
    #: Key of the one member who sees it: a whisper, or a private clip. Empty for all.
    only_for: str = ""

    @property
    def is_whisper(self) -> bool:
        """Whispers are not kept over a restart; every other message has a number."""
        return not self.id.isdecimal()

    def to_page(self) -> dict[str, Any]:
        return {
            **self.body,
            "id": self.id,
            "order": self.order,
            "channel": self.channel,
            "thread": self.thread or None,
            "created_at": self.created_at.isoformat(),
            "revision": self.revision,
            "ephemeral": self.is_whisper,
            "private": bool(self.only_for) and not self.is_whisper,
        }


class Board:
    """All that the pages show. One event loop."""

    def __init__(self, conversations: SqlConversations, hub: Hub) -> None:
        self._conversations = conversations
        self._hub = hub
        self._notes: dict[str, Note] = {}
        self._revision = time.time_ns() // 1_000_000
        self._whispers = 0

    async def load(self) -> None:
        """Take up what an earlier run left."""
        for channel in CHANNELS:
            for message in await self._conversations.messages(channel, thread=None, limit=HELD):
                note = self._note(message)
                self._notes[note.id] = note

    def shown_to(self, member: str) -> list[dict[str, Any]]:
        """Everything that this member sees, oldest first."""
        seen = (note for note in self._notes.values() if note.only_for in ("", member))
        return [note.to_page() for note in sorted(seen, key=lambda note: note.order)]

    async def note(self, id: str) -> Note | None:  # noqa: A002  # the chat's word
        """A message by id, also one too old to be shown."""
        if id in self._notes:
            return self._notes[id]
        message = await self._conversations.message(int(id)) if id.isdecimal() else None
        return None if message is None else self._note(message)

    def sent(self, nonce: str) -> Note | None:
        """The message that a page sent under this nonce, if it came before."""
        return next((note for note in self._notes.values() if note.body.get("nonce") == nonce), None)

    def of_job(self, channel: str, thread: str, job: str) -> Note | None:
        """The bot's message about a job."""
        posted = (note for note in self._notes.values() if not note.is_whisper)
        there = (note for note in posted if (note.channel, note.thread) == (channel, thread))
        return next((note for note in there if note.body.get("job") == job), None)

    def has_ended(self, job: str) -> bool:
        """Whether the bot's message about the job tells its end already."""
        cards = (note.body.get("card") for note in self._notes.values() if note.body.get("job") == job)
        return any(card is not None and card["progress"] is None for card in cards)

    async def add(self, channel: str, thread: str, author: str, body: dict[str, Any]) -> Note:
        note = self._note(await self._conversations.append_message(channel, thread, author, body))
        self._hold(note)
        return note

    async def change(self, note: Note, body: dict[str, Any], *, durably: bool) -> bool:
        """Show another body; False where the message is gone. What is not durable is forgotten by a restart."""
        if durably and not note.is_whisper and await self._conversations.update_message(int(note.id), body) is None:
            return False
        self._hold(replace(note, body=body, revision=self._next_revision()))
        return True

    def whisper(
        self, member: str, channel: str, thread: str, body: dict[str, Any], *, beside: Note | None = None
    ) -> Note:
        """Tell one member something that only they see, until they dismiss it or the bot restarts.

        At the end of the conversation, or where `beside` stands, behind what was whispered there before.
        """
        self._whispers += 1
        orders = [note.order for note in self._notes.values()]
        if beside is not None:
            orders = [beside.order, *(order for order in orders if beside.order <= order < int(beside.order) + 0.999)]
        newest = max(orders, default=0.0)
        note = Note(
            id=f"whisper-{self._hub.run}-{self._whispers}",
            order=newest + 0.001,
            channel=channel,
            thread=thread,
            body=body,
            created_at=datetime.now(UTC),
            revision=self._next_revision(),
            only_for=member,
        )
        self._hold(note)
        return note

    def dismiss(self, member: str, id: str) -> None:  # noqa: A002  # the chat's word
        """Take a whisper away; the member's own only."""
        note = self._notes.get(id)
        if note is None or not note.is_whisper or note.only_for != member:
            return
        self._take_away(note)

    def forget_author(self, member: str) -> None:
        """Take away what the member said, and what was whispered to them."""
        for note in [*self._notes.values()]:
            if note.body.get("author", {}).get("key") == member or (note.is_whisper and note.only_for == member):
                self._take_away(note)

    def forget_whispers(self, job: str) -> None:
        """The job has ended: what was whispered about its price and its wait is of no more use."""
        for note in [
            note for note in self._notes.values() if note.is_whisper and job and note.body.get("about") == job
        ]:
            self._take_away(note)

    def _take_away(self, note: Note) -> None:
        del self._notes[note.id]
        self._tell(replace(note, revision=self._next_revision()), removed=True)

    def _note(self, message: PlaygroundMessage) -> Note:
        return Note(
            id=str(message.id),
            order=float(message.id),
            channel=message.channel,
            thread=message.thread,
            body=message.body,
            created_at=message.created_at,
            revision=self._next_revision(),
            only_for=message.body.get("only_for", ""),
        )

    def _hold(self, note: Note) -> None:
        self._notes[note.id] = note
        held = [other for other in self._notes.values() if other.channel == note.channel]
        if len(held) > HELD:
            del self._notes[min(held, key=lambda other: other.order).id]
        self._tell(note)

    def _tell(self, note: Note, *, removed: bool = False) -> None:
        page = note.to_page() | ({"removed": True} if removed else {})
        self._hub.tell("message", json.dumps(page, ensure_ascii=False), only_for=note.only_for)

    def _next_revision(self) -> int:
        self._revision += 1
        return self._revision
