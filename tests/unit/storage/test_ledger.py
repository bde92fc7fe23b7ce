from datetime import UTC, datetime

import pytest

from inference.protocols import AdmissionLimits, MonthUse
from storage.ledger import Month
from tests.unit.storage.conftest import House

ONE = AdmissionLimits(clips_per_month=1, max_jobs=9)


@pytest.mark.parametrize(
    ("moment", "text", "ends"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), "2026-11", datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), "2026-12", datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), "2028-02", datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_months_are_utc(moment: datetime, text: str, ends: datetime) -> None:
    month = Month.at(moment.timestamp())
    assert (str(month), month.ends_at, Month.parse(text)) == (text, ends, month)


async def turn_of_the_month(house: House) -> None:
    house.clock.seconds = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC).timestamp()


async def test_a_new_month_starts_anew(house: House) -> None:
    await house.admit(limits=ONE)
    member = await house.member()
    assert await house.accounts.month(member) == MonthUse(used=1, credit=0, resets_at=datetime(2026, 12, 1, tzinfo=UTC))
    await turn_of_the_month(house)
    assert await house.accounts.month(member) == MonthUse(used=0, credit=0, resets_at=datetime(2027, 1, 1, tzinfo=UTC))
    job = await house.admit(limits=ONE)
    assert (job.charge.month, job.charge.used) == ("2026-12", 1)


async def test_a_refund_goes_to_the_month_of_the_reservation(house: House) -> None:
    old = await house.admit()
    await turn_of_the_month(house)
    await house.admit()
    await house.jobs.request_cancel(old.id)
    assert [await house.clips_in(month) for month in ("2026-11", "2026-12")] == [0, 1]


async def test_a_job_finished_next_month_stays_in_its_own(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    await turn_of_the_month(house)
    await house.jobs.heartbeat(claim, claim.job.charge.resets_at - datetime(2026, 11, 30, tzinfo=UTC))
    await house.jobs.settle(claim, house.success(claim))
    assert await house.used() == 0
    assert await house.clips_in("2026-11") == 1
