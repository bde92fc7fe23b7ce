import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from inference.errors import (
    InvalidValue,
    LatentsGone,
    OperationNotInTier,
    PromptEmpty,
    PromptTooLong,
    RequestRejected,
    SecondsExceeded,
    Unsupported,
)
from inference.operations import (
    Asker,
    Image,
    Parent,
    Rules,
    clean_prompt,
    clean_text,
    joined,
    media_of,
    plan,
)
from inference.presets import PresetTable, load_presets
from inference.tiers import load_tiers
from inference.tokens import ROOT, token_counter
from inference.types import (
    Again,
    AspectRatio,
    Clip,
    Generate,
    JobId,
    MediaRef,
    MemberId,
    MemberSettings,
    Operation,
    OperationKind,
    Place,
    Recipe,
    Remix,
    RenderPlan,
    Shape,
    SourceRange,
)
from tests.support.tiny_ltx import PRESET_TOML

PRESETS, TIERS = load_presets(), load_tiers()
RULES = Rules(presets=PRESETS, tiers=TIERS, max_prompt_characters=2000)
LATENTS = MediaRef(blob="clip_a/1/latents.safetensors")
WIDE, TALL, SQUARE = AspectRatio


def asker(tier: str = "pro", wishes: MemberSettings | None = None) -> Asker:
    return Asker(tier=TIERS.get(tier), wishes=wishes or MemberSettings(), fresh_seed=99)


def recipe_of(operation: Operation, tier: str = "pro", rules: Rules = RULES, **given: object) -> Recipe:
    return plan(operation, asker(tier), rules, **given)  # type: ignore[arg-type]


def only_plan(recipe: Recipe) -> RenderPlan:
    (piece,) = recipe.pieces
    assert isinstance(piece, RenderPlan)
    return piece


def clip_of(recipe: Recipe) -> Clip:
    return Clip(
        id=JobId("clip_a"),
        member=MemberId("m"),
        author="Ann",
        parent=None,
        root=JobId("clip_a"),
        text=recipe.prompt,
        recipe=recipe,
        size=recipe.size,
        native_size=recipe.native_size,
        num_frames=recipe.num_frames,
        fps=recipe.fps,
        seed=recipe.seed,
        preset=recipe.preset,
        private=False,
        place=Place(platform="cli"),
        video_bytes=1,
        created_at=datetime.now(UTC),
        seconds_taken=1,
    )


def parent_of(operation: Operation, latents: MediaRef | None = LATENTS, tier: str = "pro") -> Parent:
    return Parent(clip=clip_of(recipe_of(operation, tier)), latents=latents)


# --- What preset and tier allow


def without(kind: OperationKind) -> Rules:
    pocket = replace(PRESETS.get("pocket"), operations=PRESETS.get("pocket").operations - {kind})
    presets = {**PRESETS.presets, "pocket": pocket}
    return replace(RULES, presets=PresetTable(presets=presets, default="pocket"))


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (Generate(prompt="a"), OperationKind.GENERATE),
        (Generate(prompt="a", image=MediaRef(blob="x")), OperationKind.ANIMATE),
    ],
)
def test_what_a_preset_cannot_do_names_one_that_can(operation: Operation, kind: OperationKind) -> None:
    with pytest.raises(Unsupported) as refused:
        recipe_of(operation, rules=without(kind), image=Image(media=MediaRef(blob="x")))
    assert (refused.value.preset, refused.value.capability) == ("pocket", kind)
    assert refused.value.presets == "ltx-2b, ltx-13b"


def test_a_child_of_a_preset_that_cannot_is_refused() -> None:
    parent = parent_of(Generate(prompt="a"))
    with pytest.raises(Unsupported, match="remix"):
        recipe_of(Remix(parent=parent.clip.id, instruction="b"), rules=without(OperationKind.REMIX), parent=parent)
    with pytest.raises(Unsupported, match="again"):
        recipe_of(Again(parent=parent.clip.id), rules=without(OperationKind.AGAIN), parent=parent)


def test_what_a_tier_does_not_include_names_the_one_that_does() -> None:
    with pytest.raises(OperationNotInTier) as refused:
        recipe_of(Generate(prompt="a", image=MediaRef(blob="x")), "free", image=Image(media=MediaRef(blob="x")))
    assert (refused.value.operation, refused.value.lifted_by) == ("animate", "plus")


def test_the_watermark_is_the_tiers() -> None:
    assert recipe_of(Generate(prompt="a"), "free").watermark
    assert not recipe_of(Generate(prompt="a"), "plus").watermark


# --- Remix and again


def test_a_remix_of_a_remix_appends_and_starts_from_its_own_parent() -> None:
    first = Parent(clip=clip_of(recipe_of(Remix(parent=JobId("clip_a"), instruction="make it blue"), parent=parent_of(Generate(prompt="a ball.", seed=5)))), latents=MediaRef(blob="second"))  # fmt: skip
    recipe = recipe_of(Remix(parent=JobId("clip_a"), instruction="slower", seed=6), parent=first)
    rendered = only_plan(recipe)
    assert rendered.prompt == recipe.prompt == "a ball. make it blue. slower"
    assert rendered.seed == recipe.seed == 6
    assert rendered.start is not None
    assert (rendered.start.media.blob, rendered.start.strength) == ("second", PRESETS.get("pocket").remix_strength)
    assert list(media_of(recipe)) == [MediaRef(blob="second")]


