"""What becomes of a schedule when its time has come: once, late, refused, and after a process died over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inference.service.members import Members
from inference.service.schedules import CLAIM, LATEST, ROLES_HOLD
from inference.types import (
    After,
    BlockMember,
    ChangePolicy,
    Generate,
    GrantTier,
    Job,
    JobQuery,
    JobStatus,
    Notice,
    PolicyWish,
    Repeated,
    Requester,
    Schedule,
    ScheduleState,
)
from storage.accounts import SqlAccounts
from storage.schedules import SqlSchedules
from tests.support.clock import Clock
from tests.support.studio import PLACE, Studio, member, open_studio, operator

ANN = member("ann", "plus")
BALL = Generate(prompt="a red ball")
HOUSE = replace(operator(), place=PLACE)
DAILY = Repeated(cron="0 9 * * *")
START = datetime(2026, 11, 15, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 16, 9, tzinfo=UTC)


@dataclass
class House:
    studio: Studio
    clock: Clock

    @property
    def rows(self) -> SqlSchedules:
        return SqlSchedules(self.studio.database)

    async def asked(self, **changes: object) -> Schedule:
        return await self.studio.face.schedule(BALL, DAILY, replace(ANN, **changes), "spot")  # type: ignore[arg-type]

    async def run_at(self, moment: datetime) -> int:
        self.clock.set(moment)
        return await self.studio.service.run_due()

    async def jobs(self, requester: Requester = ANN) -> list[Job]:
        return list((await self.studio.face.jobs(JobQuery(limit=100), requester)).jobs)

    async def kept(self, requester: Requester = ANN) -> Schedule:
        (schedule,) = await self.studio.face.schedules(requester)
        return schedule

    async def notices(self) -> list[Notice]:
        return list(await self.studio.face.take_notices(["playground"]))

    async def make_room(self) -> None:
        await self.studio.succeed(await self.studio.claim())


@pytest.fixture
async def house(tmp_path: Path, url: str) -> AsyncIterator[House]:
    clock = Clock(seconds=START.timestamp())
    async with open_studio(tmp_path, clock=clock, database_url=url) as studio:
        yield House(studio=studio, clock=clock)


async def test_it_runs_each_time_and_is_charged_each_time(house: House) -> None:
    await house.asked()
    assert await house.run_at(NINE - timedelta(milliseconds=1)) == 0
    for day in range(3):
        assert await house.run_at(NINE + timedelta(days=day, milliseconds=day)) == 1
        assert await house.studio.service.run_due() == 0
        await house.make_room()
    assert len(await house.jobs()) == await house.studio.used(ANN) == 3
    kept = await house.kept()
    assert (kept.next_at, kept.last_job) == (NINE + timedelta(days=3), (await house.jobs())[0].id)
    assert await house.notices() == []


async def test_a_single_run_ends_it(house: House) -> None:
    await house.studio.face.schedule(BALL, After(seconds=3600), ANN)
    assert await house.run_at(START + timedelta(hours=1)) == 1
    assert not await house.studio.face.schedules(ANN)


async def test_a_run_that_a_process_died_over_is_done_by_another_when_its_claim_ran_out(house: House) -> None:
    await house.asked()
    house.clock.set(NINE)
    assert len(await house.rows.claim_due(CLAIM)) == 1
    assert await house.studio.service.run_due() == 0
    assert await house.run_at(NINE + CLAIM) == 1
    assert len(await house.jobs()) == 1


@pytest.mark.parametrize("how", ["cancelled", "forgotten"])
@pytest.mark.parametrize("moment", [(SqlSchedules, "claim_due"), (Members, "known")], ids=["claimed", "looked up"])
async def test_a_run_is_none_whose_schedule_went_in_the_last_moment(
    house: House, monkeypatch: pytest.MonkeyPatch, how: str, moment: tuple[type, str]
) -> None:
    kept = await house.asked()
    step, name = getattr(*moment), moment[1]

    async def and_then_it_goes(*args: object) -> object:
        done = await step(*args)
        monkeypatch.setattr(moment[0], name, step)
        if how == "cancelled":
            await house.studio.face.cancel_schedule(kept.id, ANN)
        else:
            await house.studio.face.forget(ANN)
        return done

    monkeypatch.setattr(moment[0], name, and_then_it_goes)
    assert await house.run_at(NINE) == 0
    assert not (await house.studio.jobs.counts())[JobStatus.QUEUED]
    assert await house.notices() == []
    if how == "forgotten":
        assert await SqlAccounts(house.studio.database).find(ANN.identity) is None
    assert not await house.jobs()


async def test_a_run_that_became_a_job_before_its_process_died_makes_no_second_one(house: House) -> None:
    """Not even where it would be refused by now, or comes hours later."""
    kept = await house.asked()
    house.clock.set(NINE)
    (due,) = await house.rows.claim_due(CLAIM)
    key = f"schedule:{kept.id}:{due.at.isoformat()}"
    job = await house.studio.face.submit(BALL, ANN, "spot", key)
    await house.studio.operators.govern(BlockMember(member=ANN.identity, blocked=True), HOUSE)
    assert await house.run_at(NINE + timedelta(hours=5)) == 1
    assert [one.id for one in await house.jobs()] == [job.id]
    assert await house.studio.used(ANN) == 1
    assert (await house.kept()).last_job == job.id
    assert await house.notices() == []


async def test_services_on_one_database_run_it_once(house: House) -> None:
    await house.asked()
    house.clock.set(NINE)
    settings = house.studio.settings
    async with open_studio(settings.data_dir, clock=house.clock, database_url=settings.database_url) as second:
        ran = await asyncio.gather(*(service.run_due() for service in (house.studio.service, second.service) * 5))
    assert sum(ran) == 1
    assert len(await house.jobs()) == 1


async def test_a_run_that_was_missed_is_made_up_for_within_the_hour(house: House) -> None:
    await house.asked()
    assert await house.run_at(NINE + LATEST) == 1
    assert (await house.kept()).next_at == NINE + timedelta(days=1)


async def test_runs_that_were_missed_for_longer_are_left_out_and_told_once(house: House) -> None:
    kept = await house.asked()
    assert await house.run_at(NINE + timedelta(days=3, hours=2)) == 0
    assert await house.jobs() == []
    (notice,) = await house.notices()
    assert (notice.code, notice.fields["schedule"]) == ("schedule_missed", kept.id)
    assert notice.fields["at"] == NINE.isoformat()
    assert (await house.kept()).next_at == NINE + timedelta(days=4)


async def test_who_has_too_much_under_way_is_waited_for(house: House) -> None:
    free = replace(ANN, roles=())
    await house.studio.operators.change_account(GrantTier(tier="plus"), operator(), ANN.identity)
    await house.asked()
    for _ in range(2):
        await house.studio.face.submit(BALL, free)
    assert await house.run_at(NINE) == 0
    assert await house.notices() == []
    await house.make_room()
    assert await house.run_at(NINE + CLAIM) == 1


async def test_who_has_too_much_under_way_for_too_long_is_told(house: House) -> None:
    await house.asked()
    for _ in range(2):
        await house.studio.face.submit(BALL, ANN)
    assert await house.run_at(NINE) == 0
    assert await house.run_at(NINE + LATEST - timedelta(seconds=1)) == 0
    (notice,) = await house.notices()
    assert (notice.code, notice.fields["error"]) == ("schedule_refused", "too_many_jobs")
    assert len(await house.jobs()) == 2


async def test_refusals_are_told_once_in_a_row_and_the_third_suspends_it(house: House) -> None:
    await house.asked()
    await house.studio.operators.govern(ChangePolicy(channel="", wish=PolicyWish(usable=False)), HOUSE)
    told = []
    for day in range(4):
        assert await house.run_at(NINE + timedelta(days=day)) == 0
        told.append([(notice.code, notice.fields["error"]) for notice in await house.notices()])
    assert told == [[("schedule_refused", "place_closed")], [], [("schedule_suspended", "place_closed")], []]
    kept = await house.kept()
    assert (kept.state, kept.next_at, kept.refusals) == (ScheduleState.SUSPENDED, None, 3)
    assert await house.studio.used(ANN) == 0


async def test_a_run_that_is_let_through_begins_the_row_anew(house: House) -> None:
    await house.asked()
    closed, opened, told = PolicyWish(usable=False), PolicyWish(), []
    for day, wish in enumerate((closed, closed, opened, closed, closed)):
        await house.studio.operators.govern(ChangePolicy(channel="", wish=wish), HOUSE)
        await house.run_at(NINE + timedelta(days=day))
        told.append([notice.code for notice in await house.notices()])
    assert (await house.kept()).refusals == 2
    assert told == [["schedule_refused"], [], [], ["schedule_refused"], []]


async def test_a_cancelled_one_does_not_run_even_where_it_is_claimed(house: House) -> None:
    kept = await house.asked()
    await house.studio.face.cancel_schedule(kept.id, ANN)
    assert await house.run_at(NINE) == 0
    assert await house.jobs() == []


async def test_roles_count_for_a_month_after_the_chat_told_them(house: House) -> None:
    await house.asked()
    assert await house.run_at(START + ROLES_HOLD) == 0  # the runs before were missed
    await house.notices()
    last = datetime(2026, 12, 16, 9, tzinfo=UTC)
    assert await house.run_at(last) == 0
    (notice,) = await house.notices()
    assert (notice.code, notice.fields["error"]) == ("schedule_refused", "operation_not_in_tier")
    assert notice.fields["error.tier"] == "free"

    await house.kept()  # whoever looks is known to hold their roles
    assert await house.run_at(last + timedelta(days=1)) == 1
    assert (await house.jobs())[0].tier == "plus"


async def test_roles_that_a_newer_request_told_count(house: House) -> None:
    await house.asked()
    house.clock.set(NINE - timedelta(hours=1))
    await house.studio.face.submit(BALL, replace(ANN, roles=()))
    await house.make_room()
    assert await house.run_at(NINE) == 0
    (notice,) = await house.notices()
    assert notice.fields["error"] == "operation_not_in_tier"


async def test_roles_told_in_another_server_or_by_another_schedule_do_not(house: House) -> None:
    await house.asked()
    house.clock.set(NINE - timedelta(hours=1))
    elsewhere = replace(ANN, roles=(), place=replace(PLACE, workspace="other"))
    await house.studio.face.submit(BALL, elsewhere)
    assert await house.run_at(NINE) == 1


async def test_it_runs_in_the_zone_in_which_it_was_made(house: House) -> None:
    first = await house.asked()
    assert (first.zone, first.next_at) == ("UTC", NINE)


async def test_the_prompt_in_a_notice_is_short(house: House) -> None:
    await house.studio.face.schedule(Generate(prompt="ball " * 60), DAILY, ANN)
    await house.run_at(NINE + timedelta(hours=3))
    (notice,) = await house.notices()
    assert len(str(notice.fields["prompt"])) == 80
