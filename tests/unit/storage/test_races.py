"""Several processes on one new database file: they migrate, submit at the limit, then claim and finish."""

import asyncio
import sys
from pathlib import Path

from inference.protocols import AdmissionLimits
from inference.types import UsageQuery
from storage.books import check_books
from storage.database import open_database
from storage.jobs import SqlJobs
from storage.operations import SqlOperations
from tests.unit.storage.conftest import House

ROOT = Path(__file__).parents[3]
RACER = Path(__file__).with_name("racer.py")
LIMIT = 50
LAST_FIVE = AdmissionLimits(clips_per_month=5, max_jobs=99)


async def start(url: str, name: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, RACER, url, name, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdin=pipe, stdout=pipe
    )


def lines(racer: asyncio.subprocess.Process) -> asyncio.StreamReader:
    assert racer.stdout is not None
    return racer.stdout


async def test_processes_racing_for_the_last_units_get_exactly_those(url: str) -> None:
    url = url.replace("threadreel.db", "new.db")  # on SQLite they also race to migrate
    racers = [await start(url, name) for name in ("a", "b", "c", "d")]
    admitted = [int(await lines(racer).readline()) for racer in racers]
    assert sum(admitted) == LIMIT
    ends = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    finished = [int(out) for out, _ in ends]
    assert sum(finished) == LIMIT
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    async with open_database(url) as database:
        assert await check_books(database) == []
        counts = await SqlJobs(database).counts()
        (usage,) = (await SqlOperations(database).usage(UsageQuery())).rows
        assert usage.clips == counts["succeeded"] == LIMIT - counts["failed"]


async def test_tasks_racing_for_the_last_units_get_exactly_those(house: House) -> None:
    ends = await asyncio.gather(*(house.admit(limits=LAST_FIVE) for _ in range(30)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Job"] * 5 + ["QuotaExceeded"] * 25


async def test_the_same_click_many_times_at_once_is_one_job(house: House) -> None:
    jobs = await asyncio.gather(*(house.admit(idempotency_key="click") for _ in range(20)))
    assert len({job.id for job in jobs}) == 1
    assert await house.used() == 1


async def test_a_click_that_comes_five_times_at_once_and_again_after_a_restart_is_one_job_and_one_charge(
    house: House,
) -> None:
    at_once = await asyncio.gather(*(house.admit(idempotency_key="click") for _ in range(5)))
    async with open_database(house.url, house.clock) as database:
        restarted = House(database=database, clock=house.clock, url=house.url, ids=house.ids)
        again = await asyncio.gather(*(restarted.admit(idempotency_key="click") for _ in range(5)))
        assert {job.id for job in [*at_once, *again]} == {at_once[0].id}
        assert await restarted.used() == 1
        assert (await restarted.jobs.counts())["queued"] == 1


async def test_workers_racing_for_jobs_never_get_the_same(house: House) -> None:
    for _ in range(10):
        await house.admit()
    claims = await asyncio.gather(*(house.claim(f"w{number}") for number in range(10)))
    assert len({claim.job.id for claim in claims}) == 10
