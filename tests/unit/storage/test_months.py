"""Which month is charged: the one in UTC, at the moment of the charge, by the database's clock; wherever its member lives."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from inference.errors import QuotaExceeded
from inference.protocols import AdmissionLimits, Cancelled, Failed, GivenBack, Outcome
from inference.types import JobFailure, JobStatus
from tests.unit.storage.conftest import LEASE, House

ONE = AdmissionLimits(clips_per_month=1, max_jobs=9)
MILLISECOND = timedelta(milliseconds=1)
KIRITIMATI = timezone(timedelta(hours=14))
BAKER_ISLAND = timezone(timedelta(hours=-12))
TURNS = [
    datetime(2026, 12, 1, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    datetime(2027, 3, 1, tzinfo=UTC),  # after 28 days
    datetime(2028, 3, 1, tzinfo=UTC),  # after 29
    datetime(2100, 3, 1, tzinfo=UTC),  # no leap year, though four divides it
]
BROKEN = Failed(failure=JobFailure(code="render_failed"))


def named(moment: datetime) -> str:
    return f"{moment:%Y-%m}"


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, 999_000, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 1, tzinfo=UTC), "2026-12"),
        (datetime(2028, 2, 29, tzinfo=UTC), "2028-02"),
        (datetime(2028, 2, 29, 23, 59, 59, 999_000, tzinfo=UTC), "2028-02"),
        (datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), "2026-12"),
        # Where the new month has begun 14 hours before, and where the old one goes on for 12 more.
        (datetime(2028, 3, 1, 0, 0, tzinfo=KIRITIMATI), "2028-02"),
        (datetime(2028, 3, 1, 13, 59, 59, 999_000, tzinfo=KIRITIMATI), "2028-02"),
        (datetime(2028, 3, 1, 14, 0, tzinfo=KIRITIMATI), "2028-03"),
        (datetime(2028, 2, 29, 11, 59, 59, 999_000, tzinfo=BAKER_ISLAND), "2028-02"),
        (datetime(2028, 2, 29, 12, 0, tzinfo=BAKER_ISLAND), "2028-03"),
        (datetime(2028, 2, 29, 23, 59, 59, 999_000, tzinfo=BAKER_ISLAND), "2028-03"),
        (datetime(2027, 1, 1, 9, 0, tzinfo=KIRITIMATI), "2026-12"),
    ],
)
async def test_the_month_is_the_one_in_utc(house: House, moment: datetime, month: str) -> None:
    house.clock.set(moment - MILLISECOND)  # admitting takes one
    job = await house.admit()
    begins = datetime.fromisoformat(f"{month}-01T00:00+00:00")
    ends = (begins + timedelta(days=31)).replace(day=1)
    assert job.created_at == moment
    assert (job.charge.month, job.charge.resets_at) == (month, ends)
    assert await house.clips_in(month) == 1


@pytest.mark.parametrize("turn", TURNS, ids=named)
async def test_the_last_millisecond_has_the_old_quota_and_the_first_one_a_new(house: House, turn: datetime) -> None:
    house.clock.set(turn - 2 * MILLISECOND)
    last = await house.admit(limits=ONE)
    assert last.created_at == turn - MILLISECOND
    house.clock.set(turn - 2 * MILLISECOND)
    with pytest.raises(QuotaExceeded) as refused:
        await house.admit(limits=ONE)
    assert refused.value.resets_at == turn.isoformat()
    first = await house.admit(limits=ONE)  # a millisecond later
    assert (first.created_at, first.charge.used) == (turn, 1)
    assert (last.charge.month, first.charge.month) == (named(turn - MILLISECOND), named(turn))


@pytest.mark.parametrize("turn", TURNS, ids=named)
@pytest.mark.parametrize("outcome", [BROKEN, Cancelled()])
async def test_what_ends_in_the_new_month_is_refunded_to_the_old_one(
    house: House, turn: datetime, outcome: Outcome
) -> None:
    old, new = named(turn - MILLISECOND), named(turn)
    house.clock.set(turn - 2 * MILLISECOND)
    job = await house.admit(limits=ONE)
    claim = await house.claim()
    house.clock.set(turn)
    await house.admit(limits=ONE)
    assert (await house.clips_in(old), await house.clips_in(new)) == (1, 1)
    await house.jobs.settle(claim, outcome)
    assert (await house.clips_in(old), await house.clips_in(new)) == (0, 1)
    assert (await house.get(job.id)).charge.month == old
    with pytest.raises(QuotaExceeded):  # the refund is no clip more in this month
        await house.admit(limits=ONE)


async def test_a_cancel_in_the_new_month_refunds_a_waiting_job_to_the_old_one(house: House) -> None:
    house.clock.set(TURNS[3] - 2 * MILLISECOND)
    job = await house.admit(limits=ONE)
    house.clock.set(TURNS[3])
    await house.jobs.request_cancel(job.id)
    assert (await house.clips_in("2028-02"), await house.clips_in("2028-03")) == (0, 0)


async def test_a_clip_that_is_done_in_the_new_month_stays_charged_to_the_old_one(house: House) -> None:
    house.clock.set(TURNS[3] - 2 * MILLISECOND)
    await house.admit(limits=ONE)
    claim = await house.claim()
    house.clock.set(TURNS[3] + timedelta(days=1))
    assert await house.jobs.settle(claim, house.success(claim)) is JobStatus.SUCCEEDED
    assert (await house.clips_in("2028-02"), await house.clips_in("2028-03")) == (1, 0)


async def test_a_job_that_is_tried_again_over_two_turns_is_refunded_to_its_own_month(house: House) -> None:
    house.clock.set(TURNS[3] - 2 * MILLISECOND)
    job = await house.admit(limits=ONE)
    await house.claim()
    house.clock.set(TURNS[3] + timedelta(days=2))
    assert await house.jobs.sweep() == 1
    await house.jobs.settle(await house.claim(), GivenBack())
    for days in (31, 62):
        await house.claim()
        house.clock.set(TURNS[3] + timedelta(days=days))
        assert await house.jobs.sweep() == 1
    assert (await house.get(job.id)).status is JobStatus.FAILED
    assert await house.clips_in("2028-02") == 0
    assert [await house.clips_in(month) for month in ("2028-03", "2028-04", "2028-05")] == [0, 0, 0]


async def test_a_turn_while_a_job_waits_frees_no_place_among_those_at_once(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=5, max_jobs=1)
    house.clock.set(TURNS[0] - 2 * MILLISECOND)
    await house.admit(limits=limits)
    await house.claim()
    house.clock.set(TURNS[0] + LEASE)
    with pytest.raises(Exception, match="queued or running"):
        await house.admit(limits=limits)
    assert await house.clips_in("2026-12") == 0
