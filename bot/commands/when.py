"""Times as people write them: `tomorrow 9:00`, `in 2 hours`, `every monday 9am`, `毎週月曜 9時`, a line of crontab.

What is said of days is worked out here, by the member's own clock; whether a moment can be is for the service to say.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta

from inference.errors import InvalidValue
from inference.types import After, Once, Repeated, When

WEEKDAYS = {
    "mon": ("monday", "mondays", "mon", "月曜日", "月曜", "月"),
    "tue": ("tuesday", "tuesdays", "tue", "tues", "火曜日", "火曜", "火"),
    "wed": ("wednesday", "wednesdays", "wed", "水曜日", "水曜", "水"),
    "thu": ("thursday", "thursdays", "thu", "thur", "thurs", "木曜日", "木曜", "木"),
    "fri": ("friday", "fridays", "fri", "金曜日", "金曜", "金"),
    "sat": ("saturday", "saturdays", "sat", "土曜日", "土曜", "土"),
    "sun": ("sunday", "sundays", "sun", "日曜日", "日曜", "日"),
}
"""By their names in crontab, in the order in which Python counts them."""
BY_WORD = {word: name for name, words in WEEKDAYS.items() for word in words}
DAYS_AHEAD = {
    "yesterday": -1, "昨日": -1, "きのう": -1,
    "": None, "today": 0, "今日": 0, "本日": 0, "tomorrow": 1, "明日": 1, "あした": 1, "あす": 1,
    "day after tomorrow": 2, "the day after tomorrow": 2, "明後日": 2, "あさって": 2,
}  # fmt: skip
SPANS = {
    "minute": 60, "minutes": 60, "min": 60, "mins": 60, "m": 60, "分": 60,
    "hour": 3600, "hours": 3600, "h": 3600, "hr": 3600, "hrs": 3600, "時間": 3600,
    "day": 86400, "days": 86400, "d": 86400, "日": 86400,
    "week": 604800, "weeks": 604800, "w": 604800, "週間": 604800,
}  # fmt: skip
CRON = re.compile(r"[\d*][\d*,/-]*(?:\s+[\d*a-z][\da-z*,/-]*){4}")
IN = re.compile(r"in\s+(?P<number>\d{1,4}|an?|one|half an)\s*(?P<unit>[a-z]+)")
LATER = re.compile(r"(?P<number>\d{1,4})\s*(?P<unit>分|時間|日|週間)(?P<half>半)?後?に?")
CLOCK = re.compile(
    r"(?:(?<![\d:])|^)(?P<noon>noon|midnight|正午)$"
    r"|(?<![\d:])(?P<half>午前|午後)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})|時(?:(?P<minutes>\d{1,2})分|(?P<thirty>半))?)?\s*(?P<meridiem>am|pm|a\.m\.|p\.m\.)?に?$"
)
DATE = re.compile(r"(?:(?P<year>\d{4})\s*[-/年]\s*)?(?P<month>\d{1,2})\s*[-/月]\s*(?P<day>\d{1,2})日?t?")
MONTHLY = re.compile(r"(?:every month|monthly|毎月)\s*(?:on\s+)?(?:the\s+)?(?P<day>\d{1,2}|last|末)(?:st|nd|rd|th|日)?")
EVERY_HOURS = re.compile(r"(?:every\s+(?P<english>\d{1,2})\s*hours?|(?P<japanese>\d{1,2})時間(?:ごと|毎))")
EVERY_MINUTES = re.compile(r"(?:every\s+(?P<english>\d{1,2})\s*min(?:ute)?s?|(?P<japanese>\d{1,2})分(?:ごと|毎))")
EVERY = re.compile(r"(?:every|each|weekly|毎週)\s*(?:on\s+)?(?P<days>.+)")
BETWEEN = re.compile(r"\s*(?:,|、|・|/|&|\band\b|と)\s*|\s+")
DAILY = {"every day", "each day", "daily", "everyday", "毎日", "毎朝", "毎晩"}
WORKDAYS = {"weekday", "weekdays", "workday", "workdays", "平日"}
WEEKENDS = {"weekend", "weekends", "週末"}


def read_when(name: str, text: str, now: datetime) -> When:
    """`now` is the member's own clock, without a zone. Raises InvalidValue."""
    said = " ".join(unicodedata.normalize("NFKC", text).strip().strip("\"'“”「」").lower().split())
    found = _cron(said) or _after(said) or _by_the_clock(said, now)
    if found is None:
        raise InvalidValue(name=name, value=text, allowed="allowed-when")
    return found


