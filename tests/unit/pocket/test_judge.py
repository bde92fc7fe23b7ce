"""The judge itself: what is drawn is read as what it is, and a remix is measured for what it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from inference.pocket.judge.__main__ import ATTRIBUTES, asked, score
from inference.pocket.judge.reading import read
from inference.pocket.judge.remix import compare, summary
from inference.pocket.world.draw import draw_clip, draw_empty
from inference.pocket.world.scene import Canvas, Colour, Look, Motion, Scene, sample_scene

CANVAS = Canvas(width=224, height=128, frames=13)


def test_drawn_clips_are_read_as_what_they_are() -> None:
    rng, right, count = np.random.default_rng(11), Counter[str](), 12
    for _ in range(count):
        scene = sample_scene(rng)
        right.update(name for name, good in score(scene, read(draw_clip(scene, CANVAS))).items() if good)
    assert min(right[name] for name in ATTRIBUTES) >= count - 1, right


def scene() -> Scene:
    return replace(sample_scene(np.random.default_rng(4)), colour=Colour.RED, motion=Motion.RISE)


def test_a_place_without_a_subject_is_read_as_such() -> None:
    seen = read(np.repeat(draw_empty(scene(), CANVAS), 13, axis=0))
    assert (seen.setting, seen.daytime, seen.subject) == (scene().setting, scene().daytime, None)


def test_noise_shows_no_subject() -> None:
    assert read(np.random.default_rng(0).integers(0, 256, (5, 128, 224, 3), dtype=np.uint8)).subject is None


@pytest.mark.parametrize(
    ("changes", "colour", "path"),
    [
        ({"colour": Colour.BLUE}, 1.0, 1.0),
        ({}, 0.0, 1.0),
        ({"colour": Colour.BLUE, "motion": Motion.FALL}, 1.0, 0.0),
    ],
    ids=["as asked", "colour missed", "path lost"],
)
def test_a_remix_is_judged_by_its_colour_and_its_path(changes: dict[str, object], colour: float, path: float) -> None:
    before = draw_clip(scene(), CANVAS)
    after = draw_clip(replace(scene(), **changes), CANVAS)  # type: ignore[arg-type]
    found = summary([compare(0, Colour.BLUE, (before, read(before)), after)])
    assert (found["colour"], found["path"], found["subject kept"]) == (colour, path, 1.0)
    assert found["background change"] < 3


def test_prompts_say_everything_and_come_in_both_languages() -> None:
    told = list(asked(12))
    assert [japanese for *_, japanese in told].count(True) == 3
    assert all(scene.colour.value in text for scene, text, japanese in told if not japanese)
    assert all(scene.look is not Look.ANIME or "anime" in text for scene, text, japanese in told if not japanese)
