"""Requests a minute, as the charging transaction counts them."""

import asyncio

import pytest
from sqlalchemy import text

from inference.errors import QuotaExceeded, RateExceeded
from inference.protocols import AdmissionLimits
from storage.admission import _standing
from storage.database import open_database
from storage.jobs import SqlJobs
from tests.unit.storage.conftest import House, sqlite_only

THREE = AdmissionLimits(clips_per_month=100, max_jobs=100, requests_per_minute=3)


async def test_within_any_sixty_seconds_no_more_jobs_are_admitted_than_the_limit(house: House) -> None:
    for pause in (0, 20, 20):  # at 0, 20 and 40 seconds
        house.clock.pass_(pause)
        await house.admit(limits=THREE)
    house.clock.pass_(10)
    with pytest.raises(RateExceeded) as refused:
        await house.admit(limits=THREE)
    assert refused.value.values() == {"tier": "free", "lifted_by": "", "limit": 3, "retry_after": 10}
    assert (await house.used(), len(await house.jobs.waiting())) == (3, 3)
    house.clock.pass_(10)
    await house.admit(limits=THREE)
    with pytest.raises(RateExceeded) as refused:
        await house.admit(limits=THREE)
    assert refused.value.retry_after == 20


async def test_who_waits_as_long_as_told_is_admitted(house: House) -> None:
    for pause in (0, 0.4, 7.7):
        house.clock.pass_(pause)
        await house.admit(limits=THREE)
    with pytest.raises(RateExceeded) as refused:
        await house.admit(limits=THREE)
    house.clock.pass_(refused.value.retry_after)
    await house.admit(limits=THREE)


async def test_what_ended_or_was_removed_still_counts(house: House) -> None:
    one, two, three = [await house.admit(limits=THREE) for _ in range(3)]
    await house.jobs.request_cancel(one.id)
    await house.clips.remove(one.id)
    claim = await house.claim()
    await house.jobs.settle(claim, house.success(claim))
    assert {claim.job.id} <= {two.id, three.id}
    with pytest.raises(RateExceeded):
        await house.admit(limits=THREE)


async def test_each_member_has_a_minute_of_their_own(house: House) -> None:
    for name in ("ann", "bob"):
        for _ in range(3):
            await house.admit(name, limits=THREE)
        with pytest.raises(RateExceeded):
            await house.admit(name, limits=THREE)


async def test_a_known_click_is_no_new_request(house: House) -> None:
    first = await house.admit(limits=THREE, idempotency_key="click")
    for _ in range(5):
        assert await house.admit(limits=THREE, idempotency_key="click") == first
    await house.admit(limits=THREE)
    await house.admit(limits=THREE)
    assert await house.admit(limits=THREE, idempotency_key="click") == first


async def test_whoever_has_no_clip_left_is_told_that_and_not_to_wait(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=3, max_jobs=100, requests_per_minute=3)
    for _ in range(3):
        await house.admit(limits=limits)
    with pytest.raises(QuotaExceeded):
        await house.admit(limits=limits)


async def test_many_at_once_get_exactly_the_limit_and_a_restart_forgets_nothing(house: House) -> None:
    ends = await asyncio.gather(*(house.admit(limits=THREE) for _ in range(20)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Job"] * 3 + ["RateExceeded"] * 17
    async with open_database(house.url, house.clock) as restarted:
        with pytest.raises(RateExceeded):
            await SqlJobs(restarted).admit(await house.draft(), THREE)


@sqlite_only
async def test_past_jobs_are_not_looked_at_for_it(house: House) -> None:
    statement = _standing(house.database, await house.draft(idempotency_key="click"))
    compiled = str(statement.compile(compile_kwargs={"literal_binds": True}))
    plan = await house.database.reading(lambda db: db.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all())
    steps = [row[3] for row in plan]
    assert any("(member_id=? AND created_at>?)" in step for step in steps), steps
    assert not any(step.startswith("SCAN jobs") for step in steps), steps
