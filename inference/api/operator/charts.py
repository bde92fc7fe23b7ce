"""Bars as SVG: they stretch to whatever width there is. What is written about them is HTML beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from inference.types import DayTally

COLOURS = 5
"""Series with a colour of their own; the others share the last one."""
OTHERS = ""


def series(days: Sequence[DayTally]) -> list[str]:
    """What is counted, most first; beyond the colours all in one, OTHERS."""
    totals: Counter[str] = Counter()
    for day in days:
        totals.update(day.counts)
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    return names if len(names) <= COLOURS else [*names[: COLOURS - 1], OTHERS]


def count(day: DayTally, name: str, names: Sequence[str]) -> int:
    if name == OTHERS and OTHERS in names:
        return day.total - sum(day.counts.get(other, 0) for other in names if other != OTHERS)
    return day.counts.get(name, 0)


def columns(days: Sequence[DayTally], label: str) -> str:
    """A column for each day, its parts upon each other."""
    names = series(days)
    top = max((day.total for day in days), default=0) or 1
    bars = "".join(_column(number, day, names, top) for number, day in enumerate(days))
    return (
        f'<svg class="columns" role="img" aria-label="{escape(label)}" viewBox="0 0 {len(days) * 10} 100"'
        f' preserveAspectRatio="none">{bars}</svg>'
    )


def _column(number: int, day: DayTally, names: Sequence[str], top: int) -> str:
    below, parts = 0.0, []
    for colour, name in enumerate(names):
        height = 100 * count(day, name, names) / top
        below += height
        if height:
            parts.append(
                f'<rect class="s{colour}" x="{number * 10 + 1}" y="{100 - below:.2f}" width="8" height="{height:.2f}"/>'
            )
    said = escape(f"{day.day.isoformat()}: {day.total}")
    hit = f'<rect class="hit" x="{number * 10}" width="10" height="100"/>'
    return f"<g><title>{said}</title>{hit}{''.join(parts)}</g>"


def bar(share: float, beyond: float = 0.0, colour: int = 0) -> str:
    """A line of which `share` is filled, and faintly as far as `beyond`; 0 to 1."""
    filled, faint = (round(100 * min(1.0, max(0.0, part)), 2) for part in (share, beyond))
    return (
        '<svg class="bar" aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">'
        '<rect class="track" width="100" height="10"/>'
        f'<rect class="s{colour} faint" width="{faint:g}" height="10"/>'
        f'<rect class="s{colour}" width="{filled:g}" height="10"/></svg>'
    )
