"""Who is told that their clips are back: those who ran out, once, and only while it is news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inference.types import Generate, MemberState, MemberStatus, Notice, Requester, SetStatus
from storage.privacy import SqlPrivacy
from storage.schedule_tables import NoticeRow
from tests.support.clock import Clock
from tests.support.studio import Studio, member, open_studio, operator

ANN, BOB = member("ann"), member("bob")
BALL = Generate(prompt="a red ball")
LAST_MOMENT = datetime(2026, 11, 30, 23, 59, 59, 999000, tzinfo=UTC)
TURN = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class House:
    studio: Studio
    clock: Clock

    async def spend(self, who: Requester, clips: int) -> None:
        for _ in range(clips):
            self.clock.pass_(61)  # a member asks only so often
            await self.studio.make(BALL, who, "spot")

    async def told_at(self, moment: datetime) -> list[Notice]:
        self.clock.set(moment)
        await self.studio.service.announce_month()
        return list(await self.studio.face.take_notices(["playground"]))


@pytest.fixture
async def house(tmp_path: Path, url: str) -> AsyncIterator[House]:
    clock = Clock()
    async with open_studio(tmp_path, clock=clock, database_url=url) as studio:
        yield House(studio=studio, clock=clock)


async def test_who_ran_out_is_told_once_at_the_turn_of_the_month(house: House) -> None:
    await house.spend(replace(ANN, locale="ja"), 10)
    await house.spend(BOB, 9)
    assert await house.told_at(LAST_MOMENT) == []
    (notice,) = await house.told_at(TURN)
    assert (notice.code, notice.requester.identity, notice.requester.locale) == ("clips_are_back", ANN.identity, "ja")
    assert (notice.fields, notice.reply_to) == ({"month": "2026-12"}, "spot")
    assert await house.told_at(TURN + timedelta(hours=1)) == []


async def test_services_on_one_database_tell_it_once(house: House) -> None:
    await house.spend(ANN, 10)
    house.clock.set(TURN)
    settings = house.studio.settings
    async with open_studio(settings.data_dir, clock=house.clock, database_url=settings.database_url) as second:
        services = (house.studio.service, second.service) * 5
        assert sum(await asyncio.gather(*(service.announce_month() for service in services))) == 1
        taken = await asyncio.gather(*(service.take_notices(["playground"]) for service in services))
    assert sum(map(len, taken)) == 1


async def test_who_has_made_one_already_knows(house: House) -> None:
    await house.spend(ANN, 10)
    house.clock.set(TURN)
    await house.studio.make(BALL, ANN)
    assert await house.told_at(TURN) == []


async def test_who_was_forgotten_is_told_nothing_more(house: House) -> None:
    await house.spend(ANN, 10)
    await house.studio.face.forget(ANN)
    assert await house.told_at(TURN) == []


async def test_who_is_being_forgotten_when_the_month_turns_is_told_nothing(house: House) -> None:
    await house.spend(ANN, 10)
    await SqlPrivacy(house.studio.database, b"").begin_forgetting(ANN.identity)
    assert await house.told_at(TURN) == []


async def test_old_notices_go_though_there_is_nothing_new(house: House) -> None:
    await house.spend(ANN, 10)
    assert len(await house.told_at(TURN)) == 1
    house.clock.set(TURN + timedelta(days=31))
    await house.studio.service.announce_month()
    async with house.studio.database.read() as connection:
        assert (await connection.execute(select(NoticeRow))).all() == []


async def test_days_later_it_is_no_news(house: House) -> None:
    await house.spend(ANN, 10)
    assert await house.told_at(TURN + timedelta(days=3)) == []


async def test_a_notice_that_nobody_took_for_days_is_not_told_any_more(house: House) -> None:
    await house.spend(ANN, 10)
    house.clock.set(TURN)
    assert await house.studio.service.announce_month() == 1
    house.clock.pass_(3 * 86400 + 1)
    assert not await house.studio.face.take_notices(["playground"])


async def test_who_may_not_ask_is_not_invited(house: House) -> None:
    await house.spend(ANN, 10)
    banned = MemberStatus(state=MemberState.BANNED, reason="spam")
    await house.studio.operators.change_account(SetStatus(status=banned), operator(), ANN.identity)
    assert await house.told_at(TURN) == []


async def test_it_comes_again_with_the_next_month(house: House) -> None:
    await house.spend(ANN, 10)
    assert len(await house.told_at(TURN)) == 1
    await house.spend(ANN, 10)
    assert len(await house.told_at(datetime(2027, 1, 1, tzinfo=UTC))) == 1