@pytest.mark.parametrize(
    ("instruction", "prompt", "rendered"),
    [
        ("", " a blue  ball ", "a blue ball"),
        ("slower", "a blue ball", "a blue ball. slower"),
        ("slower", None, "a red ball. slower"),
    ],
)
def test_a_remix_may_write_the_whole_prompt_anew(instruction: str, prompt: str | None, rendered: str) -> None:
    parent = parent_of(Generate(prompt="a red ball"))
    operation = Remix(parent=JobId("clip_a"), instruction=instruction, prompt=prompt)
    assert recipe_of(operation, parent=parent).prompt == rendered


def test_a_remix_must_say_something() -> None:
    for prompt in (None, " "):
        with pytest.raises(PromptEmpty):
            recipe_of(
                Remix(parent=JobId("clip_a"), instruction="", prompt=prompt), parent=parent_of(Generate(prompt="a"))
            )


def test_a_remix_lets_go_of_the_first_frame() -> None:
    image = Image(media=MediaRef(blob="clip_a/upload.png"))
    animated = recipe_of(Generate(prompt="a", image=image.media), image=image)
    assert only_plan(animated).conditions
    parent = Parent(clip=clip_of(animated), latents=LATENTS)
    assert only_plan(recipe_of(Remix(parent=JobId("clip_a"), instruction="b"), parent=parent)).conditions == ()
    assert (
        only_plan(recipe_of(Again(parent=JobId("clip_a")), parent=parent)).conditions == only_plan(animated).conditions
    )


def test_again_of_a_remix_starts_where_the_remix_did() -> None:
    remix = recipe_of(Remix(parent=JobId("clip_a"), instruction="b"), parent=parent_of(Generate(prompt="a", seed=5)))
    again = recipe_of(Again(parent=JobId("clip_b")), parent=Parent(clip=clip_of(remix), latents=None))
    assert only_plan(again) == replace(only_plan(remix), seed=99)
    assert again.seed == 99


@pytest.mark.parametrize("strength", [0.0, -1, 1.0001, math.nan, math.inf])
def test_a_strength_lies_between_nothing_and_all(strength: float) -> None:
    with pytest.raises(InvalidValue, match="strength"):
        recipe_of(
            Remix(parent=JobId("clip_a"), instruction="b", strength=strength), parent=parent_of(Generate(prompt="a"))
        )


def test_a_remix_needs_latents_and_something_rendered() -> None:
    remix = Remix(parent=JobId("clip_a"), instruction="b")
    with pytest.raises(LatentsGone, match="clip_a"):
        recipe_of(remix, parent=parent_of(Generate(prompt="a"), latents=None))
    cut = replace(recipe_of(Generate(prompt="a")), pieces=(SourceRange(media=MediaRef(blob="x")),))
    with pytest.raises(LatentsGone, match="clip_a"):
        recipe_of(remix, parent=Parent(clip=clip_of(cut), latents=LATENTS))


@pytest.mark.parametrize("operation", [Remix(parent=JobId("clip_a"), instruction="b"), Again(parent=JobId("clip_a"))])
def test_a_child_of_someones_longer_clip_needs_their_tier(operation: Operation) -> None:
    parent = parent_of(Generate(prompt="a", preset="ltx-2b", shape=Shape(seconds=8, resolution=480)))
    with pytest.raises(SecondsExceeded) as refused:
        recipe_of(operation, "free", parent=parent)
    assert (refused.value.asked, refused.value.limit, refused.value.lifted_by) == (8, 5, "plus")


def test_prompts_cannot_grow_without_end() -> None:
    parent = parent_of(Generate(prompt="word " * 50))
    with pytest.raises(PromptTooLong):
        recipe_of(Remix(parent=JobId("clip_a"), instruction="b" * 1999), parent=parent)
    limit = PRESETS.get("pocket").max_prompt_tokens
    with pytest.raises(InvalidValue, match=f"{limit} tokens"):
        recipe_of(Remix(parent=JobId("clip_a"), instruction="word " * limit), parent=parent)


# --- Words


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00", "\u200b\u200e", "\ud800", "\x1b\x00 \u2028"])
def test_a_prompt_needs_something_to_see(text: str) -> None:
    with pytest.raises(PromptEmpty):
        clean_prompt(text, 2000)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a red\n ball\x00 ", "a red ball"),
        ("a\ud800b", "ab"),
        ("海に昇る赤い玉", "海に昇る赤い玉"),
        ("a 👩‍🚀 waves", "a 👩‍🚀 waves"),
    ],
)
def test_words_are_cleaned_and_kept(text: str, cleaned: str) -> None:
    assert clean_text(text, 2000) == cleaned


