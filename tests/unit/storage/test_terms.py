"""What came out is compared with what was admitted and charged, in the transaction that would deliver it."""

from dataclasses import replace
from typing import Any

import pytest

from inference.types import JobStatus, Size, Terms
from tests.unit.storage.conftest import House

TERMS = Terms(max_seconds=2.5, max_resolution=480, watermark=True, num_frames=25)


@pytest.mark.parametrize(
    ("made", "marked", "what"),
    [
        ({}, True, ""),
        ({"num_frames": 24}, True, ""),
        ({"num_frames": 26}, True, "length"),
        ({"num_frames": 25, "fps": 9}, True, "length"),
        ({"size": Size(width=856, height=482)}, True, "resolution"),
        ({"size": Size(width=480, height=854)}, True, ""),
        ({}, False, "watermark"),
    ],
)
async def test_a_clip_beyond_its_terms_fails_and_is_refunded(
    house: House, made: dict[str, Any], marked: bool, what: str
) -> None:
    job = await house.admit(terms=TERMS)
    claim = await house.claim()
    ended = await house.jobs.settle(claim, replace(house.success(claim, **made), marked=marked))
    after = await house.get(job.id)
    assert after.status is ended
    if what:
        assert (ended, await house.used(), after.clip) == (JobStatus.FAILED, 0, None)
        assert after.failure is not None
        assert (after.failure.code, after.failure.fields) == ("over_limit", {"what": what})
    else:
        assert (ended, await house.used()) == (JobStatus.SUCCEEDED, 1)
        assert after.clip is not None


async def test_the_terms_of_admission_hold_and_not_those_of_another_job(house: House) -> None:
    await house.admit(terms=replace(TERMS, watermark=False))
    claim = await house.claim()
    assert await house.jobs.settle(claim, house.success(claim)) is JobStatus.SUCCEEDED


async def test_a_job_from_before_there_were_terms_is_delivered(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    assert await house.jobs.settle(claim, house.success(claim, num_frames=9999)) is JobStatus.SUCCEEDED


async def test_a_wish_to_cancel_goes_before_a_breach(house: House) -> None:
    job = await house.admit(terms=TERMS)
    claim = await house.claim()
    await house.jobs.request_cancel(job.id)
    assert await house.jobs.settle(claim, house.success(claim, num_frames=99)) is JobStatus.CANCELLED
