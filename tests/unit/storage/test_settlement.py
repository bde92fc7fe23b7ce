import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from inference.errors import LeaseLost, NotFound
from inference.protocols import ALL_SHAPES, Cancelled, Failed, GivenBack, Outcome
from inference.types import JobFailure, JobId, JobStatus, MediaRef
from storage import ledger
from storage.ledger import Entry
from storage.rows import fetch_job
from storage.tables import JobRow
from storage.transitions import TRANSITIONS, move
from tests.unit.storage.conftest import LEASE, House

BROKEN = JobFailure(code="render_failed", fields={"detail": "nan"})


def stored(connection: Connection, job: JobId) -> JobRow:
    row = fetch_job(connection, job)
    assert row is not None
    return row


async def test_success_makes_a_clip_and_keeps_the_charge(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    house.clock.pass_(5)
    outcome = house.success(claim)
    await house.jobs.settle(claim, outcome)
    ended = await house.get(job.id)
    assert ended.status is JobStatus.SUCCEEDED
    assert ended.clip == outcome.clip == await house.clips.get(job.id)
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert (ended.finished_at - ended.started_at).total_seconds() == pytest.approx(5)
    assert await house.clips.blob(job.id, "video") == MediaRef(blob=f"{job.id}/1/video.mp4")
    assert await house.clips.blob(job.id, "latents") is None
    assert await house.used() == 1


async def test_measured_seconds_move_the_average(house: House) -> None:
    assert await house.jobs.device_seconds("pocket", "224x128x25") is None
    for seconds, average in ((10.0, 10.0), (20.0, 13.0)):
        await house.admit()
        claim = await house.claim()
        await house.jobs.settle(claim, house.success(claim, device_seconds=seconds))
        assert await house.jobs.device_seconds("pocket", "224x128x25") == pytest.approx(average)


async def test_a_measurement_teaches_about_other_shapes_where_a_prediction_is_known(house: House) -> None:
    for predicted, ratio in ((0.0, None), (5.0, 2.0), (2.0, 2.9)):
        await house.admit()
        claim = await house.claim()
        done = replace(house.success(claim, device_seconds=10.0), predicted_seconds=predicted)
        await house.jobs.settle(claim, done)
        assert await house.jobs.device_seconds("pocket", ALL_SHAPES) == (ratio and pytest.approx(ratio))


async def test_failure_is_told_and_refunded(house: House) -> None:
    job = await house.admit()
    await house.jobs.settle(await house.claim(), Failed(failure=BROKEN))
    ended = await house.get(job.id)
    assert (ended.status, ended.failure, ended.clip) == (JobStatus.FAILED, BROKEN, None)
    assert await house.used() == 0


async def test_a_failure_worth_another_try_is_queued_again_while_attempts_are_left(house: House) -> None:
    job = await house.admit()
    for attempt in (1, 2):
        await house.jobs.settle(await house.claim(), Failed(failure=BROKEN, retry=True))
        again = await house.get(job.id)
        assert (again.status, again.attempt, again.failure) == (JobStatus.QUEUED, attempt, None)
        assert await house.used() == 1
    await house.jobs.settle(await house.claim(), Failed(failure=BROKEN, retry=True))
    ended = await house.get(job.id)
    assert (ended.status, ended.failure) == (JobStatus.FAILED, BROKEN)
    assert await house.used() == 0


async def test_a_cancelled_job_is_refunded(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    await house.jobs.request_cancel(job.id)
    await house.jobs.settle(claim, Cancelled())
    assert (await house.get(job.id)).status is JobStatus.CANCELLED
    assert await house.used() == 0


async def test_a_job_given_back_costs_no_attempt(house: House) -> None:
    job = await house.admit()
    for _ in range(5):
        await house.jobs.settle(await house.claim(), GivenBack())
    again = await house.claim()
    assert (again.job.id, again.job.attempt, again.fence) == (job.id, 1, 6)


async def test_a_job_given_back_that_nobody_wants_any_more_is_cancelled(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    await house.jobs.request_cancel(job.id)
    await house.jobs.settle(claim, GivenBack())
    assert (await house.get(job.id)).status is JobStatus.CANCELLED


@pytest.mark.parametrize(
    "second", [Cancelled(), GivenBack(), Failed(failure=BROKEN), Failed(failure=BROKEN, retry=True)]
)
async def test_a_second_settlement_is_refused(house: House, second: Outcome) -> None:
    await house.admit()
    claim = await house.claim()
    await house.jobs.settle(claim, house.success(claim))
    with pytest.raises(LeaseLost):
        await house.jobs.settle(claim, second)
    assert (await house.get(claim.job.id)).status is JobStatus.SUCCEEDED


async def test_a_stale_worker_cannot_commit_what_another_is_doing(house: House) -> None:
    await house.admit()
    stale = await house.claim("w1")
    house.clock.pass_(31)
    await house.jobs.sweep()
    with pytest.raises(LeaseLost):
        await house.jobs.settle(stale, house.success(stale))
    fresh = await house.claim("w2")
    with pytest.raises(LeaseLost):
        await house.jobs.settle(stale, house.success(stale))
    await house.jobs.settle(fresh, house.success(fresh))
    assert await house.clips.blob(fresh.job.id, "video") == MediaRef(blob=f"{fresh.job.id}/2/video.mp4")


async def test_two_settlements_at_once_leave_one(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    ends = await asyncio.gather(
        *(house.jobs.settle(claim, outcome) for outcome in (house.success(claim), Cancelled(), Failed(failure=BROKEN))),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ends) == ["JobStatus", "LeaseLost", "LeaseLost"]


async def test_a_failed_settlement_changes_nothing(house: House) -> None:
    await house.make()
    await house.admit()
    claim = await house.claim()
    stranger = house.success(claim, id=JobId("nobody"))
    with pytest.raises(IntegrityError):
        await house.jobs.settle(claim, stranger)
    assert (await house.get(claim.job.id)).status is JobStatus.RUNNING
    assert await house.jobs.last_cursor() == 5


async def test_a_queued_job_is_cancelled_and_refunded_at_once(house: House) -> None:
    job = await house.admit()
    ended = await house.jobs.request_cancel(job.id)
    assert (ended.status, ended.cancel_requested) == (JobStatus.CANCELLED, True)
    assert ended.finished_at is not None
    assert await house.used() == 0
    assert await house.jobs.request_cancel(job.id) == ended


async def test_an_ended_job_cannot_be_cancelled(house: House) -> None:
    clip = await house.make()
    job = await house.jobs.request_cancel(clip.id)
    assert (job.status, job.cancel_requested) == (JobStatus.SUCCEEDED, False)


async def test_a_clip_finished_before_the_wish_to_cancel_was_seen_costs_nothing(house: House) -> None:
    job = await house.admit()
    claim = await house.claim()
    await house.jobs.request_cancel(job.id)
    await house.jobs.settle(claim, house.success(claim))
    ended = await house.get(job.id)
    assert (ended.status, ended.clip) == (JobStatus.CANCELLED, None)
    assert await house.clips.get(job.id) is None
    assert await house.used() == 0


async def test_cancelling_and_claiming_at_once_end_in_one_of_two_ways(house: House) -> None:
    for _ in range(10):
        job = await house.admit()
        await asyncio.gather(
            house.jobs.claim("w1", lambda c, _: c[0].job, None, LEASE), house.jobs.request_cancel(job.id)
        )
        now = await house.get(job.id)
        assert (now.status, now.cancel_requested) in {(JobStatus.CANCELLED, True), (JobStatus.RUNNING, True)}
        await house.jobs.release("w1")
    assert await house.used() == 0


async def test_an_unknown_job_cannot_be_cancelled(house: House) -> None:
    with pytest.raises(NotFound):
        await house.jobs.request_cancel(JobId("none"))


async def test_only_moves_of_the_table_are_made(house: House) -> None:
    clip = await house.make()

    def revive(connection: Connection, to: JobStatus) -> None:
        move(connection, stored(connection, clip.id), to, 0.0)

    for to in JobStatus:
        assert (JobStatus.SUCCEEDED, to) not in TRANSITIONS
        with pytest.raises(KeyError):
            await house.database.writing(partial(revive, to=to))


async def test_a_move_from_what_is_no_longer_so_is_refused(house: House) -> None:
    job = await house.admit()
    before = await house.database.reading(lambda connection: stored(connection, job.id))
    await house.claim()
    with pytest.raises(LeaseLost):
        await house.database.writing(lambda connection: move(connection, before, JobStatus.CANCELLED, 0.0))


async def test_the_ledger_itself_refuses_a_second_entry(house: House) -> None:
    clip = await house.make()
    row = await house.database.reading(lambda connection: stored(connection, clip.id))
    with pytest.raises(IntegrityError):
        await house.database.writing(lambda connection: ledger.settle(connection, row, Entry.REFUND, 0.0))
    with pytest.raises(IntegrityError):
        await house.database.writing(lambda connection: ledger.record_reserve(connection, row, 0.0))
    assert await house.used() == 1


async def test_a_caller_who_leaves_in_the_middle_leaves_no_half(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    settling = asyncio.create_task(house.jobs.settle(claim, house.success(claim)))
    await asyncio.sleep(0)
    settling.cancel()
    await asyncio.wait([settling])
    assert await house.jobs.release("w1") in (0, 1)
