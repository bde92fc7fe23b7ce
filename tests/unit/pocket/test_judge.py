"""The judge itself: what is drawn is read as what it is, and a remix is measured for what it did."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from inference.pocket.judge.__main__ import counted, table
from inference.pocket.judge.joints import Joint, extension_joint, loop_seam
from inference.pocket.judge.prompts import LIST as HELD_OUT_LIST
from inference.pocket.judge.prompts import SCENES, held_out_prompts, known_prompts, lines
from inference.pocket.judge.reading import read
from inference.pocket.judge.remix import ATTRIBUTES, KINDS, compare, right, summary
from inference.pocket.judge.session import Score, found, instruction, plain
from inference.pocket.world import words
from inference.pocket.world.draw import draw_clip, draw_empty
from inference.pocket.world.sampling import held_out, sample_scene
from inference.pocket.world.scene import Camera, Canvas, Colour, Look, Motion, Scene, Setting, Weather
from inference.presets import load_presets
from inference.vocabulary import unknown_words

CANVAS = Canvas(width=224, height=128, frames=25)


def scene() -> Scene:
    plain = replace(sample_scene(np.random.default_rng(4)), companion=None, camera=Camera.STATIC)
    return replace(plain, colour=Colour.RED, motion=Motion.RISE, setting=Setting.SEA, look=Look.REALISTIC)


def drawn_well(count: int, canvas: Canvas, seed: int) -> Counter[str]:
    """How often each attribute of the list's scenes, drawn, is read right; `seed` picks the scenes."""
    scenes = [asked.scene for asked in held_out_prompts() if not asked.japanese]
    chosen = np.random.default_rng(seed).choice(len(scenes), count, replace=False)
    seen = (right(scenes[i], read(draw_clip(scenes[i], canvas), canvas.fps)) for i in chosen)
    return Counter(name for one in seen for name, good in one.items() if good)


def test_drawn_clips_are_read_as_what_they_are() -> None:
    count = 12
    well = drawn_well(count, CANVAS, 0)
    assert min(well[name] for name in ATTRIBUTES) >= count - 1, well


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_detectors_are_right_in_99_of_100_drawn_clips() -> None:
    well = drawn_well(300, replace(CANVAS, frames=49), 1)
    assert min(well[name] for name in ATTRIBUTES) >= 0.99 * 300, well


def test_a_place_without_a_subject_is_read_as_such() -> None:
    seen = read(draw_empty(scene(), CANVAS))
    assert (seen.setting, seen.daytime, seen.subject) == (scene().setting, scene().daytime, None)


def test_noise_shows_no_subject() -> None:
    assert read(np.random.default_rng(0).integers(0, 256, (5, 128, 224, 3), dtype=np.uint8)).subject is None


@pytest.mark.parametrize("camera", [Camera.PAN_LEFT, Camera.PAN_DOWN, Camera.ZOOM_IN, Camera.ZOOM_OUT])
def test_the_camera_is_told_from_the_subject(camera: Camera) -> None:
    moved = replace(scene(), camera=camera, setting=Setting.CITY)
    seen = read(draw_clip(moved, CANVAS))
    assert (seen.camera, seen.motion, seen.setting) == (camera, Motion.RISE, Setting.CITY)


@pytest.mark.parametrize("weather", Weather)
def test_the_weather_is_seen(weather: Weather) -> None:
    seen = read(draw_clip(replace(scene(), weather=weather), CANVAS))
    assert (seen.weather, seen.colour, seen.setting) == (weather, Colour.RED, Setting.SEA)


@pytest.mark.parametrize(
    ("changes", "effect", "kept", "path"),
    [
        ({"colour": Colour.BLUE}, 1.0, 1.0, 1.0),
        ({}, 0.0, 1.0, 1.0),
        ({"colour": Colour.BLUE, "motion": Motion.FALL}, 1.0, 0.0, 0.0),
        ({"colour": Colour.BLUE, "look": Look.ANIME}, 1.0, 0.0, 1.0),
    ],
    ids=["as asked", "colour missed", "path lost", "look changed"],
)
def test_a_remix_is_judged_by_what_it_changes_and_keeps(
    changes: dict[str, object], effect: float, kept: float, path: float
) -> None:
    wanted = replace(scene(), colour=Colour.BLUE)
    clips = [draw_clip(scene(), CANVAS), draw_clip(replace(scene(), **changes), CANVAS)]  # type: ignore[arg-type]
    before, after = ((clip, read(clip)) for clip in clips)
    told = summary([compare("colour", wanted, before, after)])
    assert (told["effect"], told["kept"], told["path kept"]) == (effect, kept, path)


