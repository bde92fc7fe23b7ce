"""How the deployment is doing, as numbers: read from indexes, so that past jobs cost little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from inference.protocols import Figures
from inference.types import DayTally, JobId, JobStatus, PresetSeconds, UsageBy, UsageQuery
from storage import usage
from storage.tables import ClipRow, JobRow

DAY = 86400
MEASURED = 1000
"""Newest clips from which the seconds of the presets are taken."""


class day_of(FunctionElement[int]):  # noqa: N801  # reads as an SQL function
    """Days since 1970, UTC, of a stored time."""

    type = Integer()
    inherit_cache = True


@compiles(day_of, "sqlite")
def _day_sqlite(element: day_of, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} / {DAY} AS INTEGER)"


@compiles(day_of, "postgresql")
def _day_postgresql(element: day_of, compiler: Any, **options: Any) -> str:
    return f"floor({compiler.process(element.clauses, **options)} / {DAY})::int"


def figures(connection: Connection, now: float, days: int) -> Figures:
    """See `inference.protocols.OperationsBook.figures`."""
    today = int(now // DAY)
    first = today - days + 1
    made = _by_day(connection, col(ClipRow.created_at), col(ClipRow.preset), first)
    code = col(JobRow.failure_code)
    failed = _by_day(connection, col(JobRow.finished_at), code, first, code.is_not(None))
    tiers = usage.report(connection, UsageQuery(by=UsageBy.TIER), now)
    running = select(col(JobRow.id), col(JobRow.worker)).where(col(JobRow.status) == JobStatus.RUNNING)
    waiting = select(func.count()).select_from(JobRow).where(col(JobRow.status) == JobStatus.QUEUED)
    return Figures(
        held={JobId(job): worker or "" for job, worker in connection.execute(running)},
        waiting=connection.execute(waiting).scalar_one(),
        clips=_filled(made, first, today),
        failures=_filled(failed, first, today),
        presets=_presets(connection),
        month=tiers.month,
        tiers=tiers.rows,
    )


def _by_day(
    connection: Connection, when: Any, what: Any, first: int, *conditions: ColumnElement[bool]
) -> Iterable[tuple[int, str, int]]:
    day = day_of(when)
    grouped = select(day, what, func.count()).where(when >= first * DAY, *conditions).group_by(day, what)
    return [(number, name or "", count) for number, name, count in connection.execute(grouped)]


def _filled(found: Iterable[tuple[int, str, int]], first: int, last: int) -> list[DayTally]:
    """With the days on which there was nothing."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for number, name, count in found:
        counts[number][name] = count
    return [DayTally(day=_date(number), counts=counts[number]) for number in range(first, last + 1)]


def _date(number: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date()


def _presets(connection: Connection) -> list[PresetSeconds]:
    newest = select(col(ClipRow.preset), col(ClipRow.seconds_taken)).order_by(col(ClipRow.created_at).desc())
    seconds: dict[str, list[float]] = defaultdict(list)
    for preset, taken in connection.execute(newest.limit(MEASURED)):
        seconds[preset].append(taken)
    return [
        PresetSeconds(preset=preset, clips=len(taken), median=median(taken), ninth_decile=_ninth_decile(taken))
        for preset, taken in sorted(seconds.items())
    ]


def _ninth_decile(seconds: list[float]) -> float:
    return quantiles(seconds, n=10, method="inclusive")[8] if len(seconds) > 1 else seconds[0]
