"""The pace of changes in a workspace, on a clock that runs as fast as it is looked at."""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from bot.slack_app.budget import KEPT, MINUTE, PER_MINUTE, Budget

Times = list[float]


class _Leaping(selectors.DefaultSelector):
    """Waits for nothing: the time that would have passed is added to the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


def run(test: Callable[[Budget], Awaitable[None]]) -> None:
    async def begun() -> None:
        await test(Budget())

    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(begun())


def now() -> float:
    return asyncio.get_running_loop().time()


async def _tell(budget: Budget, name: str, told: Counter[str], times: Times, until: float) -> None:
    """A job that has news all the time."""
    while True:
        await budget.turn()
        if now() >= until:
            return
        told[name] += 1
        times.append(now())
        await asyncio.sleep(3)


def most_in_a_minute(times: Times) -> int:
    return max(sum(1 for at in times if start <= at < start + MINUTE) for start in times)


@pytest.mark.parametrize("jobs", [1, 3, 10, 40])
def test_all_jobs_together_stay_within_the_minute_and_each_gets_its_share(jobs: int) -> None:
    async def test(budget: Budget) -> None:
        told: Counter[str] = Counter()
        times: Times = []
        async with asyncio.TaskGroup() as telling:
            for job in range(jobs):
                telling.create_task(_tell(budget, f"m{job}", told, times, until=600))
        assert most_in_a_minute(times) <= PER_MINUTE - KEPT
        assert len(told) == jobs
        assert max(told.values()) - min(told.values()) <= 2
        assert sum(told.values()) >= min(200 * jobs - 5, 300)

    run(test)


def test_what_must_be_told_goes_before_progress() -> None:
    async def test(budget: Budget) -> None:
        times: Times = []
        telling = [asyncio.create_task(_tell(budget, f"m{job}", Counter(), times, until=180)) for job in range(10)]
        await asyncio.sleep(90)
        for _ in range(KEPT):
            await budget.take()
            times.append(now())
        assert now() == 90
        for _ in range(2 * KEPT):
            await budget.take()
            times.append(now())
        assert now() < 90 + MINUTE
        await asyncio.gather(*telling)
        assert most_in_a_minute(times) <= PER_MINUTE

    run(test)


def test_slacks_wish_stops_progress_for_as_long() -> None:
    async def test(budget: Budget) -> None:
        budget.pause(30)
        await budget.turn()
        assert now() == 30

    run(test)


def test_who_waits_no_longer_takes_nobodys_turn() -> None:
    async def test(budget: Budget) -> None:
        budget.pause(30)
        first, second = asyncio.create_task(budget.turn()), asyncio.create_task(budget.turn())
        await asyncio.sleep(10)
        first.cancel()
        await second
        assert now() == 30

    run(test)
