"""Local times: gaps, overlaps, leap days, and lines that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inference.errors import InvalidValue
from inference.times import first_run, next_run, settled, zone_named
from inference.types import After, Once, Repeated, When

BERLIN, TOKYO, KIRITIMATI = "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati"
FRIDAY = datetime(2026, 10, 23, 12, tzinfo=UTC)


def at(text: str) -> Once:
    """As a clock on the wall shows it."""
    return Once(at=datetime.fromisoformat(text))


def local(moment: datetime | None, zone: str) -> str:
    assert moment is not None
    return moment.astimezone(zone_named(zone)).strftime("%a %Y-%m-%d %H:%M %z")


def runs(when: When, zone: str, after: datetime, most: int) -> list[str]:
    found: list[str] = []
    moment: datetime | None = first_run(when, zone, after)
    while moment is not None and len(found) < most:
        found.append(local(moment, zone))
        moment = next_run(when, zone, moment)
    return found


def test_a_time_that_the_clocks_leave_out_comes_as_far_behind_the_gap() -> None:
    nights = runs(Repeated(cron="30 2 * * *"), BERLIN, datetime(2027, 3, 26, 12, tzinfo=UTC), 3)
    assert nights == ["Sat 2027-03-27 02:30 +0100", "Sun 2027-03-28 03:30 +0200", "Mon 2027-03-29 02:30 +0200"]
    once = first_run(at("2027-03-28 02:30"), BERLIN, FRIDAY)
    assert local(once, BERLIN) == "Sun 2027-03-28 03:30 +0200"


def test_a_time_that_comes_twice_counts_once() -> None:
    nights = runs(Repeated(cron="30 2 * * *"), BERLIN, FRIDAY, 3)
    assert nights == ["Sat 2026-10-24 02:30 +0200", "Sun 2026-10-25 02:30 +0200", "Mon 2026-10-26 02:30 +0100"]
    once = first_run(at("2026-10-25 02:30"), BERLIN, FRIDAY)
    assert local(once, BERLIN) == "Sun 2026-10-25 02:30 +0200"


def test_every_hour_is_every_hour_in_that_night_too() -> None:
    hours = runs(Repeated(cron="0 * * * *"), BERLIN, datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 4)
    assert hours == [f"Sun 2026-10-25 {time}" for time in ("02:00 +0200", "02:00 +0100", "03:00 +0100", "04:00 +0100")]


def test_nine_in_the_morning_stays_nine_when_the_clocks_change() -> None:
    mondays = runs(Repeated(cron="0 9 * * mon"), BERLIN, datetime(2026, 10, 18, tzinfo=UTC), 2)
    assert mondays == ["Mon 2026-10-19 09:00 +0200", "Mon 2026-10-26 09:00 +0100"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("0", ["Sun"]),
        ("7", ["Sun"]),
        ("1", ["Mon"]),
        ("1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("5-1", ["Sat", "Sun", "Mon", "Fri"]),
        ("sat,sun", ["Sat", "Sun"]),
        ("*/2", ["Sat", "Sun", "Tue", "Thu"]),
        ("MON", ["Mon"]),
    ],
)
def test_days_of_the_week_count_as_in_crontab(days: str, expected: list[str]) -> None:
    """APScheduler's own numbers begin with Monday."""
    week = runs(Repeated(cron=f"0 9 * * {days}"), "UTC", FRIDAY, len(expected))
    by_day = sorted(day[:3] for day in week)
    assert by_day == sorted(expected)


def test_the_leap_day_and_the_last_of_a_month() -> None:
    assert runs(Repeated(cron="0 9 29 2 *"), TOKYO, FRIDAY, 2) == [
        "Tue 2028-02-29 09:00 +0900",
        "Sun 2032-02-29 09:00 +0900",
    ]
    assert runs(Repeated(cron="0 9 last * *"), TOKYO, FRIDAY, 2) == [
        "Sat 2026-10-31 09:00 +0900",
        "Mon 2026-11-30 09:00 +0900",
    ]


def test_the_day_is_that_of_the_zone() -> None:
    """In Kiribati it is Saturday already."""
    assert runs(at("2026-10-24 03:00"), KIRITIMATI, FRIDAY, 9) == ["Sat 2026-10-24 03:00 +1400"]


def test_so_long_from_now_is_kept_as_the_moment_that_it_is() -> None:
    in_two_hours = After(seconds=7200)
    assert first_run(in_two_hours, BERLIN, FRIDAY) == FRIDAY + timedelta(hours=2)
    assert settled(in_two_hours, BERLIN, FRIDAY) == at("2026-10-23 16:00")
    assert next_run(in_two_hours, BERLIN, FRIDAY) is None


@pytest.mark.parametrize(
    "when",
    [
        After(seconds=0),
        After(seconds=-5),
        After(seconds=400 * 86400),
        After(seconds=float("nan")),
        at("2026-10-23 11:59"),
        at("2028-01-01 00:00"),
        at("9999-12-31 23:59"),
        at("0001-01-01 00:00"),
        Once(at=datetime(2026, 10, 24, tzinfo=UTC)),
        Repeated(cron=""),
        Repeated(cron="0 9 * *"),
        Repeated(cron="0 9 * * * *"),
        Repeated(cron="61 9 * * *"),
        Repeated(cron="0 9 * * 8"),
        Repeated(cron="0 9 * * someday"),
        Repeated(cron="0 9 * * 1/0"),
        Repeated(cron="0 9 31 2 *"),
        Repeated(cron="0 9 1 * 1"),
        Repeated(cron="* * * * *"),
        Repeated(cron="0,30 9 * * *"),
        Repeated(cron="0 9 * * " + "1," * 60 + "1"),
    ],
)
def test_what_never_comes_or_comes_too_often_is_refused(when: When) -> None:
    with pytest.raises(InvalidValue) as refusal:
        first_run(when, BERLIN, FRIDAY)
    assert refusal.value.name == "when"


@pytest.mark.parametrize("name", ["", "Berlin", "UTC+14", "../etc/passwd", "europe/berlin"])
def test_zones_go_by_their_iana_names(name: str) -> None:
    with pytest.raises(InvalidValue):
        zone_named(name)
