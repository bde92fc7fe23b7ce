"""Clips asked for in advance, and notices, whichever implementation serves them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from inference.errors import (
    InvalidValue,
    MemberBlocked,
    NotFound,
    OperationNotInTier,
    PromptEmpty,
    ResolutionExceeded,
    TooManySchedules,
)
from inference.types import (
    After,
    BlockMember,
    ChangeSettings,
    Generate,
    MemberSettings,
    Once,
    Repeated,
    ScheduleId,
    ScheduleState,
    Shape,
)
from tests.support.api import serve
from tests.support.clock import Clock
from tests.support.studio import PLACE, Studio, member, open_studio, operator, picture

ANN = member("ann", "plus")
BALL = Generate(prompt="a red ball", shape=Shape(seconds=2), seed=7)
WEEKLY = Repeated(cron="0 9 * * mon")
HOUSE = replace(operator(), place=PLACE)
"""The operator, in the members' server."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["service", "client"])
async def studio(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Studio]:
    """As everywhere here, and with a clock that is moved by hand."""
    async with open_studio(tmp_path, clock=clock) as studio:
        if request.param == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio


async def test_a_schedule_is_kept_listed_and_cancelled(studio: Studio) -> None:
    await studio.face.change_account(ChangeSettings(settings=MemberSettings(timezone="Asia/Tokyo")), ANN)
    kept = await studio.face.schedule(BALL, WEEKLY, ANN, "spot")
    assert (kept.operation, kept.when, kept.zone, kept.reply_to) == (BALL, WEEKLY, "Asia/Tokyo", "spot")
    assert kept.next_at is not None
    assert (kept.next_at.weekday(), kept.next_at.hour) == (0, 0)
    later = await studio.face.schedule(BALL, After(seconds=60), ANN)
    assert [one.id for one in await studio.face.schedules(ANN)] == [later.id, kept.id]

    ended = await studio.face.cancel_schedule(kept.id, ANN)
    assert (ended.state, ended.next_at) == (ScheduleState.ENDED, None)
    assert await studio.face.cancel_schedule(kept.id, ANN) == ended
    assert [one.id for one in await studio.face.schedules(ANN)] == [later.id]
    assert await studio.used(ANN) == 0


async def test_the_same_request_again_is_the_same_schedule(studio: Studio) -> None:
    first = await studio.face.schedule(BALL, WEEKLY, ANN, idempotency_key="click")
    assert await studio.face.schedule(BALL, WEEKLY, ANN, idempotency_key="click") == first
    assert len(await studio.face.schedules(ANN)) == 1


async def test_what_would_be_refused_now_is_refused_now(studio: Studio) -> None:
    with pytest.raises(PromptEmpty):
        await studio.face.schedule(Generate(prompt=" "), WEEKLY, ANN)
    with pytest.raises(ResolutionExceeded):
        await studio.face.schedule(Generate(prompt="a", shape=Shape(resolution=1080)), WEEKLY, ANN)
    with pytest.raises(InvalidValue, match="image"):
        await studio.face.schedule(Generate(prompt="a", image=picture()), WEEKLY, ANN)
    with pytest.raises(InvalidValue, match="when"):
        await studio.face.schedule(BALL, Repeated(cron="* * * * *"), ANN)
    with pytest.raises(InvalidValue, match="when"):
        await studio.face.schedule(BALL, Once(at=datetime.fromisoformat("2020-01-01 09:00")), ANN)
    await studio.operators.govern(BlockMember(member=ANN.identity, blocked=True), HOUSE)
    with pytest.raises(MemberBlocked):
        await studio.face.schedule(BALL, WEEKLY, ANN)
    assert not await studio.face.schedules(ANN)
    assert await studio.untouched(ANN)


async def test_the_tier_says_who_may_and_how_many(studio: Studio) -> None:
    with pytest.raises(OperationNotInTier) as lacking:
        await studio.face.schedule(BALL, WEEKLY, member("bob"))
    assert (lacking.value.operation, lacking.value.lifted_by) == ("schedule", "plus")
    for _ in range(5):
        last = await studio.face.schedule(BALL, WEEKLY, ANN)
    with pytest.raises(TooManySchedules) as full:
        await studio.face.schedule(BALL, WEEKLY, ANN)
    assert (full.value.limit, full.value.lifted_by) == (5, "pro")
    await studio.face.cancel_schedule(last.id, ANN)
    await studio.face.schedule(BALL, WEEKLY, ANN)


async def test_nobody_sees_or_cancels_anothers(studio: Studio) -> None:
    kept = await studio.face.schedule(BALL, WEEKLY, ANN)
    for name in ("bob", "stranger"):
        assert not await studio.face.schedules(member(name, "pro"))
        with pytest.raises(NotFound):
            await studio.face.cancel_schedule(kept.id, member(name, "pro"))
    for wrong in ("", "..", "sched_none", "x" * 200):
        with pytest.raises(NotFound):
            await studio.face.cancel_schedule(ScheduleId(wrong), ANN)
    assert list(await studio.face.schedules(ANN)) == [kept]


async def test_a_time_zone_is_a_setting_and_goes_by_its_name(studio: Studio) -> None:
    with pytest.raises(InvalidValue, match="timezone"):
        await studio.face.change_account(ChangeSettings(settings=MemberSettings(timezone="Berlin")), ANN)
    assert (await studio.face.schedule(BALL, WEEKLY, ANN)).zone == "UTC"


async def test_what_is_due_becomes_a_job_where_it_was_asked_for(studio: Studio, clock: Clock) -> None:
    await studio.face.schedule(BALL, After(seconds=60), ANN, "spot")
    assert await studio.service.run_due() == 0
    clock.pass_(60)
    assert await studio.service.run_due() == 1
    (job,) = (await studio.face.account(ANN)).running
    assert (job.operation, job.reply_to, job.requester) == (BALL, "spot", ANN)
    assert not await studio.face.schedules(ANN)
    assert await studio.service.run_due() == 0


async def test_a_notice_is_handed_out_once_and_again_where_it_was_not_told(studio: Studio, clock: Clock) -> None:
    await studio.face.schedule(BALL, After(seconds=60), ANN, "spot")
    await studio.operators.govern(BlockMember(member=ANN.identity, blocked=True), HOUSE)
    clock.pass_(60)
    assert await studio.service.run_due() == 0
    assert not await studio.face.take_notices(["slack"])
    (notice,) = await studio.face.take_notices(["slack", "playground"])
    assert (notice.code, notice.requester, notice.reply_to) == ("schedule_refused", ANN, "spot")
    assert (notice.fields["error"], notice.fields["prompt"]) == ("member_blocked", BALL.prompt)
    assert not await studio.face.take_notices(["playground"])
    await studio.face.return_notice(notice.id)
    assert list(await studio.face.take_notices(["playground"])) == [notice]
    await studio.face.return_notice(12345)
