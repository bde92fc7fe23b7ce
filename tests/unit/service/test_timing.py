"""What stages take: by a preset's figures, and by what its last job took."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.presets import load_presets
from inference.timing import Paces, predicted_seconds, predicted_stages
from inference.types import MediaRef, Size, SourceRange, Stage, Start
from tests.support.drafts import plan, recipe

POCKET = load_presets().get("pocket")
SHORT, LONG = recipe(plan(num_frames=13), num_frames=13), recipe(plan(num_frames=61), num_frames=61)


def test_rendering_follows_the_frames_and_only_denoising_the_strength() -> None:
    short, long = predicted_stages(SHORT, POCKET), predicted_stages(LONG, POCKET)
    for stage in (Stage.DENOISING, Stage.DECODING, Stage.PACKAGING):
        assert long[stage] / short[stage] == pytest.approx(61 / 13)
    remix = predicted_stages(recipe(replace(plan(), start=Start(media=MediaRef(blob="x"), strength=0.5))), POCKET)
    assert remix[Stage.DENOISING] == pytest.approx(short[Stage.DENOISING] / 2)
    assert remix[Stage.DECODING] == short[Stage.DECODING]


def test_packaging_follows_the_delivered_size_alone() -> None:
    large = predicted_stages(replace(LONG, size=Size(width=256, height=128)), POCKET)
    small = predicted_stages(LONG, POCKET)
    assert large[Stage.PACKAGING] == pytest.approx(4 * small[Stage.PACKAGING])
    assert {**large, Stage.PACKAGING: 0} == {**small, Stage.PACKAGING: 0}


def test_what_is_not_rendered_is_only_packaged() -> None:
    cut = predicted_stages(recipe(SourceRange(media=MediaRef(blob="x"))), POCKET)
    assert (cut[Stage.DENOISING], cut[Stage.DECODING]) == (0, 0)
    assert cut[Stage.PACKAGING] > 0


def test_a_job_of_another_shape_shares_its_time_out_as_the_last_one_did() -> None:
    paces = Paces()
    assert paces.usual(LONG, POCKET) == predicted_stages(LONG, POCKET)
    slow = {stage: 3 * seconds for stage, seconds in predicted_stages(SHORT, POCKET).items()}
    paces.learn(SHORT, POCKET, slow | {Stage.LOADING: 99.0})
    assert sum(paces.usual(LONG, POCKET).values()) == pytest.approx(3 * predicted_seconds(LONG, POCKET))
