import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import (
    InvalidValue,
    NotFound,
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
    predicted_seconds,
)
from inference.presets import PresetTable, load_presets
from inference.shapes import native_size, sized
from inference.tiers import load_tiers
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
    Size,
    SourceRange,
)

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


# --- Length


@pytest.mark.parametrize(
    ("preset", "seconds", "delivered", "rendered"),
    [
        ("pocket", 1, 12, 13),
        ("pocket", 2, 24, 25),
        ("pocket", 5, 60, 61),
        ("pocket", 2.1, 25, 25),
        ("ltx-2b", 1, 24, 25),
        ("ltx-2b", 5, 120, 121),
        ("ltx-2b", 10.6, 254, 257),
    ],
)
def test_the_clip_lasts_what_was_asked_and_the_model_renders_what_it_can(
    preset: str, seconds: float, delivered: int, rendered: int
) -> None:
    recipe = recipe_of(Generate(prompt="a", preset=preset, shape=Shape(seconds=seconds)))
    assert (recipe.num_frames, only_plan(recipe).num_frames) == (delivered, rendered)
    assert abs(recipe.num_frames - seconds * recipe.fps) <= 1


@given(st.sampled_from(sorted(PRESETS.presets)), st.floats(0.01, 30))
def test_every_length_is_refused_or_rendered_by_the_models_rule(preset: str, seconds: float) -> None:
    rule = PRESETS.get(preset).frames
    try:
        recipe = recipe_of(Generate(prompt="a", preset=preset, shape=Shape(seconds=seconds)))
    except (InvalidValue, SecondsExceeded):
        assert not PRESETS.get(preset).min_seconds <= seconds <= PRESETS.get(preset).max_seconds
        return
    rendered = only_plan(recipe).num_frames
    assert (rendered - 1) % rule.step == 0
    assert rule.min <= rendered <= rule.max
    assert rendered >= recipe.num_frames


@pytest.mark.parametrize(
    ("tier", "preset", "wish", "seconds"),
    [("free", "pocket", None, 5), ("pro", "ltx-2b", None, 5), ("pro", "ltx-2b", 8.0, 8), ("free", "ltx-2b", 8.0, 5),
     ("pro", "pocket", 8.0, 5), ("pro", "pocket", 0.2, 1)],
)  # fmt: skip
def test_an_unsaid_length_is_the_members_own_within_tier_and_model(
    tier: str, preset: str, wish: float | None, seconds: float
) -> None:
    recipe = plan(Generate(prompt="a", preset=preset), asker(tier, MemberSettings(seconds=wish)), RULES)
    assert recipe.seconds == seconds


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, -1, 0, 0.5, 5.1])
def test_an_impossible_length_names_what_the_model_makes(seconds: float) -> None:
    with pytest.raises((InvalidValue, SecondsExceeded)) as refused:
        recipe_of(Generate(prompt="a", shape=Shape(seconds=seconds)))
    assert isinstance(refused.value, InvalidValue)
    assert refused.value.allowed == "the preset pocket makes 1 to 5 seconds"


# --- Size


@pytest.mark.parametrize(
    ("shape", "resolution", "size"),
    [
        (WIDE, 480, Size(width=854, height=480)),
        (WIDE, 720, Size(width=1280, height=720)),
        (WIDE, 1080, Size(width=1920, height=1080)),
        (TALL, 480, Size(width=480, height=854)),
        (TALL, 720, Size(width=720, height=1280)),
        (SQUARE, 480, Size(width=480, height=480)),
    ],
)
def test_resolution_means_the_short_side(shape: AspectRatio, resolution: int, size: Size) -> None:
    assert sized(shape, resolution) == size
    asked = Shape(resolution=resolution, aspect_ratio=shape)
    assert recipe_of(Generate(prompt="a", shape=asked)).size == size


