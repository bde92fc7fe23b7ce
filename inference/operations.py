"""Operation → Recipe of RenderPlans: the one place that knows how a remix or an image to video is expressed.

Pure: everything stored that an operation refers to is handed in. What preset or tier cannot do is refused here, before
anything is decoded, charged or queued.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from inference.errors import InvalidValue, LatentsGone, PromptEmpty, PromptTooLong, Unsupported
from inference.limits import check_operation, check_references, check_resolution, check_seconds, references_of
from inference.presets import Preset, PresetTable
from inference.shapes import dimensions
from inference.tiers import TierTable
from inference.tokens import CountTokens, estimated_tokens
from inference.types import (
    Again,
    Clip,
    Condition,
    Generate,
    MediaRef,
    MemberSettings,
    Operation,
    OperationKind,
    Recipe,
    Remix,
    RenderPlan,
    Size,
    Start,
    Tier,
    kind_of,
    most_frames,
)
from inference.vocabulary import unknown_words

SEED_LIMIT = 2**31
"""Seeds stay below it: they fit a signed 32-bit integer, so every generator, column and client takes them."""

MOST_RAW = 4
"""Times the limit that a text may be long before it is cleaned: white space and control characters do not count."""

Child = Remix | Again
"""Operations on an existing clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for every request of this deployment."""

    presets: PresetTable
    tiers: TierTable
    max_prompt_characters: int
    count_tokens: CountTokens = estimated_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """What the requester may do and would like."""

    tier: Tier
    #: The member's own defaults.
    wishes: MemberSettings = field(default_factory=MemberSettings)
    #: Drawn for this request; taken where no seed is asked for.
    fresh_seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The clip that an operation starts from."""

    clip: Clip
    #: Its stored latents; None where they are gone.
    latents: MediaRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A stored, re-encoded upload. Its size is not known while it is not yet decoded."""

    media: MediaRef
    size: Size | None = None


def plan(
    operation: Operation, asker: Asker, rules: Rules, *, parent: Parent | None = None, image: Image | None = None
) -> Recipe:
    """The recipe of an operation. `parent` belongs to a remix or again, `image` to a generate with an image.

    Raises a RequestRejected that names the limit, and the preset or tier that would do.
    """
    recipe = _plan(operation, asker, rules, parent, image)
    unknown = unknown_words(rules.presets.get(recipe.preset), recipe.prompt)
    before = () if parent is None else unknown_words(rules.presets.get(recipe.preset), parent.clip.recipe.prompt)
    return replace(recipe, unknown_words=tuple(word for word in unknown if word not in before))


def _plan(operation: Operation, asker: Asker, rules: Rules, parent: Parent | None, image: Image | None) -> Recipe:
    match operation:
        case Generate():
            return _generate(operation, asker, rules, image)
        case Remix():
            assert parent is not None, "a remix needs its parent"
            return _remix(operation, asker.tier, rules, parent)
        case Again():
            assert parent is not None, "an again needs its parent"
            return _again(operation, asker, rules, parent)


def media_of(recipe: Recipe) -> Iterator[MediaRef]:
    """Every stored blob that rendering the recipe will read."""
    for piece in recipe.pieces:
        if not isinstance(piece, RenderPlan):
            yield piece.media
            continue
        yield from (condition.media for condition in piece.conditions)
        if piece.start is not None:
            yield piece.start.media


# --- Each operation --------------------------------------------------------------------------------


def _generate(operation: Generate, asker: Asker, rules: Rules, image: Image | None) -> Recipe:
    """One plan; an image becomes its frame 0."""
    preset = rules.presets.get(operation.preset)
    tier = asker.tier
    _check_allowed(kind_of(operation), preset, rules, tier)
    check_references(references_of(operation), tier=tier, tiers=rules.tiers)
    prompt = clean_prompt(operation.prompt, rules.max_prompt_characters)
    negative_prompt = clean_text(operation.negative_prompt, rules.max_prompt_characters)
    guidance = _guidance(preset, rules.presets, is_negative=bool(negative_prompt))
    _check_tokens("prompt", prompt, preset, rules)
    _check_tokens("negative_prompt", negative_prompt, preset, rules)
    seed = _seed(operation.seed, asker.fresh_seed)
    shape = dimensions(
        operation.shape,
        preset=preset,
        tier=tier,
        tiers=rules.tiers,
        wishes=asker.wishes,
        source=image.size if image else None,
    )
    rendered = RenderPlan(
        preset=preset.name,
        prompt=prompt,
        negative_prompt=negative_prompt,
        size=shape.native_size,
        num_frames=shape.native_frames,
        fps=preset.fps,
        steps=preset.steps,
        guidance=guidance,
        seed=seed,
        conditions=(Condition(media=image.media, at_frame=0),) if image else (),
    )
    return Recipe(
        preset=preset.name,
        pieces=(rendered,),
        size=shape.size,
        fps=preset.fps,
        num_frames=shape.num_frames,
        watermark=tier.watermark,
        seed=seed,
        prompt=prompt,
        negative_prompt=negative_prompt,
    )


def _remix(operation: Remix, tier: Tier, rules: Rules, parent: Parent) -> Recipe:
    """The parent's plan from its latents at a strength, the instruction appended to its prompt, with its seed.

    An image that the parent began with is not pinned again: it would hold back what the instruction changes.
    """
    recipe = parent.clip.recipe
    preset = _preset_for_child(operation, rules, tier, recipe)
    prompt = _remixed_prompt(operation, recipe.prompt, rules.max_prompt_characters)
    if len(prompt) > rules.max_prompt_characters:
        raise PromptTooLong(length=len(prompt), limit=rules.max_prompt_characters)
    _check_tokens("prompt", prompt, preset, rules)
    source = _rendered(recipe)
    if parent.latents is None or source is None:
        raise LatentsGone(clip=parent.clip.id)
    strength = preset.remix_strength if operation.strength is None else operation.strength
    if not 0 < strength <= 1:
        raise InvalidValue(name="strength", value=f"{strength:g}", allowed="more than 0, at most 1")
    seed = _seed(operation.seed, recipe.seed)
    start = Start(media=parent.latents, strength=strength)
    remixed = replace(source, prompt=prompt, seed=seed, conditions=(), start=start)
    origin = _called(parent.clip)
    return replace(recipe, pieces=(remixed,), prompt=prompt, seed=seed, watermark=tier.watermark, origin=origin)


def _remixed_prompt(operation: Remix, parents: str, limit: int) -> str:
    """The parent's prompt, or the one written in its place, with the instruction. Raises PromptEmpty."""
    if operation.prompt is None:
        return joined(parents, clean_prompt(operation.instruction, limit))
    prompt, instruction = clean_prompt(operation.prompt, limit), clean_text(operation.instruction, limit)
    return joined(prompt, instruction) if instruction else prompt


