"""How often one may be refused."""

from dataclasses import replace

import pytest

from inference.errors import PromptEmpty, RateExceeded
from inference.service.pace import Pace
from inference.tiers import TierTable, load_tiers
from inference.types import MemberId
from tests.support.clock import Clock

FREE = replace(load_tiers().lowest, requests_per_minute=3)
TIERS = TierTable(tiers={"free": FREE, "plus": replace(FREE, name="plus", requests_per_minute=4)})
ANN, BOB = MemberId("ann"), MemberId("bob")


def test_who_is_refused_too_often_waits_until_the_oldest_is_a_minute_old() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(3):
        pace.check(ANN, FREE, TIERS)
        pace.refused(ANN, PromptEmpty())
        clock.pass_(10)
    with pytest.raises(RateExceeded) as told:
        pace.check(ANN, FREE, TIERS)
    assert (told.value.limit, told.value.retry_after, told.value.lifted_by) == (3, 30, "plus")
    pace.check(BOB, FREE, TIERS)
    pace.check(ANN, TIERS.get("plus"), TIERS)
    clock.pass_(29.9)
    with pytest.raises(RateExceeded):
        pace.check(ANN, FREE, TIERS)
    clock.pass_(0.1)
    pace.check(ANN, FREE, TIERS)


def test_asking_on_while_one_is_to_wait_makes_it_no_longer() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(3):
        pace.refused(ANN, PromptEmpty())
    clock.pass_(59)
    with pytest.raises(RateExceeded) as told:
        pace.check(ANN, FREE, TIERS)
    pace.refused(ANN, told.value)
    clock.pass_(1)
    pace.check(ANN, FREE, TIERS)


def test_a_tier_without_the_limit_is_not_counted() -> None:
    pace = Pace()
    for _ in range(100):
        pace.refused(ANN, PromptEmpty())
    pace.check(ANN, replace(FREE, requests_per_minute=None), TIERS)
