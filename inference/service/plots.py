"""Reports of use as pictures. matplotlib is loaded when the first is drawn; nothing is shown or read from a screen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from inference.types import UsageBy, UsageReport, UsageRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BARS = 30
"""The rows after these are added up in one bar."""
INK, BAR, OTHERS = "#3d3a50", "#7b5bd6", "#b9b3cc"


def usage_png(report: UsageReport) -> bytes:
    """The picture of `usage_figure`."""
    file = io.BytesIO()
    usage_figure(report).savefig(file, format="png", metadata={"Software": "threadreel"})
    return file.getvalue()


def usage_figure(report: UsageReport) -> Figure:
    """Clips as horizontal bars, each with its figure; by month upright, the oldest first."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # a second, and 50 MB
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    upright = report.by is UsageBy.MONTH
    rows = list(reversed(report.rows)) if upright else list(report.rows)
    bars = _bars(rows)
    figure = Figure(
        figsize=(9, 4.5) if upright else (9, max(2.5, 0.32 * len(bars) + 1.4)), dpi=110, layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    names, clips = [name for name, _ in bars], [count for _, count in bars]
    colours = [BAR] * min(len(bars), BARS) + [OTHERS] * max(0, len(bars) - BARS)
    if upright:
        drawn = axes.bar(range(len(bars)), clips, color=colours)
        axes.set_xticks(range(len(bars)), names, rotation=45, ha="right")
    else:
        drawn = axes.barh(range(len(bars)), clips, color=colours)
        axes.set_yticks(range(len(bars)), names)
        axes.invert_yaxis()
    axes.bar_label(drawn, padding=3, color=INK)
    (axes.set_ylabel if upright else axes.set_xlabel)("clips")
    (axes.yaxis if upright else axes.xaxis).set_major_locator(MaxNLocator(integer=True))
    axes.margins(0.08)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(_plain(_title(report)), loc="left", color=INK)
    if not bars:
        axes.text(0.5, 0.5, "nothing was used", transform=axes.transAxes, ha="center", va="center", color=INK)
        axes.set_axis_off()
    return figure


def _title(report: UsageReport) -> str:
    parts = (f"Clips by {report.by}", report.month, report.server)
    return ", ".join(part for part in parts if part)


def _bars(rows: list[UsageRow]) -> list[tuple[str, int]]:
    shown = [(_plain(_name(row)), row.clips) for row in rows[:BARS]]
    rest = rows[BARS:]
    return [*shown, (f"{len(rest)} others", sum(row.clips for row in rest))] if rest else shown


def _name(row: UsageRow) -> str:
    return row.identities[0] if row.identities else row.key


def _plain(text: str) -> str:
    """What the built-in font can draw, and no formula."""
    cut = text if len(text) <= 40 else f"{text[:39]}…"
    return cut.encode("latin-1", "replace").decode("latin-1").replace("$", r"\$")
