"""Clips asked for in advance, and what is told without having been asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from inference.types.ask import Generate
from inference.types.who import JobId, Requester

ScheduleId = NewType("ScheduleId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """At a moment of the member's own day."""

    kind: Literal["once"] = "once"
    #: As their clock shows it, without a zone. One that their clocks leave out is taken as far behind the gap.
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """So long from now."""

    kind: Literal["after"] = "after"
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """By the member's own clock, again and again."""

    kind: Literal["repeated"] = "repeated"
    #: Five fields as in crontab(5): minute, hour, day of the month, month, day of the week (0 and 7 are Sunday).
    cron: str


When = Once | After | Repeated


class ScheduleState(StrEnum):
    ACTIVE = "active"
    #: Refused too often in a row: it runs no more until it is made anew.
    SUSPENDED = "suspended"
    #: It has run, or was cancelled.
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    id: ScheduleId
    #: As whom it runs: place and identity as they were, roles as the chat told them last.
    requester: Requester
    #: When the chat told these roles.
    told_at: datetime
    reply_to: str
    operation: Generate
    when: When
    #: IANA name of the time zone in which it is reckoned: the member's own when they made it.
    zone: str
    state: ScheduleState
    #: None where it does not run any more.
    next_at: datetime | None
    #: Runs in a row that were refused.
    refusals: int
    created_at: datetime
    #: Made by its last run.
    last_job: JobId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be told to a member who asked for nothing just now."""

    id: int
    #: To whom, in which language, and where they asked for what it is about.
    requester: Requester
    #: As of the job or schedule that it is about.
    reply_to: str
    #: `clips_are_back`, `schedule_refused`, `schedule_missed` or `schedule_suspended`.
    code: str
    fields: dict[str, str | int | float] = field(default_factory=dict)
    created_at: datetime
