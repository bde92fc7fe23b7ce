"""Captions say what is drawn, and the tokenizer keeps what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from inference.pocket.training.config import Training
from inference.pocket.training.tokenizer import load_tokenizer, train_tokenizer
from inference.pocket.world import captions, words
from inference.pocket.world.scene import Colour, Motion, sample_scene


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(1, texts=4000)


def test_english_captions_name_subject_and_colour_and_nothing_else_of_their_kind() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        scene = sample_scene(rng)
        said = captions.describe(scene, rng)
        assert any(noun in said for noun in words.NOUNS[scene.subject])
        others = [colour.value for colour in Colour if colour is not scene.colour]
        assert not any(f" {other} " in f" {said.replace(',', ' ')} " for other in others)


def test_directions_are_never_confused() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        scene = sample_scene(rng)
        said, ja = captions.describe(scene, rng), captions.describe_ja(scene, rng)
        assert ("left" in said.split() or "left," in said.split()) <= (scene.motion is Motion.LEFT)
        assert ("左" in ja) <= (scene.motion is Motion.LEFT)
        assert ("右" in ja) <= (scene.motion is Motion.RIGHT)


def test_an_instruction_names_what_the_clip_shows() -> None:
    rng = np.random.default_rng(3)
    scene = sample_scene(rng)
    seen = {text for text in (captions.caption(scene, rng) for _ in range(2000)) if ". " in text}
    asked = {text for text in seen if text.endswith((f"make it {scene.colour.value}", f"turn it {scene.colour.value}"))}
    assert asked
    # The caption before the instruction names another colour, if any.
    assert not any(f" {scene.colour.value} {scene.subject.value}" in text for text in asked if text.count(". ") == 1)


def test_captions_repeat_with_the_seed() -> None:
    assert captions.corpus(5, 20) == captions.corpus(5, 20)


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


@pytest.mark.parametrize("warm", [True, False], ids=["from the shipped weights", "from nothing"])
def test_changed_captions_leave_the_words_of_trained_weights_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    config = Training(folder=tmp_path, warm=warm)
    before = load_tokenizer(config).get_vocab()
    shipped = PreTrainedTokenizerFast.from_pretrained(config.model / "tokenizer").get_vocab()
    assert (before == shipped) == warm
    monkeypatch.setattr(captions, "INSTRUCTED", 0.9)
    assert train_tokenizer(config.seed).get_vocab() != before
    assert load_tokenizer(config).get_vocab() == before
