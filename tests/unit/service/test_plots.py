"""Pictures of usage."""

from __future__ import annotations

import pytest

from inference.service.plots import usage_figure
from inference.types import UsageBy, UsageReport, UsageRow


@pytest.mark.parametrize("by", [UsageBy.MONTH, UsageBy.MEMBER])
@pytest.mark.parametrize("clips", [1, 3, 50])
def test_the_axis_of_clips_counts_whole_ones(by: UsageBy, clips: int) -> None:
    figure = usage_figure(
        UsageReport(by=by, month="2026-11", rows=(UsageRow(key="2026-11", clips=clips, jobs={}, members=1),))
    )
    (axes,) = figure.axes
    ticks = axes.get_yticks() if by is UsageBy.MONTH else axes.get_xticks()
    assert all(tick == round(tick) for tick in ticks)
