"""Captions say what is drawn, and the tokenizer keeps what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from inference.pocket.training.config import Training
from inference.pocket.training.tokenizer import knows_all, load_tokenizer, train_tokenizer
from inference.pocket.world import orders, words, words_ja
from inference.pocket.world.captions import ALL, describe, describe_ja, usual
from inference.pocket.world.orders import corpus, order, tell
from inference.pocket.world.sampling import held_out, sample_scene
from inference.pocket.world.scene import Camera, Colour, Look, Motion, Speed, Weather


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(1, texts=4000)


def sides(text: str) -> set[str]:
    return set(text.replace(",", " ").split()) & {"left", "right"}


def test_english_captions_name_subject_and_colour_and_nothing_else_of_their_kind() -> None:
    rng = np.random.default_rng(1)
    for _ in range(400):
        scene = sample_scene(rng)
        said = describe(scene, rng)
        assert any(noun in said for noun in words.NOUNS[scene.subject])
        shown = {scene.colour} | ({scene.companion.colour} if scene.companion else set())
        others = [word for colour in Colour if colour not in shown for word in words.COLOURS[colour]]
        assert not any(f" {other} " in f" {said.replace(',', ' ')} " for other in others)


def test_directions_are_never_confused() -> None:
    rng = np.random.default_rng(2)
    ways = {Motion.LEFT: "left", Motion.RIGHT: "right"}
    pans = {Camera.PAN_LEFT: "left", Camera.PAN_RIGHT: "right"}
    for _ in range(400):
        scene = sample_scene(rng)
        motions = {scene.motion} | ({scene.companion.motion} if scene.companion else set())
        true = {ways[motion] for motion in motions & set(ways)} | {pans[c] for c in {scene.camera} & set(pans)}
        assert sides(describe(scene, rng)) <= true
        ja = describe_ja(scene, rng)
        assert {side for side, sign in (("left", "左"), ("right", "右")) if sign in ja} <= true


def test_a_caption_of_everything_leaves_nothing_open() -> None:
    rng = np.random.default_rng(7)
    for _ in range(300):
        scene = sample_scene(rng)
        english, japanese = describe(scene, rng, ALL), describe_ja(scene, rng, ALL)
        assert any(word in english for word in words.LOOKS[scene.look])
        assert any(word in japanese for word in words_ja.LOOKS[scene.look])
        assert any(word in english for word in words.PLACES[scene.setting])
        assert any(word in english for word in words.AIRS[scene.weather])
        assert any(word in japanese for word in words_ja.SHOTS[scene.camera])
        if scene.companion is not None:
            assert any(word in english for word in words.NOUNS[scene.companion.subject])
            assert any(word in japanese for word in words_ja.NOUNS[scene.companion.subject])
        if scene.speed is not Speed.NORMAL and scene.motion is not Motion.STILL:
            assert any(word in english for word in words.ADVERBS[scene.speed])
            assert any(word in japanese for word in words_ja.ADVERBS[scene.speed])


def test_what_is_understood_anyway_is_not_said() -> None:
    rng = np.random.default_rng(8)
    for _ in range(300):
        scene = sample_scene(rng)
        said = usual(scene)
        assert said.look == (scene.look is not Look.REALISTIC)
        assert said.weather == (scene.weather is not Weather.CLEAR)
        assert said.camera == (scene.camera is not Camera.STATIC)


def test_a_recolouring_names_what_the_clip_shows() -> None:
    rng = np.random.default_rng(3)
    for _ in range(100):
        scene = sample_scene(rng)
        made = order(scene, rng, (orders.recolour,)) if scene.companion is None else None
        if made is not None:
            assert any(word in made.english for word in words.COLOURS[scene.colour])
            assert words_ja.COLOURS[scene.colour][1] in made.japanese
            assert made.before.colour is not scene.colour
            assert not any(f" {word} " in f" {made.english} " for word in words.COLOURS[made.before.colour])


def test_every_instruction_changes_something_and_starts_from_nothing_held_out() -> None:
    rng = np.random.default_rng(5)
    for _ in range(600):
        scene = sample_scene(rng)
        told = tell(scene, rng)
        assert (told.parent is not None) == (". " in told.text)
        if told.parent is not None:
            assert told.parent != scene
            assert not held_out(told.parent)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return corpus(11, 20_000)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("make it blue", ""),
        ("make it rain", ""),
        ("slower", ""),
        ("zoom in", ""),
        ("add a", "boat"),
        ("remove the", "cat"),
        ("夜にして", ""),
        ("もっと遅く", ""),
        ("青くして", ""),
        ("雨にして", ""),
        ("アニメ風にして", ""),
    ],
)
def test_the_instructions_people_give_are_taught(told: list[str], begin: str, end: str) -> None:
    last = [text.rpartition(". ")[2] for text in told if ". " in text]
    assert any(text == begin or (end and text.startswith(begin) and text.endswith(end)) for text in last)


def test_captions_repeat_with_the_seed() -> None:
    assert corpus(5, 20) == corpus(5, 20)


@pytest.mark.parametrize("text", ["a red ball rising over the sea. make it blue", "夜の海を昇る赤いボール"])
def test_both_languages_round_trip(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    ids = tokenizer(text).input_ids
    assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True).strip() == text


def test_case_and_width_do_not_matter(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer("Ａ ＲＥＤ Ball").input_ids == tokenizer("a red ball").input_ids


def test_unknown_letters_become_bytes(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.unk_token_id not in tokenizer("a dragon in Kyōto 🐉").input_ids


@pytest.fixture
def shipping(tmp_path: Path) -> Training:
    """A machine where a model of this world is shipped."""
    config = Training(folder=tmp_path / "run", model=tmp_path / "shipped")
    train_tokenizer(7, texts=4000).save_pretrained(config.model / "tokenizer")
    return config


@pytest.mark.parametrize("warm", [True, False], ids=["from the shipped weights", "from nothing"])
def test_changed_captions_leave_the_words_of_trained_weights_alone(
    shipping: Training, monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    config = replace(shipping, warm=warm)
    before = load_tokenizer(config).get_vocab()
    shipped = PreTrainedTokenizerFast.from_pretrained(config.model / "tokenizer").get_vocab()
    assert (before == shipped) == warm
    monkeypatch.setattr(orders, "INSTRUCTED", 0.9)
    assert train_tokenizer(config.seed).get_vocab() != before
    assert load_tokenizer(config).get_vocab() == before


def test_a_tokenizer_that_lacks_characters_of_the_captions_is_replaced(shipping: Training) -> None:
    small = Training().model / "tokenizer"
    assert not knows_all(PreTrainedTokenizerFast.from_pretrained(small))
    assert knows_all(PreTrainedTokenizerFast.from_pretrained(shipping.model / "tokenizer"))
    earlier = replace(shipping, model=small.parent)
    assert knows_all(load_tokenizer(earlier))
