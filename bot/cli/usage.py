"""Who used what: as a table, as JSON, as a CSV file, and as a picture that the service draws."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.outcome import CommandFailed
from bot.cli.studio import ME, studio
from bot.render.overseeing import usage_csv
from bot.settings import Settings
from inference.errors import InvalidValue
from inference.types import UsageBy, UsageQuery, UsageReport, UsageRow

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
ROWS = {UsageBy.MEMBER: "members", UsageBy.SERVER: "servers", UsageBy.MONTH: "months", UsageBy.TIER: "tiers"}


def query(by: str, month: str | None) -> UsageQuery:
    """Raises InvalidValue."""
    if by not in set(UsageBy):
        raise InvalidValue(name="--by", value=by, allowed=", ".join(UsageBy))
    if month is not None and not MONTH.fullmatch(month):
        raise InvalidValue(name="--month", value=month, allowed="allowed-month")
    return UsageQuery(by=UsageBy(by), month=month)


def check_file(name: str, file: Path | None, suffix: str) -> None:
    """Raises InvalidValue for a file that could not be written, before anything is asked."""
    if file is not None and (file.suffix.lower() != suffix or file.is_dir() or not file.absolute().parent.is_dir()):
        raise InvalidValue(name=name, value=str(file), allowed=f"a file in a folder that is there, named …{suffix}")


async def usage(settings: Settings, asked: UsageQuery, plot: Path | None) -> UsageReport:
    """The report; its picture is written where one is wanted."""
    async with studio(settings) as client:
        report = await client.usage(asked, ME)
        picture = await client.plot(asked, ME) if plot is not None else b""
    if plot is not None:
        _written(plot, picture)
    return report


def as_json(report: UsageReport, files: Mapping[str, Path | None]) -> dict[str, Any]:
    rows = [_row(row, report.by) for row in report.rows]
    written = {name: str(file) for name, file in files.items() if file is not None}
    return {"by": report.by.value, "month": report.month or None, ROWS[report.by]: rows} | written


def _row(row: UsageRow, by: UsageBy) -> dict[str, Any]:
    own = {"identities": list(row.identities), "tier": row.tier} if by is UsageBy.MEMBER else {"members": row.members}
    jobs = {str(status): count for status, count in row.jobs.items()}
    return {by.value: row.key, **own, "used": row.clips, "jobs": jobs}


def show(report: UsageReport) -> None:
    if not report.rows:
        print("Nobody used anything in that time.")
        return
    table = Table(title=report.month or None)
    is_member = report.by is UsageBy.MEMBER
    for heading in (report.by.value, "tier" if is_member else "members", "clips", "jobs"):
        table.add_column(heading, justify="right" if heading in {"clips", "members"} else "left", overflow="fold")
    for row in report.rows:
        jobs = ", ".join(f"{count} {status}" for status, count in row.jobs.items())
        name = ", ".join(row.identities) or row.key
        table.add_row(escape(name), row.tier if is_member else str(row.members), str(row.clips), jobs)
    Console().print(table)


def write_csv(report: UsageReport, file: Path) -> None:
    """One line a row."""
    _written(file, usage_csv(report))


def _written(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandFailed(f"{file} cannot be written: {error.strerror}.") from error