@given(st.text(alphabet=st.characters()))
def test_every_text_is_refused_or_can_be_stored(text: str) -> None:
    try:
        cleaned = clean_prompt(text, 50)
    except RequestRejected:
        return
    assert 0 < len(cleaned) <= 50
    assert "\x00" not in cleaned
    cleaned.encode()


def test_the_limit_counts_what_is_left() -> None:
    assert clean_prompt("x" * 2000 + "\n", 2000) == "x" * 2000
    with pytest.raises(PromptTooLong) as refused:
        clean_prompt("x" * 2001, 2000)
    assert (refused.value.length, refused.value.limit) == (2001, 2000)


def test_an_endless_negative_prompt_is_refused() -> None:
    with pytest.raises(PromptTooLong):
        recipe_of(Generate(prompt="a", negative_prompt="x" * 2001))


def test_a_text_that_is_long_for_nothing_but_spaces_is_refused_unread() -> None:
    with pytest.raises(PromptTooLong) as refused:
        clean_text(" " * 3_000_000, 2000)
    assert refused.value.length == 3_000_000


TEXTS = ["a red ball over the sea", "Kaleidoscopic phosphorescence!", "海に昇る赤い玉。", "naïve 👩‍🚀 x2"]


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_counted_as_the_engine_counts_them(text: str) -> None:
    preset = PRESETS.get("pocket")
    encoders = AutoTokenizer.from_pretrained(ROOT / preset.source / "tokenizer")
    assert token_counter(PRESETS)(preset, text) == len(encoders(text).input_ids)


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
@pytest.mark.parametrize("preset", ["pocket", "ltx-2b"])
def test_more_tokens_than_the_encoder_reads_are_refused_though_the_words_are_few(name: str, preset: str) -> None:
    table = {key: replace(value, negative_guidance=3.0) for key, value in PRESETS.presets.items()}
    presets = PresetTable(presets=table, default="pocket")
    rules = replace(RULES, presets=presets, count_tokens=token_counter(PRESETS))
    limit = PRESETS.get(preset).max_prompt_tokens
    long = " ".join(["phosphorescent"] * (limit // 2))
    words = {"prompt": "a ball", "negative_prompt": ""} | {name: long}
    asked = Generate(prompt=words["prompt"], negative_prompt=words["negative_prompt"], preset=preset)
    with pytest.raises(InvalidValue, match=f"at most {limit} tokens") as refused:
        recipe_of(asked, rules=rules)
    assert refused.value.name == name


def test_a_negative_prompt_gets_the_guidance_that_it_needs() -> None:
    pocket = replace(PRESETS.get("pocket"), guidance=1.0, negative_guidance=3.0)
    presets = PresetTable(presets={**PRESETS.presets, "pocket": pocket}, default="pocket")
    rules = replace(RULES, presets=presets)
    assert only_plan(recipe_of(Generate(prompt="a"), rules=rules)).guidance == 1.0
    assert only_plan(recipe_of(Generate(prompt="a", negative_prompt="rain"), rules=rules)).guidance == 3.0


def test_a_negative_prompt_that_would_not_be_heeded_is_refused() -> None:
    pocket = replace(PRESETS.get("pocket"), guidance=1.0, negative_guidance=3.0)
    presets = PresetTable(presets={**PRESETS.presets, "pocket": pocket}, default="pocket")
    with pytest.raises(Unsupported) as refused:
        recipe_of(Generate(prompt="a", negative_prompt="rain", preset="ltx-2b"), rules=replace(RULES, presets=presets))
    assert (refused.value.capability, refused.value.presets) == ("negative_prompt", "pocket")


@pytest.mark.parametrize("guidance", [1.0, 0.0, "nan"])
def test_a_preset_says_how_it_heeds_negative_prompts(tmp_path: Path, guidance: object) -> None:
    file = tmp_path / "presets.toml"
    wrong = tiny_toml() + f"negative_guidance = {guidance}\n"
    file.write_text(wrong)
    with pytest.raises(ValueError, match="negative_guidance"):
        load_presets(file)
    file.write_text(tiny_toml() + "negative_guidance = 3.0\n")
    assert load_presets(file).get("tiny").negative_guidance == 3.0


def tiny_toml() -> str:
    return PRESET_TOML.format(source="nowhere")


@pytest.mark.parametrize(("prompt", "whole"), [("a ball", "a ball. b"), ("a ball. ", "a ball. b"), ("玉。", "玉. b")])
def test_an_instruction_is_a_sentence_of_its_own(prompt: str, whole: str) -> None:
    assert joined(prompt, "b") == whole


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_outside_31_bits_is_refused_everywhere(seed: int) -> None:
    parent = parent_of(Generate(prompt="a"))
    for operation in (
        Generate(prompt="a", seed=seed),
        Remix(parent=JobId("clip_a"), instruction="b", seed=seed),
        Again(parent=JobId("clip_a"), seed=seed),
    ):
        with pytest.raises(InvalidValue, match="seed"):
            recipe_of(operation, parent=parent)
    assert recipe_of(Generate(prompt="a", seed=2**31 - 1)).seed == 2**31 - 1
