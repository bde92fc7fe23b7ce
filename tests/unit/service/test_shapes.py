import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import (
    InvalidValue,
    SecondsExceeded,
)
from inference.operations import (
    Asker,
    Image,
    Rules,
    plan,
)
from inference.presets import load_presets
from inference.shapes import native_size, sized
from inference.tiers import load_tiers
from inference.types import (
    AspectRatio,
    Generate,
    MediaRef,
    MemberSettings,
    Operation,
    Recipe,
    RenderPlan,
    Shape,
    Size,
)

PRESETS, TIERS = load_presets(), load_tiers()
RULES = Rules(presets=PRESETS, tiers=TIERS, max_prompt_characters=2000)
WIDE, TALL, SQUARE = AspectRatio


def asker(tier: str = "pro", wishes: MemberSettings | None = None) -> Asker:
    return Asker(tier=TIERS.get(tier), wishes=wishes or MemberSettings(), fresh_seed=99)


def recipe_of(operation: Operation, tier: str = "pro", rules: Rules = RULES, **given: object) -> Recipe:
    return plan(operation, asker(tier), rules, **given)  # type: ignore[arg-type]


def only_plan(recipe: Recipe) -> RenderPlan:
    (piece,) = recipe.pieces
    assert isinstance(piece, RenderPlan)
    return piece


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


@pytest.mark.parametrize(
    ("tier", "preset", "wish", "short_side"),
    [
        ("pro", "pocket", None, 480),
        ("pro", "ltx-2b", None, 720),
        ("free", "ltx-2b", None, 480),
        ("pro", "pocket", 1080, 1080),
        ("free", "pocket", 1080, 480),
        ("plus", "pocket", 240, 240),
    ],
)
def test_an_unsaid_size_is_the_members_own_or_the_models_usual_one_within_the_tier(
    tier: str, preset: str, wish: int | None, short_side: int
) -> None:
    recipe = plan(Generate(prompt="a", preset=preset), asker(tier, MemberSettings(resolution=wish)), RULES)
    assert recipe.size.short_side == short_side


def test_a_longer_clip_is_promised_only_where_tier_and_model_allow_it() -> None:
    with pytest.raises(SecondsExceeded) as refused:
        recipe_of(Generate(prompt="a", preset="ltx-2b", shape=Shape(seconds=6)), "free")
    assert refused.value.lifted_by == "plus"
    with pytest.raises(InvalidValue, match="pocket makes 1 to 5 seconds"):
        recipe_of(Generate(prompt="a", shape=Shape(seconds=6)), "free")


def test_an_image_gives_its_shape_unless_another_is_asked_for() -> None:
    image = Image(media=MediaRef(blob="clip_b/upload.png"), size=Size(width=300, height=500))
    waving = Generate(prompt="a", image=image.media)
    assert recipe_of(waving, image=image).size == Size(width=480, height=854)
    asked = replace(waving, shape=Shape(aspect_ratio=SQUARE))
    assert recipe_of(asked, image=image).size == Size(width=480, height=480)
