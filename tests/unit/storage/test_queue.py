import asyncio
from collections.abc import Sequence

import pytest

from inference.errors import LeaseLost
from inference.protocols import Candidate
from inference.scheduler import choose
from inference.types import JobId, JobStatus, Progress, Stage
from tests.unit.storage.conftest import LEASE, House

STEP = Progress(stage=Stage.DENOISING, step=3, total=8, fraction=0.4, preview=1)


def newest(candidates: Sequence[Candidate], loaded_preset: str | None) -> JobId | None:
    return max(candidates, key=lambda candidate: candidate.queued_at).job


async def test_where_nothing_waits_nothing_is_claimed(house: House) -> None:
    assert await house.jobs.claim("w1", newest, None, LEASE) is None


async def test_a_claim_runs_the_chosen_job(house: House) -> None:
    await house.admit("ann")
    job = await house.admit("bob")
    claim = await house.jobs.claim("w1", newest, "pocket", LEASE)
    assert claim is not None
    assert (claim.job.id, claim.worker, claim.fence) == (job.id, "w1", 1)
    assert (claim.job.status, claim.job.attempt) == (JobStatus.RUNNING, 1)
    assert claim.job.started_at is not None
    assert await house.get(job.id) == claim.job


async def test_the_scheduler_sees_each_members_oldest_job_and_the_loaded_preset(house: House) -> None:
    seen = []

    def watch(candidates: Sequence[Candidate], loaded_preset: str | None) -> None:
        seen.append((sorted(candidates, key=lambda c: c.job), loaded_preset))

    first = await house.admit("ann", weight=2.0, device_seconds=7.0)
    await house.admit("ann")
    other = await house.admit("bob")
    assert await house.jobs.claim("w1", watch, "pocket", LEASE) is None
    ((heads, preset),) = seen
    assert preset == "pocket"
    assert [head.job for head in heads] == [first.id, other.id]
    assert heads[0] == Candidate(
        job=first.id,
        member=first.member,
        preset="pocket",
        weight=2.0,
        device_seconds=7.0,
        virtual_time=0.0,
        queued_at=first.created_at,
    )
    assert (await house.get(first.id)).status is JobStatus.QUEUED


async def test_waiting_lists_every_queued_job_oldest_first(house: House) -> None:
    jobs = [await house.admit("ann"), await house.admit("bob"), await house.admit("ann")]
    await house.claim()
    assert [candidate.job for candidate in await house.jobs.waiting()] == [jobs[1].id, jobs[2].id]


async def virtual_times(house: House) -> dict[JobId, float]:
    return {candidate.job: candidate.virtual_time for candidate in await house.jobs.waiting()}


async def test_a_claim_is_charged_to_its_members_virtual_time_by_weight(house: House) -> None:
    await house.admit("ann", weight=4.0, device_seconds=12.0)
    rest = await house.admit("ann")
    await house.claim()
    assert await virtual_times(house) == {rest.id: 3.0}


async def test_a_member_who_stayed_away_brings_no_credit(house: House) -> None:
    for _ in range(4):
        await house.admit("ann", device_seconds=10.0)
    for _ in range(3):
        await house.claim()
    assert list((await virtual_times(house)).values()) == [30.0]
    await house.admit("bob", device_seconds=5.0)
    bobs = await house.admit("bob")
    claim = await house.jobs.claim("w1", newest, None, LEASE)
    assert claim is not None
    assert claim.job.requester.display_name == "bob"
    assert (await virtual_times(house))[bobs.id] == 25.0  # level with what began last, at 20


async def test_a_newcomer_waits_for_what_runs_and_for_nothing_behind_it(house: House) -> None:
    for _ in range(5):
        await house.admit("ann", device_seconds=10.0)
    await house.claim()
    for name in ("bob", "eve"):
        await house.admit(name, device_seconds=10.0)
    served = [await house.jobs.claim("w1", choose, None, LEASE) for _ in range(4)]
    assert [claim.job.requester.display_name for claim in served if claim] == ["bob", "eve", "ann", "ann"]


async def test_newcomers_starve_nobody(house: House) -> None:
    for _ in range(3):
        await house.admit("ann", device_seconds=10.0)
    served: list[str] = []
    for turn in range(9):
        name = f"guest{turn % 3}"
        if name not in served[-2:]:
            await house.admit(name, device_seconds=10.0)
        claim = await house.jobs.claim("w1", choose, None, LEASE)
        assert claim is not None
        served.append(claim.job.requester.display_name)
        await house.jobs.settle(claim, house.success(claim))
    assert served.count("ann") == 3


async def test_who_has_jobs_under_way_keeps_their_own_count(house: House) -> None:
    for name, weight in (("ann", 4.0), ("ann", 4.0), ("bob", 1.0), ("bob", 1.0)):
        await house.admit(name, weight=weight, device_seconds=20.0)
    await house.claim()
    await house.claim()
    await house.admit("ann", weight=4.0, device_seconds=20.0)
    assert sorted((await virtual_times(house)).values()) == [0.0, 0.0, 10.0]


