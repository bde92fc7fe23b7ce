from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inference.errors import NotFound, QuotaExceeded, TooManyJobs
from inference.protocols import AdmissionLimits
from inference.types import Generate, JobStatus, MediaRef, RenderPlan, Start
from tests.unit.storage.conftest import House, recipe


async def test_an_admitted_job_is_queued_and_charged(house: House) -> None:
    job = await house.admit(operation=Generate(prompt="a red ball", image=MediaRef(blob="job0/upload.png")))
    assert job.status is JobStatus.QUEUED
    assert (job.charge.clips, job.charge.used, job.charge.limit) == (1, 1, 1000)
    assert (job.charge.month, job.charge.resets_at) == ("2026-11", datetime(2026, 12, 1, tzinfo=UTC))
    assert await house.get(job.id) == job


async def test_jobs_without_a_key_are_different_jobs(house: House) -> None:
    first, second = await house.admit(), await house.admit()
    assert first.id != second.id
    assert await house.used() == 2


async def test_the_same_key_returns_the_first_job_and_charges_once(house: House) -> None:
    first = await house.admit(idempotency_key="click")
    second = await house.admit(idempotency_key="click", limits=AdmissionLimits(clips_per_month=1, max_jobs=1))
    assert second == first
    assert await house.used() == 1


async def test_the_same_key_returns_a_job_that_has_ended(house: House) -> None:
    clip = await house.make(draft={"idempotency_key": "click"})
    again = await house.admit(idempotency_key="click")
    assert (again.id, again.status, again.clip) == (clip.id, JobStatus.SUCCEEDED, clip)


async def test_what_was_deleted_since_it_was_looked_up_is_not_remixed_and_costs_nothing(house: House) -> None:
    clip = await house.make()
    (piece,) = recipe().pieces
    assert isinstance(piece, RenderPlan)
    start = Start(media=MediaRef(blob=f"{clip.id}/1/latents.safetensors"), strength=0.9)
    remix = recipe(pieces=(replace(piece, start=start),))
    await house.admit("bob", recipe=remix)
    await house.clips.remove(clip.id)
    with pytest.raises(NotFound):
        await house.admit("bob", recipe=remix)
    assert await house.used("bob") == 1


async def test_keys_are_each_members_own(house: House) -> None:
    first = await house.admit("ann", idempotency_key="click")
    second = await house.admit("bob", idempotency_key="click")
    assert first.id != second.id


async def test_beyond_the_quota_nothing_is_charged_and_nothing_queued(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=2, max_jobs=9)
    await house.admit(limits=limits)
    with pytest.raises(QuotaExceeded) as refused:
        await house.admit(limits=limits, clips=2)
    assert refused.value.values() == {
        "tier": "free",
        "lifted_by": "",
        "in_server": False,
        "limit": 2,
        "used": 1,
        "asked": 2,
        "resets_at": "2026-12-01T00:00:00+00:00",
    }
    assert await house.used() == 1
    assert len(await house.jobs.waiting()) == 1
    await house.admit(limits=limits)
    with pytest.raises(QuotaExceeded):
        await house.admit(limits=limits)


async def test_the_first_job_of_a_month_can_be_beyond_the_quota(house: House) -> None:
    with pytest.raises(QuotaExceeded):
        await house.admit(limits=AdmissionLimits(clips_per_month=1, max_jobs=9), clips=2)
    assert await house.used() == 0


async def test_quotas_are_each_members_own(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=1, max_jobs=9)
    await house.admit("ann", limits=limits)
    await house.admit("bob", limits=limits)
    assert (await house.used("ann"), await house.used("bob")) == (1, 1)


async def test_what_costs_nothing_is_admitted_at_the_limit_and_beyond_a_lowered_one(house: House) -> None:
    await house.admit(clips=2)
    job = await house.admit(clips=0, limits=AdmissionLimits(clips_per_month=1, max_jobs=9))
    assert job.charge.used == 2
    assert (await house.jobs.request_cancel(job.id)).status is JobStatus.CANCELLED
    assert await house.used() == 2


async def test_a_free_job_as_the_first_of_a_month_can_be_refunded(house: House) -> None:
    job = await house.admit(clips=0)
    await house.jobs.request_cancel(job.id)
    assert await house.used() == 0


async def test_queued_and_running_jobs_count_together(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=9, max_jobs=2)
    await house.admit(limits=limits)
    await house.claim()
    await house.admit(limits=limits)
    with pytest.raises(TooManyJobs) as refused:
        await house.admit(limits=limits)
    assert (refused.value.limit, refused.value.running) == (2, 2)
    assert await house.used() == 2
    await house.admit("bob", limits=limits)


async def test_ended_jobs_do_not_count(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=9, max_jobs=1)
    job = await house.admit(limits=limits)
    await house.jobs.request_cancel(job.id)
    assert (await house.admit(limits=limits)).status is JobStatus.QUEUED
