"""A worker that is told of jobs looks seldom, and begins at once all the same."""

import asyncio

import pytest

from inference.types import JobStatus
from tests.support.hand_bell import HandBell
from tests.support.toy_engine import ToyEngine
from tests.unit.worker.conftest import Shop


@pytest.mark.parametrize("status", [JobStatus.QUEUED, ""])
async def test_a_ring_wakes_an_idle_worker(shop: Shop, status: str) -> None:
    shop.settings = shop.settings.model_copy(update={"poll_seconds": 3600.0})
    bell = HandBell()
    async with shop.working(ToyEngine(), bell=bell):
        await asyncio.sleep(0.1)  # it has looked, and sleeps
        job = await shop.submit()
        bell.ring(JobStatus.RUNNING)  # of another worker's: nothing to wake for
        await asyncio.sleep(0.1)
        assert (await shop.job(job)).status is JobStatus.QUEUED
        bell.ring(status)
        # A busy one looks for a cancel at the same pace: this one has none to find.
        assert (await shop.ended(job)).status is JobStatus.SUCCEEDED


async def test_an_idle_worker_that_is_told_to_stop_sleeps_no_further(shop: Shop) -> None:
    shop.settings = shop.settings.model_copy(update={"poll_seconds": 3600.0})
    async with asyncio.timeout(20), shop.working(ToyEngine(), bell=HandBell()) as stop:
        await asyncio.sleep(0.1)
        stop.set()
