"""The audit log on a terminal: an act is a line, and beneath it stand what changed and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.cli.studio import ME, studio
from bot.render.overseeing import changes, who
from bot.settings import Settings
from inference.types import AuditEntry, AuditQuery

PAGE = 200
INDENT = 4


async def audit(settings: Settings, query: AuditQuery) -> list[AuditEntry]:
    """Newest first, as many as the query asks for."""
    entries: list[AuditEntry] = []
    wanted = query.limit
    async with studio(settings) as client:
        while len(entries) < wanted:
            behind = entries[-1].id if entries else None
            page = await client.audit(replace(query, behind=behind, limit=min(PAGE, wanted - len(entries))), ME)
            entries += page.entries
            if not page.has_more:
                break
    return entries


def show(entries: Sequence[AuditEntry]) -> None:
    """As wide as the terminal; a long word goes on in the next line rather than being cut."""
    console = Console(highlight=False)
    if not entries:
        console.print("Nothing was done.")
    for entry in entries:
        console.print(Text(_act(entry), overflow="fold"))
        for line in _more(entry):
            console.print(Padding(Text(line, overflow="fold"), (0, 0, 0, INDENT), expand=False))


def _act(entry: AuditEntry) -> str:
    to = " ".join(part for part in (who(entry.whom) if entry.whom else "", entry.subject) if part)
    return f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {who(entry.by)}: {entry.act}" + (f" → {to}" if to else "")


def _more(entry: AuditEntry) -> Iterator[str]:
    if entry.place.workspace:
        yield f"in {entry.place.platform}:{entry.place.workspace}"
    yield from changes(entry.before, entry.after)
    if entry.reason:
        yield f"why: {entry.reason}"