@pytest.mark.parametrize(
    ("size", "native"),
    [
        (Size(width=854, height=480), Size(width=224, height=128)),
        (Size(width=720, height=1280), Size(width=128, height=224)),
        (Size(width=1024, height=1792), Size(width=128, height=224)),
        (Size(width=500, height=500), Size(width=160, height=160)),
    ],
)
def test_a_model_of_fixed_sizes_renders_the_one_nearest_in_shape(size: Size, native: Size) -> None:
    recipe = recipe_of(Generate(prompt="a", shape=Shape(size=size)))
    assert (recipe.size, recipe.native_size) == (size, native)


@pytest.mark.parametrize(
    ("size", "native"),
    [
        (Size(width=854, height=480), Size(width=864, height=480)),
        (Size(width=1280, height=720), Size(width=1248, height=704)),
        (Size(width=1920, height=1080), Size(width=1248, height=704)),
        (Size(width=1080, height=1920), Size(width=704, height=1248)),
        (Size(width=640, height=480), Size(width=640, height=480)),
    ],
)
def test_any_other_model_renders_on_its_grid(size: Size, native: Size) -> None:
    recipe = recipe_of(Generate(prompt="a", preset="ltx-2b", shape=Shape(size=size)))
    assert recipe.native_size == native


@given(st.integers(32, 2000), st.floats(1 / 2.4, 2.4))
def test_native_sizes_keep_the_models_rules(short: int, ratio: float) -> None:
    preset = PRESETS.get("ltx-2b")
    size = Size(width=2 * max(32, round(short * ratio / 2)), height=2 * max(32, short // 2))
    native = native_size(size, preset)
    assert native.width % 32 == native.height % 32 == 0
    assert 32 <= native.short_side <= 720


@pytest.mark.parametrize(
    "shape",
    [
        Shape(size=Size(width=854, height=480), resolution=480),
        Shape(size=Size(width=854, height=480), aspect_ratio=WIDE),
        Shape(size=Size(width=853, height=480)),
        Shape(size=Size(width=62, height=62)),
        Shape(size=Size(width=-854, height=480)),
        Shape(size=Size(width=100_000, height=1080)),
        Shape(size=Size(width=1600, height=480)),
        Shape(resolution=0),
        Shape(resolution=481),
        Shape(resolution=-480),
        Shape(resolution=10**9),
    ],
)
@pytest.mark.parametrize("preset", ["pocket", "ltx-2b"])
def test_an_impossible_size_is_refused(shape: Shape, preset: str) -> None:
    with pytest.raises(InvalidValue):
        recipe_of(Generate(prompt="a", preset=preset, shape=shape))


def test_an_image_gives_its_shape_unless_another_is_asked_for() -> None:
    image = Image(media=MediaRef(blob="clip_b/upload.png"), size=Size(width=300, height=500))
    waving = Generate(prompt="a", image=image.media)
    assert recipe_of(waving, image=image).size == Size(width=1080, height=1920)
    asked = replace(waving, shape=Shape(aspect_ratio=SQUARE))
    assert recipe_of(asked, image=image).size == Size(width=1080, height=1080)


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
    with pytest.raises(NotFound, match="latents"):
        recipe_of(remix, parent=parent_of(Generate(prompt="a"), latents=None))
    cut = replace(recipe_of(Generate(prompt="a")), pieces=(SourceRange(media=MediaRef(blob="x")),))
    with pytest.raises(NotFound, match="latents"):
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
    with pytest.raises(InvalidValue, match="128 words"):
        recipe_of(Remix(parent=JobId("clip_a"), instruction="word " * 80), parent=parent)


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


def test_prediction_follows_pixels_frames_steps_and_strength() -> None:
    preset = PRESETS.get("pocket")
    short = predicted_seconds(recipe_of(Generate(prompt="a", shape=Shape(seconds=1))), preset)
    long = predicted_seconds(recipe_of(Generate(prompt="a", shape=Shape(seconds=5))), preset)
    assert long / short == pytest.approx(61 / 13)
    half = recipe_of(
        Remix(parent=JobId("clip_a"), instruction="b", strength=0.5), parent=parent_of(Generate(prompt="a"))
    )
    assert predicted_seconds(half, preset) == pytest.approx(long / 2)
