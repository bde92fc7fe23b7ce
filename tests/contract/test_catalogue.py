"""What Catalogue promises, whichever implementation serves it."""

from inference.types import OperationKind
from tests.support.studio import Studio


async def test_the_offer_names_models_and_tiers(studio: Studio) -> None:
    offer = await studio.face.offer()
    assert offer.presets[0].name == "pocket"
    assert offer.presets[0].max_seconds == 5
    assert {OperationKind.GENERATE, OperationKind.REMIX} <= offer.operations
    assert [tier.name for tier in offer.tiers] == ["free", "plus", "pro"]


async def test_the_offer_says_which_tier_lifts_a_limit(studio: Studio) -> None:
    offer = await studio.face.offer()
    assert offer.lifting("free", OperationKind.BLEND) == "pro"
    assert offer.lifting("pro", OperationKind.BLEND) == ""
    assert offer.lifting("free", OperationKind.REMIX) == ""
