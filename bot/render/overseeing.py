"""What is shown to who looks after a server, or after all of them: cards, and tables as files."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

from bot.card import Card, Tone
from bot.texts import Texts
from inference.types import AuditEntry, AuditPage, Fact, Facts, JobStatus, Person, Place, UsageBy, UsageReport, UsageRow

ROWS = 15
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")
"""How the log holds times."""


def usage_card(report: UsageReport, texts: Texts) -> Card:
    """Most used first; by month, the newest first."""
    rows = [texts("admin-usage-row", name=_name(row, report.by, texts), clips=row.clips) for row in report.rows]
    title = texts("admin-usage-title", month=report.month) if report.month else texts("admin-usage-months")
    if not report.server:
        title = texts("admin-usage-all", title=title)
    return _card(title, rows, texts("admin-usage-none"), texts, more=max(0, len(rows) - ROWS))


def usage_csv(report: UsageReport) -> bytes:
    """One line a row, all of them with the same columns."""
    heads = [report.by.value, "identities", "tier", "month", "members", "clips", *(f"jobs_{one}" for one in JobStatus)]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(heads)
    for row in report.rows:
        jobs = [row.jobs.get(status, 0) for status in JobStatus]
        month = report.month or row.key
        writer.writerow([row.key, " ".join(row.identities), row.tier, month, row.members, row.clips, *jobs])
    return lines.getvalue().encode()


def audit_card(page: AuditPage, here: Place, texts: Texts) -> Card:
    """One line an act: when, who, what, to whom, where if not `here`, what changed, why."""
    rows = [_act(entry, here, texts) for entry in page.entries]
    return _card(texts("admin-audit-title"), rows, texts("admin-audit-none"), texts)


def _card(title: str, rows: list[str], none: str, texts: Texts, more: int = 0) -> Card:
    lines = [*rows[:ROWS], *([texts("admin-more", count=more)] if more else [])]
    return Card(tone=Tone.QUIET, language=texts.language, title=title, lines=tuple(lines) or (none,))


def _name(row: UsageRow, by: UsageBy, texts: Texts) -> str:
    if by is UsageBy.SERVER and row.key.endswith(":"):
        return texts("admin-usage-direct", platform=row.key[:-1])
    return ", ".join(row.identities) or row.key


def _act(entry: AuditEntry, here: Place, texts: Texts) -> str:
    to = who(entry.whom) if entry.whom else entry.subject
    parts = (
        f"{entry.at:%Y-%m-%d %H:%M} UTC",
        f"{who(entry.by)}: {entry.act}" + (f" → {to}" if to else ""),
        _where(entry.place, here, texts),
        ", ".join(changes(entry.before, entry.after)),
        texts("admin-because", reason=entry.reason) if entry.reason else "",
    )
    return " · ".join(part for part in parts if part)


def _where(place: Place, here: Place, texts: Texts) -> str:
    if not place.workspace:
        return texts("admin-everywhere")
    is_here = (place.platform, place.workspace) == (here.platform, here.workspace)
    return "" if is_here else f"{place.platform}:{place.workspace}"


def who(person: Person) -> str:
    """Who was forgotten has no name left."""
    return ", ".join(person.identities) or person.member[:8]


def changes(before: Facts, after: Facts) -> list[str]:
    """Only what became another: `tier_grant – → pro`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{name} {_fact(before.get(name))} → {_fact(after.get(name))}" for name in names]


def _fact(fact: Fact) -> str:
    if isinstance(fact, str) and MOMENT.match(fact):
        return f"{datetime.fromisoformat(fact):%Y-%m-%d %H:%M:%S} UTC"
    return "–" if fact is None else str(fact)
