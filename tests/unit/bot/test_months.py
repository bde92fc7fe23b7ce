"""A month's turn as members see it, each in their language, wherever their clock stands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.platform import Context
from bot.session import ChatCore
from inference.types import Requester
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.clock import Clock
from tests.support.studio import Studio, member, open_studio
from tests.unit.bot.conftest import SPOT

TURN = datetime(2028, 3, 1, tzinfo=UTC)
KIRITIMATI = timezone(timedelta(hours=14))
ANN = member("ann")


@dataclass
class Talk:
    studio: Studio
    clock: Clock
    core: ChatCore

    async def says(self, line: str, who: Requester = ANN) -> str:
        answer = await self.core.command(Context(requester=who, spot=SPOT, event=""), line)
        return answer.text or "\n".join(field.value for field in (answer.card.fields if answer.card else ()))

    async def use_up(self) -> None:
        for _ in range(10):
            self.clock.pass_(10)
            await self.says("/generate a red ball")
            await self.studio.succeed(await self.studio.claim())


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    clock = Clock()
    clock.set(datetime(2028, 2, 29, 12, tzinfo=UTC))
    async with (
        open_studio(tmp_path, clock=clock) as studio,
        open_database(studio.settings.resolved_database_url) as database,
    ):
        yield Talk(studio=studio, clock=clock, core=ChatCore(studio.face, studio.face, SqlConversations(database)))


async def test_until_the_last_millisecond_of_a_leap_day_the_old_month_is_told(talk: Talk) -> None:
    await talk.use_up()
    talk.clock.set(TURN - timedelta(milliseconds=1))
    assert "resets on March 1, 2028 (UTC)" in await talk.says("/generate a red ball")
    japanese = replace(ANN, locale="ja")
    assert "2028年3月1日（UTC）に戻ります" in await talk.says("/generate a red ball", japanese)
    assert "10 of 10, resets March 1, 2028 (UTC)" in await talk.says("/info")
    talk.clock.set(TURN)
    assert "0 of 10, resets April 1, 2028 (UTC)" in await talk.says("/info")
    assert (await talk.says("/generate a red ball")).startswith("Uses 1 of 10 this month")


async def test_whoever_lives_in_tomorrow_waits_for_utc_and_is_told_so(talk: Talk) -> None:
    await talk.use_up()
    talk.clock.set(datetime(2028, 3, 1, 13, 59, 59, 999_000, tzinfo=KIRITIMATI))  # there it has been March for long
    assert "resets on March 1, 2028 (UTC)" in await talk.says("/generate a red ball")
    talk.clock.set(datetime(2028, 3, 1, 14, tzinfo=KIRITIMATI))
    assert (await talk.says("/generate a red ball")).startswith("Uses 1 of 10 this month")
