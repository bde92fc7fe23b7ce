"""The playground as a ChatPlatform: messages on the board, clips played from this server."""

from __future__ import annotations

from bot.card import Card, Media
from bot.platform import MessageGone, MessageRef, Spot
from bot.playground.board import Board, Note
from bot.playground.cards import card_to_page
from bot.playground.hub import Hub
from bot.playground.people import PLATFORM, member_of
from inference.types import JobId

BOT = {"kind": "bot", "name": "threadreel"}


class PlaygroundChat:
    """Posts to the local page. One message per job: its card works, and then bears the clip."""

    name = PLATFORM
    update_seconds = 0.25

    def __init__(self, board: Board, hub: Hub) -> None:
        self.board = board
        self.hub = hub

    async def post(self, spot: Spot, card: Card, job: JobId) -> MessageRef:
        root = await self.board.note(spot.thread) if spot.thread else None
        only_for = _only_for(card) or (root.only_for if root else "")  # nothing in a private clip's thread is public
        body = {"author": BOT, "card": card_to_page(card), "job": job, "only_for": only_for}
        note = await self.board.add(spot.channel, spot.thread, "bot", body)
        return _ref(note)

    async def update(self, ref: MessageRef, card: Card) -> None:
        await self._show(ref, card, None)

    async def deliver(self, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        await self._show(ref, card, media)
        return ref

    async def find(self, spot: Spot, _card: Card, job: JobId) -> MessageRef | None:
        note = self.board.of_job(spot.channel, spot.thread, job)
        return None if note is None else _ref(note)

    async def _show(self, ref: MessageRef, card: Card, media: Media | None) -> None:
        note = await self.board.note(ref.message)
        body = None if note is None else {**note.body, "card": card_to_page(card, media)}
        if note is None or body is None or not await self.board.change(note, body, durably=card.progress is None):
            raise MessageGone(detail=f"message {ref.message}")
        if card.progress is None:
            self.board.forget_whispers(str(note.body.get("job", "")))


def _only_for(card: Card) -> str:
    """Key of the member whose private clip it is; empty where all may see it."""
    owner = None if card.only_for is None else member_of(card.only_for)
    return "" if owner is None else owner.key


def _ref(note: Note) -> MessageRef:
    return MessageRef(platform=PLATFORM, channel=note.channel, thread=note.thread, message=note.id)
