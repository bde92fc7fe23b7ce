"""Requests a minute, as the charging transaction counts them."""

import asyncio
import re

import pytest
from sqlalchemy import Connection, insert, text

from inference.errors import QuotaExceeded, RateExceeded
from inference.protocols import AdmissionLimits
from storage.admission import _row, _standing
from storage.database import open_database
from storage.jobs import SqlJobs
from storage.tables import JobRow
from tests.unit.storage.conftest import House

THREE = AdmissionLimits(clips_per_month=100, max_jobs=100, requests_per_minute=3)


async def test_within_any_sixty_seconds_no_more_jobs_are_admitted_than_the_limit(house: House) -> None:
    for pause in (0, 20, 20):  # at 0, 20 and 40 seconds
        house.clock.pass_(pause)
        await house.admit(limits=THREE)
    house.clock.pass_(10)
    with pytest.raises(RateExceeded) as refused:
        await house.admit(limits=THREE)
    assert (refused.value.tier, refused.value.limit, refused.value.retry_after) == ("free", 3, 10)
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


async def test_past_jobs_are_not_looked_at_for_it(house: House) -> None:
    draft = await house.draft(idempotency_key="click")
    statement = _standing(house.database, draft, THREE)
    past = _row(draft, THREE).model_dump() | {"idempotency_key": None, "status": "cancelled"}

    def plan(connection: Connection) -> str:
        compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
        if connection.dialect.name == "sqlite":
            return "\n".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
        with connection.begin_nested() as many:  # PostgreSQL plans by what is there
            connection.execute(insert(JobRow), [past | {"id": f"p{n}", "created_at": 1.0 + n} for n in range(3000)])
            connection.execute(text("ANALYZE jobs"))
            steps = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {compiled}")))
            many.rollback()
        return steps

    steps = await house.database.writing(plan)
    on_sqlite = "SEARCH jobs USING COVERING INDEX ix_jobs_member_id_created_at (member_id=?)"
    on_postgresql = re.compile(r"Index .*Scan Backward using ix_jobs_member_id_created_at on")
    assert on_sqlite in steps or on_postgresql.search(steps), steps
    assert "SCAN jobs" not in steps
    assert "Seq Scan on jobs" not in steps
    assert "Sort" not in steps
    assert "TEMP B-TREE" not in steps
