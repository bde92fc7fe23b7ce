from inference.protocols import Failed
from inference.types import JobFailure, JobId, JobStatus
from tests.unit.storage.conftest import LEASE, House

BROKEN = JobFailure(code="render_failed")


async def statuses(house: House, after: int | None) -> list[tuple[int, JobId, JobStatus]]:
    return [(event.cursor, event.job.id, event.job.status) for event in await house.jobs.events(after)]


async def test_every_change_of_status_has_its_own_cursor(house: House) -> None:
    assert await house.jobs.last_cursor() == 0
    ann, bob = await house.admit("ann"), await house.admit("bob")
    claim = await house.claim()
    await house.jobs.settle(claim, Failed(failure=BROKEN, retry=True))
    claim = await house.claim()
    await house.jobs.settle(claim, Failed(failure=BROKEN))
    events = await house.jobs.events(0)
    cursors = [event.cursor for event in events]
    assert cursors == sorted(set(cursors))
    assert [event.job.id for event in events] == [ann.id, bob.id, ann.id, ann.id, ann.id, ann.id]
    assert await house.jobs.last_cursor() == cursors[-1]


async def test_an_event_shows_the_job_as_it_is_now(house: House) -> None:
    clip = await house.make()
    events = await house.jobs.events(0)
    assert [(event.job.status, event.job.clip) for event in events] == [(JobStatus.SUCCEEDED, clip)] * 3


async def test_reading_goes_on_behind_a_cursor_page_by_page(house: House) -> None:
    jobs = [await house.admit() for _ in range(5)]
    first = await house.jobs.events(0, limit=3)
    rest = await house.jobs.events(first[-1].cursor, limit=3)
    assert [event.job.id for event in (*first, *rest)] == [job.id for job in jobs]
    assert await house.jobs.events(rest[-1].cursor) == []


async def test_a_heartbeat_is_no_durable_event(house: House) -> None:
    await house.admit()
    claim = await house.claim()
    before = await house.jobs.last_cursor()
    await house.jobs.heartbeat(claim, LEASE)
    assert await house.jobs.last_cursor() == before


async def test_what_was_not_told_comes_back_once_with_its_newest_event(house: House) -> None:
    done = await house.make()
    running = await house.admit()
    await house.claim()
    queued = await house.admit()
    assert [(job, status) for _, job, status in await statuses(house, None)] == [
        (done.id, JobStatus.SUCCEEDED),
        (running.id, JobStatus.RUNNING),
        (queued.id, JobStatus.QUEUED),
    ]
    newest = await house.jobs.events(None)
    assert newest[0].cursor == 3
    assert newest[-1].cursor == await house.jobs.last_cursor()


async def test_what_was_told_does_not_come_back(house: House) -> None:
    done = await house.make()
    await house.jobs.mark_delivered(done.id)
    await house.jobs.mark_delivered(done.id)
    assert await house.jobs.events(None) == []
    assert len(await house.jobs.events(0)) == 3


async def test_only_an_end_can_be_told(house: House) -> None:
    job = await house.admit()
    await house.jobs.mark_delivered(job.id)
    await house.jobs.mark_delivered(JobId("unknown"))
    await house.jobs.request_cancel(job.id)
    assert [(id_, status) for _, id_, status in await statuses(house, None)] == [(job.id, JobStatus.CANCELLED)]


async def test_nobody_awaits_a_job_without_an_address(house: House) -> None:
    await house.make(draft={"reply_to": ""})
    queued = await house.admit(reply_to="")
    assert await house.jobs.events(None) == []
    assert (await house.jobs.events(0))[-1].job.id == queued.id


async def test_jobs_are_counted_by_status(house: House) -> None:
    await house.make()
    await house.admit()
    await house.admit()
    await house.claim()
    assert await house.jobs.counts() == {"queued": 1, "running": 1, "succeeded": 1, "failed": 0, "cancelled": 0}