def test_a_loop_that_jumps_is_told_from_one_that_closes() -> None:
    circle = draw_clip(replace(scene(), motion=Motion.BOUNCE, offset=0.5), replace(CANVAS, frames=25))
    closed = loop_seam(circle[:1], circle)
    assert closed.given < 1
    assert closed.jump < 2
    way = draw_clip(replace(scene(), motion=Motion.RISE), CANVAS)
    open_end = loop_seam(way[:1], way)
    assert open_end.jump > 4
    assert open_end.given > 5


def test_an_extension_that_goes_on_is_told_from_one_that_starts_elsewhere() -> None:
    whole = draw_clip(scene(), replace(CANVAS, frames=41))
    good, bad = extension_joint(whole[:9], whole), extension_joint(whole[:9], whole[20:])
    assert good.given == 0
    assert 0.3 < good.jump < 2
    assert bad.given > 3
    assert bad.jump > 3


def test_the_list_is_the_committed_rules_own_and_nothing_of_it_is_trained_on() -> None:
    prompts = held_out_prompts()
    assert len(prompts) == 2 * SCENES >= 500
    assert all(held_out(asked.scene) for asked in prompts)
    assert [asked.japanese for asked in prompts[:4]] == [False, True, False, True]
    committed = HELD_OUT_LIST.read_text(encoding="utf-8").splitlines()
    assert [line.split('"scene"')[1] for line in lines(20)] == [line.split('"scene"')[1] for line in committed[:20]]


def test_prompts_leave_nothing_open_that_is_judged() -> None:
    for asked in held_out_prompts():
        if not asked.japanese:
            assert any(word in asked.prompt for word in words.COLOURS[asked.scene.colour])
            assert any(word in asked.prompt for word in words.PLACES[asked.scene.setting])
            spoken = any(word in asked.prompt for word in words.LOOKS[asked.scene.look])
            assert spoken or asked.scene.look is Look.REALISTIC


def test_a_model_of_a_smaller_world_can_be_judged_by_what_it_knows() -> None:
    folder = HELD_OUT_LIST.parents[1] / "model"
    world = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))["world"]
    prompts = known_prompts(folder, 12)
    assert [asked.japanese for asked in prompts[:2]] == [False, True]
    for asked in prompts:
        assert held_out(asked.scene)
        assert (asked.scene.subject in world["subject"], asked.scene.look in world["look"]) == (True, True)
        assert unknown_words(load_presets().get("pocket"), asked.prompt) == ()


def test_scores_are_told_by_language_and_what_went_wrong_is_named() -> None:
    prompts = held_out_prompts()[:4]
    scores = [
        Score(asked=asked, right={name: name != "look" or not asked.japanese for name in ATTRIBUTES})
        for asked in prompts
    ]
    told = found(scores, [], [], {"loop seam": [Joint(given=0.5, jump=1.5)]})
    assert (told["english"]["look"], told["japanese"]["look"], told["all"]["look"]) == (1.0, 0.0, 0.5)  # type: ignore[index]
    assert told["wrong"] == [f"{asked.prompt}: look" for asked in prompts if asked.japanese]
    lines = table(told).splitlines()
    assert lines[0] == "4 held-out prompts"
    assert any(line.startswith("loop seam") and "jump 1.5" in line for line in lines)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", KINDS)
def test_there_is_an_instruction_of_every_kind_to_every_scene(kind: str) -> None:
    """Also where what it leads from is held out as well: a time of day does not decide that."""
    rng = np.random.default_rng(3)
    for asked in held_out_prompts()[:60]:
        after = plain(rng, [asked.scene])
        before = instruction(kind, after, rng).before
        assert getattr(before, kind) != getattr(after, kind)


def test_a_long_judging_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(counted("prompts", range(25))) == list(range(25))
    assert capsys.readouterr().err.split("\n") == ["prompts: 10", "prompts: 20", ""]
