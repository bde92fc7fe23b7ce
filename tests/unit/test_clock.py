"""What the clock does with chores that fail, that last, and that are cut off."""

from __future__ import annotations

import asyncio

import pytest

from inference.clock import Chore, ticking
from inference.errors import ServiceUnavailable

SHORT = 0.01


async def test_a_chore_is_done_at_once_and_again_and_not_after_the_end() -> None:
    done = 0
    thrice = asyncio.Event()

    async def act() -> None:
        nonlocal done
        done += 1
        if done == 3:
            thrice.set()

    async with ticking([Chore(name="often", seconds=SHORT, act=act)]):
        await thrice.wait()
    seen = done
    await asyncio.sleep(10 * SHORT)
    assert done == seen


@pytest.mark.parametrize("error", [ServiceUnavailable(detail="locked"), OSError("disk full"), ValueError("unforeseen")])
async def test_a_chore_that_fails_is_done_again_and_hinders_no_other(error: Exception) -> None:
    tried = 0
    both = asyncio.Event()

    async def fail() -> None:
        nonlocal tried
        tried += 1
        if tried == 3:
            both.set()
        raise error

    other = asyncio.Event()

    async def act() -> None:
        other.set()

    chores = [Chore(name="failing", seconds=SHORT, act=fail), Chore(name="other", seconds=3600, act=act)]
    async with ticking(chores):
        await both.wait()
        await other.wait()


async def test_a_chore_that_lasts_is_not_begun_twice_and_is_cut_off_at_the_end() -> None:
    began = 0
    running, cut_off = asyncio.Event(), asyncio.Event()

    async def last() -> None:
        nonlocal began
        began += 1
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    ticks = 0
    many = asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 5:
            many.set()

    async with ticking([Chore(name="lasting", seconds=SHORT, act=last), Chore(name="tick", seconds=SHORT, act=tick)]):
        await running.wait()
        await many.wait()
        assert not cut_off.is_set()
    assert cut_off.is_set()
    assert began == 1
