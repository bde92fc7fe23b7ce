"""When a schedule runs: arithmetic of local times, by APScheduler's triggers.

A local time that a zone leaves out when its clocks go forward (02:30 on the last Sunday of March in Berlin) is taken
as the same distance behind the gap (03:30). One that comes twice when they go back is taken once, at its first coming;
only where every hour is asked for does the repeated hour count as an hour of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from inference.errors import InvalidValue
from inference.types import After, Once, Repeated, When

FURTHEST = timedelta(days=366)
"""How far ahead a single run may lie."""
LEAST_DELAY = 1.0
"""Seconds from now: a run is always still to come."""
LEAST_PAUSE = timedelta(hours=1)
"""Between two runs of a schedule."""
LEAP_YEARS = 9
"""A run that does not come within so many years never does: not even the 29th of February is rarer."""
LOOKED_AT = 200
"""Runs of a cron line that are looked at for whether they come too often."""
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON = "five fields as in crontab: minute, hour, day of the month, month, day of the week; such as 0 9 * * mon"


def zone_named(name: str) -> ZoneInfo:
    """Raises InvalidValue for what is no IANA name."""
    if name not in zones():
        raise InvalidValue(name="timezone", value=name[:40], allowed="an IANA name such as Europe/Berlin or Asia/Tokyo")
    return ZoneInfo(name)


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def settled(when: When, zone: str, now: datetime) -> When:
    """`when` as it is kept: nothing in it hangs on the moment at which it was said."""
    if not isinstance(when, After):
        return when
    at = now + timedelta(seconds=when.seconds)
    return Once(at=at.astimezone(zone_named(zone)).replace(tzinfo=None, microsecond=0))


def first_run(when: When, zone: str, now: datetime) -> datetime:
    """The first moment at which it is due, UTC. Raises InvalidValue for what never is, or too often."""
    match when:
        case After(seconds=seconds):
            if not LEAST_DELAY <= seconds <= FURTHEST.total_seconds():
                raise _refused(f"in {seconds:g} seconds", "a time to come, at most a year from now")
            return now + timedelta(seconds=seconds)
        case Once(at=at):
            run: datetime | None = DateTrigger(at.replace(tzinfo=zone_named(zone))).get_next_fire_time(None, now)
            if at.tzinfo is not None or run is None or not now < run <= now + FURTHEST:
                raise _refused(at.isoformat(sep=" ", timespec="minutes"), "a time to come, at most a year from now")
            return run.astimezone(UTC)
        case Repeated(cron=cron):
            runs = list(_runs(cron, zone, now, LOOKED_AT))
            if not runs:
                raise _refused(cron, "a line that comes true some day")
            if any(later - earlier < LEAST_PAUSE for earlier, later in pairwise(runs)):
                raise _refused(cron, "at least an hour between two runs")
            return runs[0]


def next_run(when: When, zone: str, after: datetime) -> datetime | None:
    """The next moment behind `after` at which it is due, UTC; None where it was to run once."""
    if not isinstance(when, Repeated):
        return None
    return next(_runs(when.cron, zone, after, 1), None)


def _runs(cron: str, zone: str, after: datetime, most: int) -> Iterator[datetime]:
    """Moments at which a cron line is due."""
    trigger = _trigger(cron, zone, until=after + FURTHEST * LEAP_YEARS)
    every_hour = cron.split()[1].startswith("*")
    before = after
    while most:
        # In UTC: a sum of local time forgets which of the two 02:30 it came from.
        run: datetime | None = trigger.get_next_fire_time(None, before.astimezone(UTC) + timedelta(microseconds=1))
        if run is None:
            return
        before = run
        if every_hour or not run.fold:  # else it came an hour ago already
            most -= 1
            yield run.astimezone(UTC)


def _trigger(cron: str, zone: str, until: datetime) -> CronTrigger:
    fields = cron.split()
    if len(fields) != 5 or len(cron) > 100:
        raise _refused(cron[:100], _CRON)
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        # crontab(5) means either of them then, which surprises everybody.
        raise _refused(cron, "a day of the month or a day of the week, and * for the other")
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month.lower(),
            day_of_week=_weekdays(weekday.lower()),
            timezone=zone_named(zone),
            end_date=until,
        )
    except (ValueError, TypeError) as error:
        raise _refused(cron, _CRON) from error


def _weekdays(field: str) -> str:
    """By names: crontab counts from Sunday, APScheduler from Monday, and there a range cannot pass the week's end."""
    if field == "*":
        return field
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-6" if span == "*" else span).partition("-")
        begin = _weekday(first)
        end = _weekday(last) if last else (6 if step else begin)
        end += 7 if end < begin else 0
        found |= {day % 7 for day in range(begin, end + 1, int(step or 1))}
    return ",".join(DAYS[day] for day in sorted(found))


def _weekday(text: str) -> int:
    """0 to 7. Raises ValueError."""
    if text in DAYS:
        return DAYS.index(text)
    number = int(text)
    if not 0 <= number <= 7:
        raise ValueError(text)
    return number


def _refused(value: str, allowed: str) -> InvalidValue:
    return InvalidValue(name="when", value=value, allowed=allowed)
