"""What is said of clips asked for in advance, and what members are told unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.card import Card, Field, Tone
from bot.commands.zones import local_zone
from bot.render.errors import error_text
from bot.render.words import short
from bot.texts import Texts
from inference.errors import from_code
from inference.types import Notice, Repeated, Schedule, ScheduleState, When

DAILY = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) \* \* \*")
WEEKLY = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) \* \* (?P<days>[a-z]{3}(?:,[a-z]{3})*)")
WORKDAYS = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) \* \* mon-fri")


def kept_text(schedule: Schedule, texts: Texts, *, has_zone: bool) -> str:
    """When it comes first, and how to take it back."""
    parts = [
        texts("schedule-kept", id=schedule.id, at=_local(schedule.next_at, schedule.zone), zone=schedule.zone)
        if schedule.next_at is not None
        else texts("schedule-kept-ended", id=schedule.id)
    ]
    if isinstance(schedule.when, Repeated):
        parts.append(texts("schedule-repeats", rule=rule(schedule.when, texts)))
    parts.append(texts("schedule-charged"))
    if not has_zone:
        parts.append(texts("schedule-no-zone"))
    return "\n".join(parts)


def schedules_card(schedules: Sequence[Schedule], texts: Texts, *, lifting: str = "") -> Card:
    """`lifting`: the tier that they need, where the member's runs none."""
    hint = texts("schedules-hint") if schedules else texts("schedules-none")
    resting = (texts("schedules-rest", tier=lifting),) if schedules and lifting else ()
    return Card(
        tone=Tone.QUIET,
        language=texts.language,
        title=texts("schedules-title"),
        fields=tuple(Field(name=one.id, value=_line(one, texts)) for one in schedules),
        lines=(*resting, hint),
    )


def notice_card(notice: Notice, texts: Texts, *, privately: bool) -> Card:
    """Shown to its member alone, or in the place that it is about."""
    who = notice.requester.identity
    is_news = notice.code == "clips_are_back"
    return Card(
        tone=Tone.QUIET if is_news else Tone.PROBLEM,
        language=texts.language,
        only_for=who if privately else None,
        asked_by=who,
        author="" if privately else notice.requester.display_name,
        title=texts(f"notice-{notice.code}-title"),
        lines=(_sentence(notice, texts),),
    )


def _sentence(notice: Notice, texts: Texts) -> str:
    fields = notice.fields
    if "at" not in fields:
        return texts(f"notice-{notice.code}")
    at = _local(datetime.fromisoformat(str(fields["at"])), str(fields["zone"]))
    said: dict[str, Any] = {"id": fields["schedule"], "prompt": fields["prompt"], "at": at}
    if "error" in fields:
        values = {name.removeprefix("error."): value for name, value in fields.items() if name.startswith("error.")}
        said["reason"] = error_text(from_code(str(fields["error"]), values), texts)
    return texts(f"notice-{notice.code}", **said)


def _line(schedule: Schedule, texts: Texts) -> str:
    prompt = short(schedule.operation.prompt, 60)
    if schedule.state is ScheduleState.SUSPENDED or schedule.next_at is None:
        return f"{prompt} · {texts('schedule-suspended')}"
    at = texts("schedule-at", at=_local(schedule.next_at, schedule.zone), zone=schedule.zone)
    repeats = f"{rule(schedule.when, texts)} · " if isinstance(schedule.when, Repeated) else ""
    return f"{prompt} · {repeats}{at}"


def rule(when: When, texts: Texts) -> str:
    """The usual lines of crontab in words, others as they are."""
    if not isinstance(when, Repeated):
        return ""
    for pattern, key in ((DAILY, "rule-daily"), (WORKDAYS, "rule-workdays"), (WEEKLY, "rule-weekly")):
        match = pattern.fullmatch(when.cron)
        if match:
            at = f"{int(match['hour'])}:{int(match['minute']):02}"
            days = match.groupdict().get("days") or ""
            named = texts("rule-and").join(texts(f"weekday-{day}") for day in days.split(",") if day)
            return texts(key, at=at, days=named)
    return texts("rule-cron", cron=when.cron)


def _local(moment: datetime | None, zone: str) -> datetime | None:
    return None if moment is None else moment.astimezone(local_zone(zone))
