"""Times as people write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.commands.when import read_when
from bot.commands.zones import zone, zones_like
from inference.errors import InvalidValue
from inference.types import After, Once, Repeated, When

FRIDAY = datetime.fromisoformat("2026-11-27 15:00")


def at(text: str) -> Once:
    return Once(at=datetime.fromisoformat(text))


def every(cron: str) -> Repeated:
    return Repeated(cron=cron)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-12-01 09:00", at("2026-12-01 09:00")),
        ("2026-12-01T09:00", at("2026-12-01 09:00")),
        ("2026/12/1 9:00", at("2026-12-01 09:00")),
        ("12-01 9:00", at("2026-12-01 09:00")),
        ("1/5 9:00", at("2027-01-05 09:00")),
        ("Tomorrow at 9am", at("2026-11-28 09:00")),
        ("day after tomorrow noon", at("2026-11-29 12:00")),
        ("9:00", at("2026-11-28 09:00")),
        ("at 16:00", at("2026-11-27 16:00")),
        ("today 9:00", at("2026-11-27 09:00")),  # gone by: for the service to refuse
        ("yesterday 9:00", at("2026-11-26 09:00")),
        ("昨日 9時", at("2026-11-26 09:00")),
        ("every 10 minutes", every("*/10 * * * *")),  # too often, which the service says
        ("10分ごと", every("*/10 * * * *")),
        ("12am", at("2026-11-28 00:00")),
        ("12 pm", at("2026-11-28 12:00")),
        ("midnight", at("2026-11-28 00:00")),
        ("monday 9:00", at("2026-11-30 09:00")),
        ("friday 16:00", at("2026-11-27 16:00")),
        ("next friday 9:00", at("2026-12-04 09:00")),
        ("in 2 hours", After(seconds=7200)),
        ("in an hour", After(seconds=3600)),
        ("in half an hour", After(seconds=1800)),
        ("in 3 days", After(seconds=3 * 86400)),
        ("every day at 9:00", every("0 9 * * *")),
        ("daily 18:30", every("30 18 * * *")),
        ("every monday 9:00", every("0 9 * * mon")),
        ("every Monday and Thursday at 9pm", every("0 21 * * mon,thu")),
        ("every weekday 8:15", every("15 8 * * mon-fri")),
        ("every month on the 1st at 9:00", every("0 9 1 * *")),
        ("every hour", every("0 * * * *")),
        ("every 3 hours", every("0 */3 * * *")),
        ("0 9 * * mon", every("0 9 * * mon")),
        ("0 9 1,15 * *", every("0 9 1,15 * *")),
        ("明日 9:00", at("2026-11-28 09:00")),
        ("明日９時半", at("2026-11-28 09:30")),
        ("明後日の午後3時", at("2026-11-29 15:00")),
        ("今日 18時", at("2026-11-27 18:00")),
        ("正午", at("2026-11-28 12:00")),
        ("次の月曜 9時", at("2026-11-30 09:00")),
        ("2026年12月1日 9時15分", at("2026-12-01 09:15")),
        ("１２月１日９時", at("2026-12-01 09:00")),
        ("2時間後", After(seconds=7200)),
        ("1時間半後", After(seconds=5400)),
        ("30分後に", After(seconds=1800)),
        ("毎日 9:00", every("0 9 * * *")),
        ("毎週月曜 9:00", every("0 9 * * mon")),
        ("毎週月・木 9時", every("0 9 * * mon,thu")),
        ("平日 8時15分", every("15 8 * * mon-fri")),
        ("毎月1日 9:00", every("0 9 1 * *")),
        ("毎月末 9:00", every("0 9 last * *")),
        ("「毎朝7時」", every("0 7 * * *")),
    ],
)
def test_a_time_is_read(said: str, meant: When) -> None:
    assert read_when("--when", said, FRIDAY) == meant


@pytest.mark.parametrize(
    "said",
    ["", "soon", "tomorrow", "9", "25:00", "9:61", "13pm", "every monday", "every someday 9:00", "every 5 hours", "毎週 9:00",
     "2月30日 9:00", "5日", "9:00 tomorrow 10:00 maybe", "in 5 parsecs", "; drop table"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_examples(said: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_when("--when", said, FRIDAY)
    assert refusal.value.allowed == "allowed-when"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("tokyo", "Asia/Tokyo"),
        ("東京", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_read(said: str, meant: str) -> None:
    assert zone("--timezone", said) == meant


@pytest.mark.parametrize("said", ["", "nowhere", "GMT+25", "Europe"])
def test_what_is_no_zone_is_refused(said: str) -> None:
    with pytest.raises(InvalidValue):
        zone("--timezone", said)


def test_zones_are_found_by_what_is_typed() -> None:
    assert zones_like("toky", 25) == ["Asia/Tokyo"]
    assert zones_like("", 25)[0] == "UTC"
    assert len(zones_like("america", 25)) == 25
