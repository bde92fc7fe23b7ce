"""The playground's messages, known again after a crash."""

from pathlib import Path

from bot.card import Card, Tone
from bot.platform import FindsPosts, Spot
from bot.playground.board import Board
from bot.playground.chat import PlaygroundChat
from bot.playground.hub import Hub
from inference.types import JobId
from storage.conversations import SqlConversations
from storage.database import open_database

SPOT = Spot(platform="playground", channel="reels")
CARD = Card(tone=Tone.WORKING, title="a red ball")


async def test_a_post_that_nobody_wrote_down_is_found_by_its_job(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'conversations.db'}") as database:
        chat = PlaygroundChat(Board(SqlConversations(database), Hub()), Hub())
        posted = await chat.post(SPOT, CARD, JobId("clip_1"))
        finder: FindsPosts = chat
        assert await finder.find(SPOT, CARD, JobId("clip_1")) == posted
        assert await finder.find(SPOT, CARD, JobId("clip_2")) is None
