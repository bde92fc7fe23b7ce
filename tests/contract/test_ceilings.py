"""What is lower in a server than elsewhere: by the operator, by its managers; and that nothing is ever raised by it."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from inference.errors import (
    InvalidValue,
    NotAllowed,
    OperationNotInTier,
    QuotaExceeded,
    ResolutionExceeded,
    SecondsExceeded,
    TooManyJobs,
)
from inference.types import (
    AuditQuery,
    Ceiling,
    ChangePolicy,
    Decisions,
    Generate,
    GrantTier,
    OperationKind,
    Place,
    Policy,
    PolicyWish,
    Remix,
    Shape,
)
from tests.contract.test_house_rules import AWAY, HOME, OWN, someone
from tests.support.api import serve
from tests.support.studio import Studio, open_studio, operator, picture

BALL = Generate(prompt="a red ball")
LARGE = Generate(prompt="a red ball", shape=Shape(resolution=720, seconds=2))
ANN, BOSS = someone("1"), someone("2", manages=True)
THIRD = Place(platform="discord", workspace="9", channel="90")
OPERATORS: dict[str, dict[str, Any]] = {
    "discord:7": {"max_resolution": 480, "watermark": True, "operations": ["generate", "again", "remix", "blend"]},
    "discord:*": {"max_seconds": 3, "max_jobs": 9, "clips_per_month": 9999},
}


@pytest.fixture(params=["service", "client"])
async def studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Studio]:
    """Ann is pro. The operator lowers server 7 in its own way and all other servers in another."""
    async with open_studio(tmp_path, tier_ceilings=OPERATORS) as studio:
        await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
        if request.param == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio


async def lower(studio: Studio, channel: str = "", **ceiling: Any) -> None:
    await studio.face.govern(ChangePolicy(channel=channel, wish=PolicyWish(ceiling=Ceiling(**ceiling))), BOSS)


async def test_the_operators_word_holds_in_its_server_and_there_only(studio: Studio) -> None:
    with pytest.raises(ResolutionExceeded) as refused:
        await studio.face.submit(LARGE, ANN)
    error = refused.value
    assert (error.tier, error.limit, error.in_server, error.lifted_by) == ("pro", 480, True, "")
    with pytest.raises(OperationNotInTier) as denied:
        await studio.face.submit(Generate(prompt="it waves", image=picture()), ANN)
    assert (denied.value.in_server, denied.value.lifted_by) == (True, "")
    marked = await studio.face.submit(BALL, ANN)
    assert (marked.recipe.watermark, marked.recipe.size.short_side) == (True, 480)
    unmarked = await studio.face.submit(LARGE, replace(ANN, place=AWAY))
    assert (unmarked.recipe.watermark, unmarked.recipe.size.short_side) == (False, 720)
    assert (await studio.face.submit(LARGE, replace(ANN, place=OWN))).recipe.size.short_side == 720


async def test_a_servers_own_line_takes_the_place_of_the_one_for_all(studio: Studio) -> None:
    long = Generate(prompt="a red ball", shape=Shape(seconds=4))
    await studio.face.submit(long, ANN)
    with pytest.raises(SecondsExceeded) as refused:
        await studio.face.submit(long, replace(ANN, place=THIRD))
    assert (refused.value.limit, refused.value.in_server) == (3, True)
    await studio.face.submit(long, replace(ANN, place=OWN))


async def test_what_nobody_asked_for_is_cut_to_what_holds(studio: Studio) -> None:
    assert (await studio.face.submit(BALL, replace(ANN, place=THIRD))).recipe.seconds == 3
    await lower(studio, max_seconds=1.5)
    assert (await studio.face.submit(BALL, ANN)).recipe.seconds == 1.5


async def test_an_account_shows_what_holds_where_it_is_asked_for(studio: Studio) -> None:
    here = await studio.face.account(ANN)
    assert (here.tier.name, here.tier.max_resolution, here.tier.watermark, here.is_lowered) == ("pro", 480, True, True)
    assert here.tier.operations == {
        OperationKind.GENERATE,
        OperationKind.AGAIN,
        OperationKind.REMIX,
        OperationKind.BLEND,
    }
    own = await studio.face.account(replace(ANN, place=OWN))
    assert (own.tier.max_resolution, own.tier.max_seconds, own.is_lowered) == (1080, 20, False)


async def test_managers_lower_their_server_and_their_channels_and_both_hold(studio: Studio) -> None:
    await lower(studio, max_seconds=4, max_jobs=2)
    await lower(studio, HOME.channel, max_seconds=6, clips_per_month=1)
    there = replace(ANN, place=replace(HOME, channel="other"))
    tier = (await studio.face.account(ANN)).tier
    assert (tier.max_seconds, tier.max_jobs, tier.clips_per_month, tier.max_resolution) == (4, 2, 1, 480)
    tier = (await studio.face.account(there)).tier
    assert (tier.max_seconds, tier.max_jobs, tier.clips_per_month) == (4, 2, 500)
    await studio.face.submit(BALL, ANN)
    with pytest.raises(QuotaExceeded) as refused:
        await studio.face.submit(BALL, ANN)
    assert (refused.value.limit, refused.value.used, refused.value.in_server, refused.value.lifted_by) == (
        1,
        1,
        True,
        "",
    )
    await studio.face.submit(BALL, there)
    with pytest.raises(TooManyJobs) as waiting:
        await studio.face.submit(BALL, there)
    assert (waiting.value.limit, waiting.value.in_server) == (2, True)
    assert (await studio.face.account(replace(ANN, place=OWN))).used == 2


async def test_nobody_gains_by_a_ceiling_above_their_tier(studio: Studio) -> None:
    every = frozenset({OperationKind.GENERATE, OperationKind.STORY})
    await lower(studio, max_seconds=99, max_resolution=4320, max_jobs=99, clips_per_month=9999, operations=every)
    eve = someone("5")
    before = (await studio.face.account(replace(eve, place=OWN))).tier
    after = (await studio.face.account(eve)).tier
    assert after.operations <= before.operations
    for field in fields(Ceiling):
        if field.name != "operations":
            assert getattr(after, field.name) == getattr(before, field.name), field.name
    with pytest.raises(ResolutionExceeded) as refused:
        await studio.face.submit(LARGE, eve)
    assert (refused.value.in_server, refused.value.lifted_by) == (False, "")  # pro has no more here


async def test_a_limit_that_is_the_tiers_own_names_who_lifts_it_here(studio: Studio) -> None:
    eve = replace(someone("5"), place=THIRD)
    with pytest.raises(ResolutionExceeded) as refused:
        await studio.face.submit(LARGE, eve)
    assert (refused.value.in_server, refused.value.lifted_by) == (False, "plus")


async def test_a_remix_of_what_was_made_elsewhere_keeps_within_what_holds_here(studio: Studio) -> None:
    large = await studio.make(LARGE, replace(ANN, place=OWN))
    with pytest.raises(ResolutionExceeded):
        await studio.face.submit(Remix(parent=large.id, instruction="blue"), ANN)


async def test_a_taken_back_ceiling_holds_no_more(studio: Studio) -> None:
    await lower(studio, max_seconds=1)
    await lower(studio)
    assert (await studio.face.policy(HOME)) == Policy()
    assert (await studio.face.account(ANN)).tier.max_seconds == 20


async def test_what_was_lowered_is_among_the_decisions_and_in_the_log(studio: Studio) -> None:
    await lower(studio, max_seconds=2, operations=frozenset({OperationKind.REMIX, OperationKind.AGAIN}))
    await lower(studio, max_seconds=2)
    entries = (await studio.operators.audit(AuditQuery(limit=2), operator())).entries
    assert [entry.after for entry in entries] == [{"max_seconds": 2}, {"max_seconds": 2, "operations": "again, remix"}]
    decided: Decisions = await studio.face.decisions(BOSS)
    assert decided.wish.ceiling == Ceiling(max_seconds=2)


@pytest.mark.parametrize(
    ("ceiling", "allowed"),
    [
        (Ceiling(max_seconds=0), "a number of seconds, more than 0"),
        (Ceiling(max_resolution=33), "an even number of pixels from 64"),
        (Ceiling(max_jobs=0), "at least 1"),
        (Ceiling(clips_per_month=-1), "at least 0"),
        (Ceiling(operations=frozenset()), "at least one of"),
        (Ceiling(watermark=False), "takes no watermark away"),
    ],
)
async def test_what_can_be_no_ceiling_is_refused(studio: Studio, ceiling: Ceiling, allowed: str) -> None:
    with pytest.raises(InvalidValue, match=allowed):
        await studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(ceiling=ceiling)), BOSS)
    assert (await studio.face.policy(HOME)) == Policy()


async def test_only_managers_lower_anything(studio: Studio) -> None:
    with pytest.raises(NotAllowed):
        await studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(ceiling=Ceiling(max_seconds=1))), ANN)


async def test_whoever_runs_the_deployment_is_under_no_ceiling(studio: Studio) -> None:
    await lower(studio, max_seconds=1)
    there = replace(operator(), place=HOME)
    assert (await studio.operators.account(there)).tier.max_seconds == 20


async def test_wrong_ceilings_of_the_operator_stop_the_start_and_are_all_named(tmp_path: Path) -> None:
    wrong = {"discord:7": {"max_seconds": -1, "weight": 3}, "slack:T": {"watermark": False}}
    with pytest.raises(ValueError, match="tier_ceilings") as refused:
        async with open_studio(tmp_path, tier_ceilings=wrong):
            pass
    assert [line.split(":")[0:2] for line in str(refused.value).splitlines()] == [
        ["tier_ceilings.discord", "7.max_seconds"],
        ["tier_ceilings.discord", "7.weight"],
        ["tier_ceilings.slack", "T.watermark"],
    ]
