import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.platform import Answer
from tests.support.studio import member
from tests.unit.bot.conftest import Room

ANN, MIKA = member("ann"), member("mika")


def words(answer: Answer) -> str:
    card = answer.card
    assert card is not None
    assert answer.text == ""  # a card is shown to the member alone, wherever it was asked for
    return " ".join([card.title, *card.lines, *(f"{field.name} {field.value}" for field in card.fields)])


async def code(room: Room) -> str:
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", words(await room.core.command(room.at(who=ANN), "/link")))
    assert found
    return found[0]


async def test_two_become_one_and_two_again(room: Room) -> None:
    assert "Only this one" in words(await room.core.command(room.at(who=ANN), "/unlink"))
    done = words(await room.core.command(room.at(who=MIKA), f"/連携 {(await code(room)).lower()}"))
    assert "playground:ann" in done
    assert "0 of 10" in done
    listed = words(await room.core.command(room.at(who=ANN), "/unlink"))
    assert "playground:ann (this one)" in listed
    assert "playground:mika ·" in listed
    assert "playground:ann" in words(await room.core.command(room.at(who=ANN), "/unlink this"))
    assert "Only this one" in words(await room.core.command(room.at(who=MIKA), "/unlink"))


async def test_until_when_a_code_works_is_told_by_ones_own_clock(room: Room) -> None:
    assert "(UTC)" in words(await room.core.command(room.at(who=ANN), "/link"))
    await room.core.command(room.at(who=ANN), "/settings --timezone Asia/Tokyo")
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    told = words(await room.core.command(room.at(who=ANN), "/link"))
    assert "(Asia/Tokyo)" in told
    # It may be a minute later by now than when the code was given.
    assert any(f"{now + timedelta(minutes=10 + late):%-I:%M}" in told for late in (0, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/link 2222-2222", "none of ours"),
        ("/unlink", "Only this one"),
        ("/unlink this", "the only one"),
        ("/unlink discord:1", "none of yours"),
    ],
)
async def test_a_slip_is_told_kindly(room: Room, line: str, said: str) -> None:
    answer = await room.core.command(room.at(who=ANN), line)
    assert said in (answer.text or words(answer))


async def test_the_language_that_was_chosen_elsewhere_is_spoken_at_once(room: Room) -> None:
    await room.core.command(room.at(who=ANN), "/settings --language ja")
    key = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", words(await room.core.command(room.at(who=ANN), "/link")))
    assert key
    await room.core.command(room.at(who=MIKA), f"/link {key[0]}")
    assert "あなたのアカウント" in words(await room.core.command(room.at(who=MIKA), "/unlink"))