async def test_weight_decides_the_share_of_those_who_wait_together(house: House) -> None:
    for _ in range(12):
        await house.admit("pat", weight=4.0)
        await house.admit("ann", weight=1.0)
    served = [await house.jobs.claim("w1", choose, None, LEASE) for _ in range(10)]
    names = [claim.job.requester.display_name for claim in served if claim]
    assert (names.count("pat"), names.count("ann")) == (8, 2)


async def test_an_empty_queue_forgets_no_one_and_favours_no_one(house: House) -> None:
    ann = await house.admit("ann", device_seconds=10.0)
    await house.claim()
    await house.jobs.release("w1")
    await house.jobs.request_cancel(ann.id)
    bob = await house.admit("bob")
    assert await virtual_times(house) == {bob.id: 10.0}


async def test_an_attempt_after_a_crash_is_not_charged_again(house: House) -> None:
    await house.admit("ann", device_seconds=10.0)
    rest = await house.admit("ann")
    await house.claim("w1")
    await house.jobs.release("w1")
    await house.claim("w2")
    assert (await virtual_times(house))[rest.id] == 10.0


async def test_a_heartbeat_extends_the_lease_and_shows_progress(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    house.clock.pass_(29)
    assert await house.jobs.heartbeat(claim, LEASE, STEP) is False
    house.clock.pass_(29)
    assert await house.jobs.heartbeat(claim, LEASE) is False
    assert await house.jobs.sweep() == 0
    (running,) = await house.jobs.running()
    assert running.progress == STEP


async def test_a_heartbeat_brings_the_wish_to_cancel(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    assert (await house.jobs.request_cancel(job.id)).cancel_requested
    assert await house.jobs.heartbeat(claim, LEASE) is True


async def test_a_look_says_whether_the_job_is_still_wanted_and_extends_nothing(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    assert await house.jobs.wanted(claim)
    await house.jobs.request_cancel(job.id)
    assert not await house.jobs.wanted(claim)
    other = await house.admit("bob")
    claim = await house.claim()
    assert claim.job.id == other.id
    house.clock.pass_(31)
    await house.jobs.sweep()
    assert not await house.jobs.wanted(claim)


async def test_workers_that_choose_the_same_job_get_one_each(house: House) -> None:
    """Choosing happens outside the writing transaction: what is chosen may be gone by then."""
    jobs = {(await house.admit(name)).id for name in ("ann", "bob", "cat")}
    claims = await asyncio.gather(*(house.claim(f"w{number}") for number in range(3)))
    assert {claim.job.id for claim in claims} == jobs
    assert await house.jobs.claim("w4", newest, None, LEASE) is None


async def test_a_stale_heartbeat_is_refused(house: House) -> None:
    await house.admit()
    stale = await house.claim("w1")
    await house.jobs.release("w1")
    with pytest.raises(LeaseLost):
        await house.jobs.heartbeat(stale, LEASE, STEP)
    fresh = await house.claim("w2")
    with pytest.raises(LeaseLost):
        await house.jobs.heartbeat(stale, LEASE, STEP)
    assert fresh.fence == stale.fence + 1
    assert (await house.get(fresh.job.id)).progress is None


async def test_a_dead_workers_jobs_are_queued_again_and_stay_charged(house: House) -> None:
    job = await house.admit()
    await house.claim("w1")
    await house.admit("bob")
    await house.claim("w2")
    assert await house.jobs.release("w1") == 1
    again = await house.get(job.id)
    assert (again.status, again.attempt, again.progress) == (JobStatus.QUEUED, 1, None)
    assert await house.used() == 1
    assert [running.requester.display_name for running in await house.jobs.running()] == ["bob"]
    assert await house.jobs.release("w1") == 0


async def test_a_lease_that_ran_out_is_swept_once(house: House) -> None:
    job = await house.admit()
    await house.claim()
    house.clock.pass_(29)
    assert await house.jobs.sweep() == 0
    house.clock.pass_(2)
    assert await house.jobs.sweep() == 1
    assert await house.jobs.sweep() == 0
    assert (await house.get(job.id)).status is JobStatus.QUEUED


async def test_a_job_that_kills_its_workers_fails_after_three_and_is_refunded(house: House) -> None:
    job = await house.admit()
    for _ in range(3):
        await house.claim("w1")
        assert await house.jobs.release("w1") == 1
    ended = await house.get(job.id)
    assert ended.status is JobStatus.FAILED
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.fields["attempts"]) == ("attempts_exhausted", 3)
    assert await house.used() == 0


async def test_a_rescued_job_that_nobody_wants_any_more_is_cancelled(house: House) -> None:
    job = await house.admit()
    await house.claim("w1")
    await house.jobs.request_cancel(job.id)
    await house.jobs.release("w1")
    assert (await house.get(job.id)).status is JobStatus.CANCELLED
    assert await house.used() == 0
