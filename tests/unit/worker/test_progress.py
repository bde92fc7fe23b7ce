from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from inference.engines.port import Step
from inference.types import Stage
from inference.worker.progress import PREVIEW_BYTES, Meter, preview_webp
from tests.support.drafts import plan, recipe


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_fraction_never_falls_and_ends_near_one() -> None:
    meter = Meter(recipe(plan(), plan()))
    seen = []
    for piece in (0, 1):
        meter.begin_piece(piece)
        for stage, total in ((Stage.ENCODING, 1), (Stage.DENOISING, 4), (Stage.DECODING, 2)):
            for step in range(total + 1):
                meter.step(Step(stage=stage, step=step, total=total))
                seen.append(meter.now().fraction)
    meter.enter(Stage.PACKAGING)
    seen.append(meter.now().fraction)

    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[7] < 0.5 < seen[-2]
    assert 0.8 < seen[-1] < 1


def test_the_remaining_seconds_follow_the_pace_and_loading_does_not_count() -> None:
    clock = Clock()
    meter = Meter(recipe(), clock)
    clock.now += 60
    meter.enter(Stage.ENCODING)
    assert meter.now().eta_seconds is None
    clock.now += 10
    meter.step(Step(stage=Stage.DENOISING, step=2, total=4))

    progress = meter.now()
    assert progress.eta_seconds == pytest.approx(10 * (1 - progress.fraction) / progress.fraction, abs=0.01)


def test_between_two_steps_the_rest_runs_down_to_nothing() -> None:
    clock = Clock()
    meter = Meter(recipe(), clock)
    meter.enter(Stage.ENCODING)
    clock.now += 10
    meter.step(Step(stage=Stage.DENOISING, step=2, total=4))
    told = [meter.now().eta_seconds]
    for _ in range(2):
        clock.now += 10
        told.append(meter.now().eta_seconds)
    clock.now += 600
    assert told == [told[0], pytest.approx(told[0] - 10), pytest.approx(told[0] - 20)]  # type: ignore[operator]
    assert meter.now().eta_seconds == 0


def test_shares_follow_the_seconds_of_a_job_like_this_one() -> None:
    meter = Meter(recipe(), usual={Stage.LOADING: 99, Stage.DENOISING: 1, Stage.DECODING: 2, Stage.PACKAGING: 1})
    seen = []
    for stage in (Stage.LOADING, Stage.DENOISING, Stage.DECODING, Stage.PACKAGING):
        meter.enter(stage)
        seen.append(meter.now().fraction)

    assert seen == [0.0, 0.0, 0.25, 0.75]


def test_seconds_are_counted_by_stage_and_the_device_is_charged_without_loading() -> None:
    clock = Clock()
    meter = Meter(recipe(), clock)
    for stage, seconds in ((Stage.ENCODING, 5), (Stage.DENOISING, 1), (Stage.DECODING, 8), (Stage.DECODING, 3)):
        clock.now += seconds
        meter.enter(stage)
    clock.now += 2

    assert meter.seconds() == {Stage.LOADING: 5, Stage.ENCODING: 1, Stage.DENOISING: 8, Stage.DECODING: 5}
    assert meter.device_seconds == 14


def test_only_the_newest_preview_is_taken_and_not_too_often() -> None:
    clock = Clock()
    meter = Meter(recipe(), clock)
    for shade in (1, 2):
        meter.step(_preview(shade))
    first = meter.take_preview(1.0)
    meter.step(_preview(3))

    assert first is not None
    assert first[0, 0, 0] == 2
    assert meter.take_preview(1.0) is None
    clock.now += 1
    assert meter.take_preview(1.0) is not None
    assert meter.take_preview(1.0) is None


@pytest.mark.parametrize("shape", [(128, 224, 3), (2160, 3840, 3), (8, 12, 3)])
def test_a_preview_stays_small_even_where_it_is_noise(shape: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    data = preview_webp(noise)

    assert len(data) <= PREVIEW_BYTES
    assert Image.open(io.BytesIO(data)).format == "WEBP"


def _preview(shade: int) -> Step:
    return Step(stage=Stage.DENOISING, step=1, total=4, preview=np.full((4, 4, 3), shade, np.uint8))