def _again(operation: Again, asker: Asker, rules: Rules, parent: Parent) -> Recipe:
    """The parent's recipe with another seed; an again of a remix begins at the same latents as that remix."""
    recipe = parent.clip.recipe
    _preset_for_child(operation, rules, asker.tier, recipe)
    seed = _seed(operation.seed, asker.fresh_seed)
    pieces = tuple(replace(piece, seed=seed) if isinstance(piece, RenderPlan) else piece for piece in recipe.pieces)
    origin = _called(parent.clip)
    return replace(recipe, pieces=pieces, seed=seed, watermark=asker.tier.watermark, origin=origin)


def _called(clip: Clip) -> str:
    return clip.text or clip.recipe.prompt


def _preset_for_child(operation: Child, rules: Rules, tier: Tier, recipe: Recipe) -> Preset:
    """The parent's preset. The parent may be someone else's: its shape must be within the requester's own tier."""
    preset = rules.presets.get(recipe.preset)
    _check_allowed(kind_of(operation), preset, rules, tier)
    if recipe.num_frames > most_frames(tier.max_seconds, recipe.fps):
        check_seconds(recipe.seconds, tier=tier, tiers=rules.tiers)
    check_resolution(recipe.size.short_side, tier=tier, tiers=rules.tiers)
    return preset


def _rendered(recipe: Recipe) -> RenderPlan | None:
    return next((piece for piece in recipe.pieces if isinstance(piece, RenderPlan)), None)


def _check_allowed(kind: OperationKind, preset: Preset, rules: Rules, tier: Tier) -> None:
    if kind not in preset.operations:
        able = ", ".join(rules.presets.capable_of(kind)) or "none"
        raise Unsupported(preset=preset.name, capability=kind, presets=able)
    check_operation(kind, tier=tier, tiers=rules.tiers)


def _guidance(preset: Preset, presets: PresetTable, *, is_negative: bool) -> float:
    """How strongly the prompt leads. Raises Unsupported for a negative prompt that the preset would not heed."""
    if not is_negative:
        return preset.guidance
    if not preset.heeds_negative_prompts:
        able = ", ".join(presets.heeding_negative_prompts()) or "none"
        raise Unsupported(preset=preset.name, capability="negative_prompt", presets=able)
    return preset.guidance if preset.negative_guidance is None else preset.negative_guidance


def _seed(asked: int | None, otherwise: int) -> int:
    if asked is None:
        return otherwise
    if not 0 <= asked < SEED_LIMIT:
        raise InvalidValue(name="seed", value=str(asked), allowed=f"0 to {SEED_LIMIT - 1}")
    return asked


# --- Words -----------------------------------------------------------------------------------------


def joined(prompt: str, instruction: str) -> str:
    """Prompt and instruction as one text, "a red ball. make it blue": models are shown instructions in this form."""
    return f"{prompt.rstrip(' .。')}. {instruction}"


def clean_prompt(text: str, limit: int) -> str:
    """`clean_text` that must leave something to be seen. Raises PromptEmpty."""
    cleaned = clean_text(text, limit)
    if all(unicodedata.category(character)[0] in "CZ" for character in cleaned):
        raise PromptEmpty
    return cleaned


def clean_text(text: str, limit: int) -> str:
    """Without control characters and lone surrogates, which no model reads and some stores refuse; lines become spaces.

    Raises PromptTooLong beyond `limit` characters; a far longer text is refused before it is looked through.
    """
    if len(text) > MOST_RAW * limit:
        raise PromptTooLong(length=len(text), limit=limit)
    spaced = " ".join(text.split())
    cleaned = "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cs"})
    if len(cleaned) > limit:
        raise PromptTooLong(length=len(cleaned), limit=limit)
    return cleaned


def _check_tokens(name: str, text: str, preset: Preset, rules: Rules) -> None:
    """Refuse what overflows the text encoder: it would fail there, after its turn in the queue."""
    tokens = rules.count_tokens(preset, text)
    if tokens > preset.max_prompt_tokens:
        allowed = f"the preset {preset.name} reads at most {preset.max_prompt_tokens} tokens"
        raise InvalidValue(name=name, value=f"{tokens} tokens", allowed=allowed)
