"""What the small built-in model has never seen is named, and what it knows is not."""

import json

import pytest

from inference.operations import Parent, plan
from inference.presets import load_presets
from inference.tokens import ROOT
from inference.types import Generate, Remix
from inference.vocabulary import FILE, unknown_words
from tests.unit.service.test_operations import LATENTS, RULES, asker, clip_of

PRESETS = load_presets()
POCKET = PRESETS.get("pocket")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("a dragon in Kyoto", ("dragon", "Kyoto")),
        ("京都の上を飛ぶ赤いドラゴン", ("京都", "飛", "ドラゴン")),
        ("a red ball rising over the sea", ()),
        ("Two RED balls, rising over the sea!", ()),
        ("please make it blue", ()),
        ("a hot-air balloon at sunset, 2 s", ()),
        ("夜の海を右へ動く緑の星", ()),
        ("赤いボール. 青くして", ()),
        ("ＤＲＡＧＯＮ", ("DRAGON",)),
        ("дракон", ("дракон",)),
        ("a dragon and a dragon", ("dragon",)),
        ("un café à Paris", ("café", "Paris")),
        ("🐉", ()),
    ],
)
def test_words_outside_the_world_are_named(text: str, unknown: tuple[str, ...]) -> None:
    assert unknown_words(POCKET, text) == unknown


def test_a_long_list_is_cut() -> None:
    assert len(unknown_words(POCKET, "dragons wizards castles knights queens kings")) == 4


def test_every_word_that_the_model_knows_is_known() -> None:
    words = json.loads((ROOT / POCKET.source / FILE).read_text(encoding="utf-8"))["words"]
    assert unknown_words(POCKET, " ".join(words["en"])) == ()
    assert unknown_words(POCKET, "、".join(words["ja"])) == ()


def test_a_model_without_a_list_knows_the_world() -> None:
    assert unknown_words(PRESETS.get("ltx-2b"), "a dragon in Kyoto") == ()


def test_it_is_said_once_in_a_family_of_clips() -> None:
    first = plan(Generate(prompt="a dragon over the sea"), asker(), RULES)
    assert first.unknown_words == ("dragon",)
    parent = Parent(clip=clip_of(first), latents=LATENTS)
    for instruction, unknown in (("make it blue", ()), ("put a wizard on it", ("wizard",))):
        child = plan(Remix(parent=parent.clip.id, instruction=instruction), asker(), RULES, parent=parent)
        assert child.unknown_words == unknown
        assert child.pieces
