"""Clips asked for in advance, and what members are told unasked, before a real service on real rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME
from bot.delivery import Delivery, Patience
from bot.notifying import Notifying
from bot.platform import Answer, Context, Spot
from bot.session import ChatCore
from inference.types import AspectRatio, BlockMember, Generate, Repeated, Requester, Schedule, Shape
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.chat import Chat, busy, never
from tests.support.clock import Clock
from tests.support.studio import PLACE, Studio, member, open_studio, operator, picture

SPOT = Spot(platform="playground", channel="general")
MIKA = member("mika", "plus")
HOUSE = replace(operator(), place=PLACE)
SUNDAY = datetime(2026, 11, 15, 12, tzinfo=UTC)


@dataclass
class Room:
    studio: Studio
    clock: Clock
    chat: Chat
    delivery: Delivery
    core: ChatCore
    notifying: Notifying

    async def say(self, text: str, who: Requester = MIKA, event: str = "") -> Answer:
        return await self.core.command(Context(requester=who, spot=SPOT, event=event), text)

    async def kept(self, who: Requester = MIKA) -> list[Schedule]:
        return list(await self.studio.face.schedules(who))

    async def run_at(self, moment: datetime) -> None:
        self.clock.set(moment)
        await self.studio.service.run_due()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock = Clock(seconds=SUNDAY.timestamp())
    async with (
        open_studio(tmp_path, clock=clock) as studio,
        open_database(studio.settings.resolved_database_url) as database,
    ):
        conversations, chat = SqlConversations(database), Chat()
        patience = Patience(first=0.01, longest=0.02, tries=3)
        delivery = Delivery(service=studio.face, conversations=conversations, platforms=(chat,), patience=patience)
        core = ChatCore(
            studio.face, studio.face, conversations, clock=lambda: datetime.fromtimestamp(clock.seconds, UTC)
        )
        notifying = Notifying(studio.face, {chat.name: chat})
        yield Room(studio=studio, clock=clock, chat=chat, delivery=delivery, core=core, notifying=notifying)


async def test_a_prompt_is_kept_with_its_options_and_comes_where_it_was_asked_for(room: Room) -> None:
    answer = await room.say("/schedule a red ball when: every monday 9:00 --seconds 2 --ar 9:16")
    (kept,) = await room.kept()
    assert kept.operation == Generate(prompt="a red ball", shape=Shape(seconds=2, aspect_ratio=AspectRatio.PORTRAIT))
    assert kept.when == Repeated(cron="0 9 * * mon")
    assert answer.text.startswith(f"{kept.id}: it will be made at Monday, November 16, 2026")
    assert "Then again: every Monday at 9:00." in answer.text
    assert "/settings --timezone" in answer.text

    await room.run_at(datetime(2026, 11, 16, 9, tzinfo=UTC))
    await room.studio.succeed(await room.studio.claim())
    for event in await room.studio.jobs.events(None):
        room.delivery.take(event)
    await room.delivery.settled()
    (message,) = room.chat.messages.values()
    assert (message.ref.spot, message.card.title) == (SPOT, "a red ball")
    assert len(message.clips) == 1


async def test_times_are_meant_in_ones_own_zone(room: Room) -> None:
    saved = await room.say("/settings --timezone tokyo")
    assert saved.card is not None
    assert ("Time zone", "Asia/Tokyo") in [(field.name, field.value) for field in saved.card.fields]
    await room.say("/schedule a red ball --when tomorrow 9:00")
    (kept,) = await room.kept()
    assert kept.next_at == datetime(2026, 11, 16, 0, tzinfo=UTC)


async def test_japanese_is_understood_and_answered(room: Room) -> None:
    who = replace(MIKA, locale="ja")
    answer = await room.say("/予約 海の上の赤い風船 --いつ 毎週月・木 9時", who)
    assert "そのあとも繰り返します：毎週月曜・木曜 9:00。" in answer.text
    listed = await room.say("/予約", who)
    assert listed.card is not None
    assert listed.card.title == "予約"
    (kept,) = await room.kept()
    assert (await room.say(f"/予約 取消 {kept.id}", who)).text.startswith(f"{kept.id} を取り消しました")


async def test_the_list_says_what_and_when_and_one_is_taken_back(room: Room) -> None:
    empty = await room.say("/schedule")
    assert empty.card is not None
    assert not empty.card.fields
    await room.say("/schedule a red ball --when tomorrow 9:00")
    (kept,) = await room.kept()
    listed = await room.say("/schedule")
    assert listed.card is not None
    ((name, value),) = [(field.name, field.value) for field in listed.card.fields]
    assert name == kept.id
    assert value.startswith("a red ball · next Nov 16, 2026")
    cancelled = await room.say(f"/schedule cancel {kept.id}")
    assert (cancelled.text, cancelled.is_problem) == (f"{kept.id} is cancelled. Nothing was charged.", False)
    assert await room.kept() == []


async def test_chosen_options_do_the_same_as_typed_ones(room: Room) -> None:
    context = Context(requester=MIKA, spot=SPOT, event="1")
    values = {"prompt": "a red ball", "when": "tomorrow 9:00"}
    await room.core.invoke(context, Invocation(command=BY_NAME["schedule"], values=values))
    (kept,) = await room.kept()
    await room.core.invoke(context, Invocation(command=BY_NAME["schedule"], values={"cancel": kept.id}))
    assert await room.kept() == []


async def test_the_same_command_heard_again_is_one_schedule(room: Room) -> None:
    for _ in range(3):
        await room.say("/schedule a red ball --when tomorrow 9:00", event="press-1")
    assert len(await room.kept()) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/schedule a red ball", "--when needs a value"),
        ("/schedule --when tomorrow 9:00", "Say what the clip should show."),
        ("/schedule a red ball --when someday", "a time such as tomorrow 9:00"),
        ("/schedule a red ball --when today 9:00", "a time to come, at most a year from now"),
        ("/schedule a red ball --when * * * * *", "at least an hour between two times"),
        ("/schedule a red ball --when every 10 minutes", "at least an hour between two times"),
        ("/schedule a red ball --when yesterday 9:00", "a time to come, at most a year from now"),
        ("/schedule cancel sched_0", "There is no schedule"),
        ("/settings --timezone moon", "a time zone such as"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_words_that_help(room: Room, typed: str, told: str) -> None:
    answer = await room.say(typed)
    assert answer.is_problem
    assert told in answer.text
    assert await room.kept() == []


async def test_a_list_says_where_the_tier_makes_none_of_it_any_more(room: Room) -> None:
    await room.say("/schedule a red ball --when tomorrow 9:00")
    listed = await room.say("/schedule")
    assert listed.card is not None
    assert len(listed.card.lines) == 1
    left = await room.say("/schedule", replace(MIKA, roles=()))
    assert left.card is not None
    assert left.card.lines[0] == "Your tier makes none of these any more: plus does."


async def test_an_image_cannot_wait_and_a_lesser_tier_is_told_of_the_better(room: Room) -> None:
    context = Context(requester=MIKA, spot=SPOT, event="1")
    refused = await room.core.command(context, "/schedule a ball --when tomorrow 9:00", (picture(),))
    assert "words alone can be asked for in advance" in refused.text
    free = await room.say("/schedule a ball --when tomorrow 9:00", member("robin"))
    assert free.is_problem
    assert "plus" in free.text


async def test_a_refusal_is_told_to_its_member_alone_in_their_language(room: Room) -> None:
    await room.say("/予約 赤い玉 --いつ 明日 9:00", replace(MIKA, locale="ja"))
    await room.studio.operators.govern(BlockMember(member=MIKA.identity, blocked=True), HOUSE)
    await room.run_at(SUNDAY + timedelta(hours=21))
    assert await room.notifying.tell_all() == 1
    (message,) = room.chat.messages.values()
    assert (message.card.only_for, message.ref.spot) == (MIKA.identity, SPOT)
    assert message.card.title == "予約したクリップを作れませんでした"
    assert "「赤い玉」" in message.card.lines[0]
    assert await room.notifying.tell_all() == 0


async def test_where_it_cannot_be_told_privately_it_is_told_in_its_place(room: Room) -> None:
    await room.say("/schedule a red ball --when tomorrow 9:00")
    await room.run_at(SUNDAY + timedelta(days=3))
    room.chat.order("post", never("direct messages are closed"))
    assert await room.notifying.tell_all() == 1
    (message,) = room.chat.messages.values()
    assert (message.card.only_for, message.card.asked_by) == (None, MIKA.identity)
    assert "switched off for too long" in message.card.lines[0]


async def test_what_a_chat_cannot_take_now_is_told_later_and_what_it_never_takes_is_let_go(room: Room) -> None:
    await room.say("/schedule a red ball --when tomorrow 9:00")
    await room.run_at(SUNDAY + timedelta(days=3))
    room.chat.order("post", busy())
    assert await room.notifying.tell_all() == 0
    room.chat.order("post", never(), never())
    assert await room.notifying.tell_all() == 0
    assert await room.notifying.tell_all() == 0
    assert room.chat.messages == {}


async def test_clips_that_are_back_are_told_privately_or_not_at_all(room: Room) -> None:
    for who in (member("ann"), member("bob")):
        for _ in range(10):
            room.clock.pass_(61)
            await room.studio.make(Generate(prompt="a red ball"), who, SPOT.encoded())
    room.clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assert await room.studio.service.announce_month() == 2
    room.chat.order("post", never("direct messages are closed"))
    assert await room.notifying.tell_all() == 1
    (message,) = room.chat.messages.values()
    assert message.card.title == "Your clips are back"
    assert message.card.only_for is not None