def _cron(said: str) -> Repeated | None:
    if CRON.fullmatch(said):
        return Repeated(cron=said)
    if said in {"every hour", "hourly", "毎時", "1時間ごと"}:
        return Repeated(cron="0 * * * *")
    if said in {"every minute", "毎分"}:
        return Repeated(cron="* * * * *")
    if match := EVERY_MINUTES.fullmatch(said):  # so often for the service to refuse, with the reason
        minutes = int(match["english"] or match["japanese"])
        return Repeated(cron=f"*/{minutes} * * * *") if 0 < minutes < 60 else None
    if match := EVERY_HOURS.fullmatch(said):
        hours = int(match["english"] or match["japanese"])
        # Only what divides a day comes evenly.
        return Repeated(cron=f"0 */{hours} * * *") if hours in {1, 2, 3, 4, 6, 8, 12} else None
    return None


def _after(said: str) -> After | None:
    match = IN.fullmatch(said) or LATER.fullmatch(said)
    if match is None or match["unit"] not in SPANS or (said == match[0] and not _is_span(said)):
        return None
    number = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5}.get(match["number"])
    count = float(match["number"]) if number is None else number
    half = 0.5 if match.groupdict().get("half") else 0.0
    return After(seconds=(count + half) * SPANS[match["unit"]])


def _is_span(said: str) -> bool:
    """`2時間` and `30分後` are; a bare `5日` is a day of the month to most."""
    return said.startswith("in") or "後" in said or "時間" in said


def _by_the_clock(said: str, now: datetime) -> When | None:
    """A day, or some of them, and a time of the day at the end."""
    match = CLOCK.search(said)
    clock = None if match is None else _time(match)
    if match is None or clock is None:
        return None
    day = re.sub(r"(?:^|\s+)(?:at|@)$|の$", "", said[: match.start()].strip(" ,、")).strip(" ,、")
    return _repeated(day, clock) or _once(day, clock, now)


def _time(match: re.Match[str]) -> time | None:
    if match["noon"]:
        return time(0 if match["noon"] == "midnight" else 12)
    if not (match["minute"] or "時" in match[0] or match["meridiem"]):
        return None  # a number alone may be anything
    hour = int(match["hour"])
    minute = 30 if match["thirty"] else int(match["minute"] or match["minutes"] or 0)
    afternoon = match["half"] == "午後" or (match["meridiem"] or "").startswith("p")
    if match["half"] or match["meridiem"]:
        if hour > 12:
            return None
        hour = hour % 12 + (12 if afternoon else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _repeated(day: str, clock: time) -> Repeated | None:
    at = f"{clock.minute} {clock.hour}"
    if day in DAILY:
        return Repeated(cron=f"{at} * * *")
    if match := MONTHLY.fullmatch(day):
        of_month = "last" if match["day"] in {"last", "末"} else str(int(match["day"]))
        return Repeated(cron=f"{at} {of_month} * *")
    match = EVERY.fullmatch(day)
    days = match["days"] if match else (day if day in WORKDAYS | WEEKENDS else "")
    if days in WORKDAYS:
        return Repeated(cron=f"{at} * * mon-fri")
    if days in WEEKENDS:
        return Repeated(cron=f"{at} * * sat,sun")
    names = [BY_WORD.get(word) for word in BETWEEN.split(days)] if days else []
    found = [name for name in names if name is not None]
    return Repeated(cron=f"{at} * * {','.join(dict.fromkeys(found))}") if found and len(found) == len(names) else None


def _once(day: str, clock: time, now: datetime) -> Once | None:
    if day in DAYS_AHEAD:
        ahead = DAYS_AHEAD[day]
        at = datetime.combine(now.date() + timedelta(days=ahead or 0), clock)
        return Once(at=at + timedelta(days=1) if ahead is None and at <= now else at)
    weekday = BY_WORD.get(re.sub(r"^(?:on|next|this|次の|今度の)\s*", "", day))
    if weekday is not None:
        ahead = (list(WEEKDAYS).index(weekday) - now.weekday()) % 7
        at = datetime.combine(now.date() + timedelta(days=ahead), clock)
        return Once(at=at + timedelta(days=7) if at <= now else at)
    match = DATE.fullmatch(re.sub(r"^on\s+", "", day))
    return None if match is None else _dated(match, clock, now)


def _dated(match: re.Match[str], clock: time, now: datetime) -> Once | None:
    """Without a year the next such day is meant."""
    years = [int(match["year"])] if match["year"] else [now.year, now.year + 1]
    for year in years:
        try:
            at = datetime.combine(datetime(year, int(match["month"]), int(match["day"])), clock)  # noqa: DTZ001  # local
        except ValueError:
            continue
        if match["year"] or at > now:
            return Once(at=at)
    return None
