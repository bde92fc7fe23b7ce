"""The pace of changes in a workspace."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from bot.slack_app.budget import KEPT, MINUTE, PER_MINUTE, Budget


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(jobs: int, seconds: int) -> tuple[Counter[str], list[float]]:
    """Every job wants to show progress twice a second; what was shown, and when."""
    clock = Clock()
    budget = Budget(clock=clock)
    shown: Counter[str] = Counter()
    times = []
    for _ in range(seconds * 2):
        clock.now += 0.5
        for job in range(jobs):
            if budget.may_show(f"m{job}"):
                shown[f"m{job}"] += 1
                times.append(clock.now)
    return shown, times


@pytest.mark.parametrize("jobs", [1, 3, 10, 40])
def test_all_jobs_together_stay_within_the_minute_and_each_gets_its_share(jobs: int) -> None:
    shown, times = run(jobs, 180)
    assert max(sum(1 for at in times if start <= at < start + MINUTE) for start in times) <= PER_MINUTE - KEPT
    assert len(shown) == jobs
    assert min(shown.values()) >= (PER_MINUTE - KEPT) * 3 // jobs // 2


async def test_what_must_be_told_finds_room_when_progress_has_taken_its_own() -> None:
    clock = Clock()
    budget = Budget(clock=clock)
    shown = sum(budget.may_show(f"m{number}") for number in range(100))
    assert shown <= PER_MINUTE - KEPT
    async with asyncio.timeout(5):
        for _ in range(KEPT):
            await budget.take()


def test_slacks_wish_stops_progress_for_as_long() -> None:
    clock = Clock()
    budget = Budget(clock=clock)
    budget.pause(30)
    assert not budget.may_show("m1")
    clock.now += 31
    assert budget.may_show("m1")
