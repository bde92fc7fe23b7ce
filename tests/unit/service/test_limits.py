"""The limits of tiers, whatever the tiers are."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import (
    LimitExceeded,
    RateExceeded,
    ReferencesExceeded,
    SecondsExceeded,
    UploadBytesExceeded,
    UploadTooLarge,
)
from inference.limits import (
    CHARGED_SECONDS,
    admission_limits,
    check_references,
    check_seconds,
    check_upload,
    clips_charged,
    lifted_by,
)
from inference.tiers import load_tiers
from inference.types import Ceiling, MediaRef, OperationKind, Recipe, SourceRange, Tier
from tests.unit.storage.conftest import recipe

TIERS = load_tiers()
FREE, PLUS, PRO = TIERS.tiers.values()
FPS = st.integers(1, 60)


# --- What the month is charged


@given(fps=FPS, frames=st.integers(1, 100_000))
def test_a_clip_is_charged_for_every_started_twenty_seconds(fps: int, frames: int) -> None:
    charged = clips_charged(recipe(fps=fps, num_frames=frames))
    assert charged >= 1
    assert (charged - 1) * CHARGED_SECONDS * fps < frames <= charged * CHARGED_SECONDS * fps


@given(fps=FPS, clips=st.integers(1, 50))
def test_the_charge_rises_with_the_first_frame_beyond_not_before(fps: int, clips: int) -> None:
    whole = clips * CHARGED_SECONDS * fps
    assert [clips_charged(recipe(fps=fps, num_frames=whole + more)) for more in (-1, 0, 1)] == [clips, clips, clips + 1]


@given(frames=st.integers(1, 10_000), more=st.integers(0, 10_000))
def test_longer_never_costs_less_and_in_parts_never_less_than_whole(frames: int, more: int) -> None:
    short, rest, whole = (clips_charged(recipe(num_frames=n)) for n in (frames, max(1, more), frames + more))
    assert short <= whole <= short + rest


@given(frames=st.integers(1, 10_000), pieces=st.integers(1, 4))
def test_a_recut_costs_no_clip_and_one_new_piece_makes_it_cost(frames: int, pieces: int) -> None:
    source = SourceRange(media=MediaRef(blob="clip_a/1/master.mp4", count=frames))
    cut: Recipe = recipe(pieces=(source,) * pieces, num_frames=frames)
    assert clips_charged(cut) == 0
    assert clips_charged(replace(cut, pieces=(*cut.pieces, *recipe().pieces))) >= 1


def test_a_story_of_a_minute_costs_three() -> None:
    assert [clips_charged(recipe(fps=24, num_frames=24 * seconds)) for seconds in (5, 20, 21, 40, 60)] == [
        1,
        1,
        2,
        2,
        3,
    ]


# --- Ceilings


def limits() -> st.SearchStrategy[dict[str, Any]]:
    positive = st.integers(1, 1000)
    return st.fixed_dictionaries(
        {},
        optional={
            "clips_per_month": positive,
            "max_seconds": st.floats(0.5, 1000),
            "story_seconds": st.floats(0.5, 1000),
            "max_resolution": positive,
            "watermark": st.booleans(),
            "operations": st.frozensets(st.sampled_from(OperationKind)),
            "max_jobs": positive,
            "max_upload_bytes": positive,
            "max_references": positive,
            "requests_per_minute": positive,
        },
    )


def allows_no_more(one: Tier, other: Tier) -> bool:
    """Field by field, in words of its own."""
    for field in fields(Ceiling):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        match field.name:
            case "watermark":
                fits = mine or not theirs
            case "operations":
                fits = mine <= theirs
            case _:
                fits = theirs is None or (mine is not None and mine <= theirs)
        if not fits:
            return False
    return True


@given(own=limits(), ceiling=limits())
def test_under_a_ceiling_nobody_may_more_than_their_tier_or_than_the_ceiling(
    own: dict[str, Any], ceiling: dict[str, Any]
) -> None:
    tier = replace(PRO, **own)
    lowered = tier.under(Ceiling(**ceiling))
    assert allows_no_more(lowered, tier)
    assert allows_no_more(
        lowered, replace(lowered, **{name: value for name, value in ceiling.items() if value is not False})
    )
    assert (lowered.name, lowered.weight) == (tier.name, tier.weight)


@given(own=limits(), one=limits(), other=limits())
def test_ceilings_hold_together_in_any_order(own: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> None:
    tier, first, second = replace(PRO, **own), Ceiling(**one), Ceiling(**other)
    assert tier.under(first).under(second) == tier.under(second).under(first)
    assert tier.under(first).under(first) == tier.under(first)
    assert tier.under(Ceiling()) == tier


# --- What is asked for


@pytest.mark.parametrize(
    ("length", "tier", "lifting"), [(5_242_881, FREE, "plus"), (10_485_761, PLUS, "pro"), (20_971_521, PRO, None)]
)
def test_a_tiers_largest_file_and_one_byte_more(length: int, tier: Tier, lifting: str | None) -> None:
    check_upload(length - 1, most=20_971_520, tier=tier, tiers=TIERS)
    with pytest.raises((UploadBytesExceeded, UploadTooLarge)) as refused:
        check_upload(length, most=20_971_520, tier=tier, tiers=TIERS)
    assert getattr(refused.value, "lifted_by", None) == lifting


def test_nobody_is_sent_to_a_tier_for_a_file_that_this_deployment_takes_of_nobody() -> None:
    with pytest.raises(UploadTooLarge):
        check_upload(6_000_000, most=5_500_000, tier=FREE, tiers=TIERS)


def test_references_of_a_clip_are_counted() -> None:
    check_references(2, tier=PLUS, tiers=TIERS)
    with pytest.raises(ReferencesExceeded) as refused:
        check_references(3, tier=PLUS, tiers=TIERS)
    assert (refused.value.limit, refused.value.asked, refused.value.lifted_by) == (2, 3, "pro")


def test_a_story_may_be_longer_than_a_clip() -> None:
    check_seconds(60, tier=PRO, tiers=TIERS, kind=OperationKind.STORY)
    for seconds, kind in ((61, OperationKind.STORY), (21, OperationKind.GENERATE)):
        with pytest.raises(SecondsExceeded) as refused:
            check_seconds(seconds, tier=PRO, tiers=TIERS, kind=kind)
        assert refused.value.lifted_by == ""
    with pytest.raises(SecondsExceeded) as refused:
        check_seconds(7, tier=FREE, tiers=TIERS, kind=OperationKind.GENERATE)
    assert refused.value.lifted_by == "plus"


def test_the_transaction_gets_the_tiers_limits() -> None:
    limits = admission_limits(PLUS, None)
    assert (limits.clips_per_month, limits.max_jobs, limits.requests_per_minute) == (50, 2, 30)


@pytest.mark.parametrize(("own", "lifting"), [(FREE, "plus"), (PLUS, "pro"), (PRO, "")])
def test_the_tier_that_takes_more_requests_a_minute_is_named(own: Tier, lifting: str) -> None:
    assert own.requests_per_minute is not None
    refusal: LimitExceeded = RateExceeded(tier=own.name, limit=own.requests_per_minute, retry_after=3)
    assert lifted_by(refusal, own, TIERS) == lifting
