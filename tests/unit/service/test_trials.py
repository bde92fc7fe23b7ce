"""A tier that an operator grants for a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inference.errors import LimitExceeded, QuotaExceeded, RequestRejected
from inference.presets import Preset
from inference.types import Generate, GrantTier, Shape, Upload
from tests.support.clock import Clock
from tests.support.studio import Studio, member, open_studio, operator, picture

ANN = member("ann")
LONG = Generate(prompt="a red ball", shape=Shape(seconds=4.5, resolution=720))


@dataclass
class Trial:
    studio: Studio
    clock: Clock
    ends: datetime


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    """Ann has the tier plus for an hour."""
    clock = Clock()
    async with open_studio(tmp_path, clock=clock) as studio:
        ends = datetime.fromtimestamp(clock.seconds, UTC) + timedelta(hours=1)
        await studio.operators.change_account(GrantTier(tier="plus", until=ends), operator(), ANN.identity)
        yield Trial(studio=studio, clock=clock, ends=ends)


async def test_an_account_shows_when_the_tier_ends(trial: Trial) -> None:
    account = await trial.studio.face.account(ANN)
    assert (account.tier.name, account.tier_until) == ("plus", trial.ends)
    trial.clock.pass_(3600)
    account = await trial.studio.face.account(ANN)
    assert (account.tier.name, account.tier_until) == ("free", None)


async def test_at_its_end_the_tier_below_holds(trial: Trial) -> None:
    trial.clock.pass_(3599.999)
    await trial.studio.make(LONG, ANN)
    trial.clock.pass_(0.001)
    with pytest.raises(RequestRejected) as refused:
        await trial.studio.face.submit(LONG, ANN)
    assert refused.value.code == "resolution_exceeded"


async def test_what_was_used_in_a_trial_is_not_taken_back_and_not_owed(trial: Trial) -> None:
    for _ in range(12):
        await trial.studio.make(LONG, ANN)
    under_way = await trial.studio.face.submit(LONG, ANN)
    trial.clock.pass_(3600)
    account = await trial.studio.face.account(ANN)
    assert (account.used, account.limit, [job.id for job in account.running]) == (13, 10, [under_way.id])
    assert (await trial.studio.succeed(await trial.studio.claim())).size.short_side == 720
    with pytest.raises(QuotaExceeded) as refused:
        await trial.studio.face.submit(Generate(prompt="a red ball"), ANN)
    assert (refused.value.used, refused.value.limit, refused.value.lifted_by) == (13, 10, "plus")
    assert await trial.studio.used(ANN) == 13


@pytest.mark.parametrize("image", [None, picture()])
async def test_a_trial_that_ends_between_the_checks_and_the_charge_gives_nothing(
    tmp_path: Path, image: Upload | None
) -> None:
    clock = Clock()

    def slow_check(_preset: Preset) -> None:
        clock.pass_(40)

    async with open_studio(tmp_path, clock=clock, require_weights=slow_check) as studio:
        until = datetime.fromtimestamp(clock.seconds, UTC) + timedelta(seconds=30)
        await studio.operators.change_account(GrantTier(tier="plus", until=until), operator(), ANN.identity)
        with pytest.raises(LimitExceeded) as refused:
            await studio.face.submit(replace(LONG, image=image), ANN)
        assert (refused.value.tier, refused.value.lifted_by) == ("free", "plus")
        assert await studio.untouched(ANN)
        job = await studio.face.submit(Generate(prompt="a red ball"), ANN)
        assert (job.tier, job.recipe.watermark) == ("free", True)
