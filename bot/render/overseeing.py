"""Cards for who looks after a server, or after all of them."""

from __future__ import annotations

from bot.card import Card, Tone
from bot.texts import Texts
from inference.types import AuditEntry, AuditPage, Fact, Facts, Person, UsageReport, UsageRow

ROWS = 15


def usage_card(report: UsageReport, texts: Texts) -> Card:
    """Most used first; by month, the newest first."""
    rows = [texts("admin-usage-row", name=_name(row), clips=row.clips, members=row.members) for row in report.rows]
    title = texts("admin-usage-title", month=report.month) if report.month else texts("admin-usage-months")
    return _card(title, rows, texts("admin-usage-none"), texts, more=max(0, len(rows) - ROWS))


def audit_card(page: AuditPage, texts: Texts) -> Card:
    """One line an act: when, who, what, to whom, what changed, why."""
    rows = [_act(entry, texts) for entry in page.entries]
    return _card(texts("admin-audit-title"), rows, texts("admin-audit-none"), texts)


def _card(title: str, rows: list[str], none: str, texts: Texts, more: int = 0) -> Card:
    lines = [*rows[:ROWS], *([texts("admin-more", count=more)] if more else [])]
    return Card(tone=Tone.QUIET, language=texts.language, title=title, lines=tuple(lines) or (none,))


def _name(row: UsageRow) -> str:
    return ", ".join(row.identities) or row.key


def _act(entry: AuditEntry, texts: Texts) -> str:
    to = _who(entry.whom) if entry.whom else entry.subject
    parts = (
        f"{entry.at:%Y-%m-%d %H:%M} UTC",
        f"{_who(entry.by)}: {entry.act}" + (f" → {to}" if to else ""),
        _changed(entry.before, entry.after),
        texts("admin-because", reason=entry.reason) if entry.reason else "",
    )
    return " · ".join(part for part in parts if part)


def _who(person: Person) -> str:
    """Who was forgotten has no name left."""
    return ", ".join(person.identities) or person.member[:8]


def _changed(before: Facts, after: Facts) -> str:
    """Only what became another."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {_fact(before.get(name))} → {_fact(after.get(name))}" for name in names)


def _fact(fact: Fact) -> str:
    return "–" if fact is None else str(fact)
