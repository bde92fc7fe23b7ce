"""Everything that can happen to jobs, in any order: the books balance after every step."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from hypothesis.strategies import integers, sampled_from

from inference.errors import AlreadyGivenBack, InvalidValue, LeaseLost, QuotaExceeded, TooManyJobs
from inference.protocols import AdmissionLimits, Cancelled, Claim, Failed, GivenBack, Outcome
from inference.types import Identity, JobFailure, JobId, JobStatus, Place, Refund, Signature
from storage.books import check_books
from storage.database import open_database
from storage.tables import Row
from tests.support.clock import Clock
from tests.unit.storage.conftest import LEASE, House, oldest

T = TypeVar("T")
BROKEN = JobFailure(code="render_failed")
LIMITS = AdmissionLimits(clips_per_month=5, max_jobs=4)
ROOT = Signature(by=Identity("cli:local"), place=Place(platform="cli"))
NAMES = ("ann", "bob")
WORKERS = ("w1", "w2")
MONTH = 31 * 86400


class JobMachine(RuleBasedStateMachine):
    """`held` models which claims still hold their lease: not settled, not taken away."""

    jobs: Bundle[JobId] = Bundle("jobs")
    claims: Bundle[Claim] = Bundle("claims")
    #: Set by the test: one house for all examples, emptied after each.
    runner: asyncio.Runner
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[JobId, Claim] = {}
        self.seen: dict[JobId, JobStatus] = {}
        #: Jobs that were given back.
        self.back: set[JobId] = set()

    def run(self, action: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(action)

    def teardown(self) -> None:
        self.run(empty(self.house))

    @rule(target=jobs, name=sampled_from(NAMES), clips=integers(0, 2), key=sampled_from([None, "a", "b"]))
    def submit(self, name: str, clips: int, key: str | None) -> Any:
        try:
            return self.run(self.house.admit(name, limits=LIMITS, clips=clips, idempotency_key=key)).id
        except (QuotaExceeded, TooManyJobs):
            return multiple()

    @rule(target=claims, worker=sampled_from(WORKERS))
    def claim(self, worker: str) -> Any:
        claim = self.run(self.house.jobs.claim(worker, oldest, None, LEASE))
        if claim is None:
            return multiple()
        assert claim.job.id not in self.held
        self.held[claim.job.id] = claim
        return claim

    @rule(claim=claims, how=sampled_from(["done", "broken", "again", "cancelled", "back"]))
    def finish(self, claim: Claim, how: str) -> None:
        outcomes: dict[str, Outcome] = {
            "done": self.house.success(claim),
            "broken": Failed(failure=BROKEN),
            "again": Failed(failure=BROKEN, retry=True),
            "cancelled": Cancelled(),
            "back": GivenBack(),
        }
        self.only_while_held(claim, self.house.jobs.settle(claim, outcomes[how]))
        if self.holds(claim):
            del self.held[claim.job.id]

    @rule(claim=claims)
    def beat(self, claim: Claim) -> None:
        self.only_while_held(claim, self.house.jobs.heartbeat(claim, LEASE))

    @rule(worker=sampled_from(WORKERS))
    def crash(self, worker: str) -> None:
        lost = [job for job, claim in self.held.items() if claim.worker == worker]
        assert self.run(self.house.jobs.release(worker)) == len(lost)
        for job in lost:
            del self.held[job]

    @rule(seconds=sampled_from([31, MONTH]))
    def expire(self, seconds: int) -> None:
        self.house.clock.pass_(seconds)
        assert self.run(self.house.jobs.sweep()) == len(self.held)
        self.held.clear()

    @rule(job=jobs)
    def cancel(self, job: JobId) -> None:
        after = self.run(self.house.jobs.request_cancel(job))
        assert after.status.is_final or job in self.held

    @rule(job=jobs)
    def give_back(self, job: JobId) -> None:
        """What was spent is given back once; what was not, never."""
        spent = self.run(self.house.get(job)).status is JobStatus.SUCCEEDED
        try:
            self.run(self.house.operations.refund(Refund(jobs=(job,), reason="tried"), ROOT))
        except (AlreadyGivenBack, InvalidValue):
            assert not spent or job in self.back or not self.run(self.house.get(job)).charge.clips
        else:
            assert spent
            assert job not in self.back
            self.back.add(job)

    @rule(name=sampled_from(NAMES))
    def begin_anew(self, name: str) -> None:
        member = self.run(self.house.member(name))
        spent = self.run(self.house.spent(member))
        self.run(self.house.accounts.reset(member, ROOT))
        self.back.update(spent)

    @invariant()
    def all_is_well(self) -> None:
        self.run(self.look())

    async def look(self) -> None:
        assert await check_books(self.house.database) == []
        for name in NAMES:
            month = await self.house.accounts.month(await self.house.member(name))
            assert 0 <= month.used <= LIMITS.clips_per_month + month.credit
        for event in await self.house.jobs.events(0):
            job, before = event.job, self.seen.get(event.job.id)
            assert before is None or before is job.status or not before.is_final
            assert (job.status is JobStatus.RUNNING) == (job.id in self.held)
            self.seen[job.id] = job.status

    def holds(self, claim: Claim) -> bool:
        return self.held.get(claim.job.id) is claim

    def only_while_held(self, claim: Claim, action: Coroutine[Any, Any, object]) -> None:
        if self.holds(claim):
            self.run(action)
        else:
            with pytest.raises(LeaseLost):
                self.run(action)


async def empty(house: House) -> None:
    async with house.database.write() as connection:
        for table in reversed(Row.metadata.sorted_tables):
            if table.name == "audit_entries":
                continue  # nobody deletes from it
            await connection.execute(table.delete())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[House]:
    clock = Clock()
    async with open_database(url, clock) as database:
        yield House(database=database, clock=clock, url=url)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_any_order_of_things_keeps_the_books(url: str, examples: int) -> None:
    with asyncio.Runner() as runner:
        house = opened(url)
        JobMachine.runner, JobMachine.house = runner, runner.run(house.__aenter__())
        try:
            limits = settings(max_examples=examples, stateful_step_count=25, deadline=None, database=None)
            run_state_machine_as_test(JobMachine, settings=limits)
        finally:
            runner.run(house.__aexit__(None, None, None))
