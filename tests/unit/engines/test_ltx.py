"""The engine over real diffusers pipelines with random weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline

from inference.engines.ltx import LtxEngine
from inference.engines.port import Interrupted, Step
from inference.errors import EngineError, JobCancelled, ModelMissing, RenderFailed, Unsupported
from inference.presets import Preset
from inference.types import Condition, MediaRef, OperationKind, RenderPlan, Size, Stage, Start
from tests.support.pictures import Frames, moving_ball
from tests.support.tiny_ltx import build_tiny_ltx, tiny_preset

PLAN = RenderPlan(
    preset="tiny",
    prompt="a red ball rising over the sea",
    negative_prompt="blurry",
    size=Size(width=64, height=32),
    num_frames=13,
    fps=12,
    steps=4,
    guidance=2.0,
    seed=7,
)
SOURCE = MediaRef(blob="somewhere")


class Media:
    """What the worker would read from its blobs."""

    def __init__(self, latents: bytes = b"", frames: Frames | None = None) -> None:
        self._latents = latents
        self._frames = moving_ball(1) if frames is None else frames

    def latents(self, ref: MediaRef) -> bytes:
        assert ref is SOURCE
        return self._latents

    def frames(self, ref: MediaRef) -> Frames:
        assert ref is SOURCE
        return self._frames


def ignore(_step: Step) -> None:
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_ltx(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def preset(folder: Path) -> Preset:
    return tiny_preset(folder)


@pytest.fixture(scope="module")
def engine(preset: Preset) -> LtxEngine:
    engine = LtxEngine("cpu")
    engine.load(preset)
    return engine


@pytest.fixture(scope="module")
def parent(engine: LtxEngine) -> bytes:
    return engine.render(PLAN, Media(), ignore).latents


def latents(data: bytes) -> torch.Tensor:
    return safetensors.torch.load(data)["latents"]


def difference(one: bytes, other: bytes) -> float:
    return (latents(one) - latents(other)).abs().max().item()


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # diffusers' own default schedule
@pytest.mark.parametrize("guidance", [2.0, 1.0])
def test_plain_diffusers_gives_the_same_latents_and_frames(folder: Path, engine: LtxEngine, guidance: float) -> None:
    plan = dataclasses.replace(PLAN, guidance=guidance)
    rendering = engine.render(plan, Media(), ignore)
    frames = np.concatenate(list(rendering.frames))

    pipeline = LTXConditionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)

    def plain(output: str) -> torch.Tensor:
        video: torch.Tensor = pipeline(
            prompt=plan.prompt,
            negative_prompt=plan.negative_prompt,
            width=64,
            height=32,
            num_frames=13,
            frame_rate=12,
            num_inference_steps=4,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(7),
            output_type=output,
        ).frames
        return video

    assert (latents(rendering.latents) - plain("latent")).abs().max() < 1e-4
    assert np.abs(frames - np.asarray(plain("np")[0]) * 255).max() < 0.51


def test_the_frames_come_from_the_transformers_weights(
    tmp_path: Path, engine: LtxEngine, parent: bytes, folder: Path
) -> None:
    pipeline = LTXConditionPipeline.from_pretrained(folder)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(1)
        for parameter in pipeline.transformer.parameters():
            parameter.normal_()
    pipeline.save_pretrained(tmp_path)
    broken = LtxEngine("cpu")
    broken.load(tiny_preset(tmp_path))

    assert difference(broken.render(PLAN, Media(), ignore).latents, parent) > 1


def test_the_same_plan_gives_the_same_clip_again_whatever_ran_between(engine: LtxEngine, parent: bytes) -> None:
    first = engine.render(PLAN, Media(), ignore)
    frames = np.concatenate(list(first.frames))
    other = engine.render(dataclasses.replace(PLAN, seed=8), Media(), ignore)
    again = engine.render(PLAN, Media(), ignore)

    assert first.latents == again.latents == parent
    assert np.array_equal(frames, np.concatenate(list(again.frames)))
    assert difference(first.latents, other.latents) > 0.5


def test_frames_come_in_batches_and_latents_in_the_agreed_form(engine: LtxEngine) -> None:
    rendering = engine.render(PLAN, Media(), ignore)

    batches = list(rendering.frames)

    assert [batch.shape for batch in batches] == [(8, 32, 64, 3), (5, 32, 64, 3)]
    assert {batch.dtype for batch in batches} == {np.dtype(np.uint8)}
    stored = latents(rendering.latents)
    assert (stored.dtype, tuple(stored.shape)) == (torch.float32, (1, 8, 4, 1, 2))
    assert rendering.audio is None


def test_the_negative_prompt_acts_only_under_guidance(engine: LtxEngine, parent: bytes) -> None:
    def rendered(**changes: object) -> bytes:
        return engine.render(dataclasses.replace(PLAN, **changes), Media(), ignore).latents  # type: ignore[arg-type]

    assert difference(rendered(negative_prompt="dark"), parent) > 1e-4
    assert rendered(negative_prompt="dark", guidance=1.0) == rendered(guidance=1.0)


def test_steps_are_told_with_early_previews(engine: LtxEngine) -> None:
    steps: list[Step] = []

    for _ in engine.render(PLAN, Media(), steps.append).frames:
        pass

    told = [(step.stage, step.step, step.total) for step in steps]
    assert told == [
        (Stage.ENCODING, 0, 1),
        *[(Stage.DENOISING, step, 4) for step in range(5)],
        *[(Stage.DECODING, step, 2) for step in range(3)],
    ]
    previews = [step for step in steps if step.preview is not None]
    assert previews[0].step == 1
    assert all(step.preview.shape == (32, 64, 3) for step in previews if step.preview is not None)


def test_the_last_preview_looks_like_the_clip(engine: LtxEngine) -> None:
    previews: list[Frames] = []

    def keep(step: Step) -> None:
        if step.preview is not None:
            previews.append(step.preview)

    plan = dataclasses.replace(PLAN, steps=16)
    first_frame = next(engine.render(plan, Media(), keep).frames)[0]

    errors = [np.abs(preview.astype(int) - first_frame).mean() for preview in previews]
    assert errors[-1] < 6
    assert errors[-1] < errors[0]


# --- Starting from latents -----------------------------------------------------------------------


def remixed(engine: LtxEngine, parent: bytes, strength: float, on_step: Callable[[Step], None] = ignore) -> bytes:
    plan = dataclasses.replace(PLAN, prompt="make it blue", start=Start(media=SOURCE, strength=strength))
    return engine.render(plan, Media(latents=parent), on_step).latents


def test_the_weaker_the_remix_the_nearer_it_stays_to_its_parent(engine: LtxEngine, parent: bytes) -> None:
    def distance(strength: float) -> float:
        apart = latents(remixed(engine, parent, strength)) - latents(parent)
        return apart.abs().mean().item()

    weak, middle = distance(0.05), distance(0.5)
    assert 0 < weak < middle
    assert weak < 0.1


def test_a_remix_starts_at_its_sigma(engine: LtxEngine, parent: bytes) -> None:
    """With the parent's own noise the state at sigma s is known: what the transformer sees first must be that."""
    seen: list[torch.Tensor] = []
    pipeline = engine._loaded._pipeline  # type: ignore[union-attr]
    hook = pipeline.transformer.register_forward_pre_hook(
        lambda _module, _args, kwargs: seen.append(kwargs["hidden_states"][-1]), with_kwargs=True
    )
    try:
        remixed(engine, parent, 0.7)
    finally:
        hook.remove()

    noise = torch.randn((1, 8, 4, 1, 2), generator=torch.Generator().manual_seed(PLAN.seed))
    expected = 0.7 * noise + 0.3 * latents(parent)
    assert torch.allclose(seen[0], expected[0].flatten(1).T, atol=1e-5)


def test_a_weak_remix_takes_fewer_steps_but_always_one(engine: LtxEngine, parent: bytes) -> None:
    def steps(strength: float) -> int:
        told: list[Step] = []
        remixed(engine, parent, strength, told.append)
        return max(step.step for step in told if step.stage is Stage.DENOISING)

    assert [steps(strength) for strength in (0.001, 0.5, 1.0)] == [1, 1, 4]


def test_a_remix_at_full_strength_keeps_nothing_of_its_parent(engine: LtxEngine, parent: bytes) -> None:
    fresh = engine.render(dataclasses.replace(PLAN, prompt="make it blue"), Media(), ignore)

    assert remixed(engine, parent, 1.0) == fresh.latents


def test_a_distilled_schedule_is_cut_for_a_remix(folder: Path, parent: bytes) -> None:
    engine = LtxEngine("cpu")
    engine.load(dataclasses.replace(tiny_preset(folder), timesteps=(1000, 900, 600, 300)))
    seen: list[float] = []
    pipeline = engine._loaded._pipeline  # type: ignore[union-attr]
    hook = pipeline.transformer.register_forward_pre_hook(
        lambda _module, _args, kwargs: seen.append(kwargs["timestep"].flatten()[0].item()), with_kwargs=True
    )
    try:
        remixed(engine, parent, 0.7)
        engine.render(PLAN, Media(), ignore)
    finally:
        hook.remove()

    assert seen == pytest.approx([700, 600, 300, 1000, 900, 600, 300])


def test_latents_of_another_shape_are_refused(engine: LtxEngine, parent: bytes) -> None:
    plan = dataclasses.replace(PLAN, num_frames=17, start=Start(media=SOURCE, strength=0.5))

    with pytest.raises(Unsupported, match="start from latents of shape"):
        engine.render(plan, Media(latents=parent), ignore)


def test_damaged_latents_are_an_engine_error(engine: LtxEngine) -> None:
    plan = dataclasses.replace(PLAN, start=Start(media=SOURCE, strength=0.5))

    with pytest.raises(RenderFailed):
        engine.render(plan, Media(latents=b"no latents"), ignore)


# --- Given frames --------------------------------------------------------------------------------


def conditioned(at_frame: int, strength: float = 1.0) -> RenderPlan:
    return dataclasses.replace(PLAN, conditions=(Condition(media=SOURCE, at_frame=at_frame, strength=strength),))


def test_a_given_first_frame_is_the_first_latent_frame(engine: LtxEngine) -> None:
    image = moving_ball(1)
    pipeline = engine._loaded._pipeline  # type: ignore[union-attr]
    video = torch.from_numpy(image).permute(3, 0, 1, 2)[None] / 127.5 - 1
    with torch.no_grad():
        spread = pipeline.vae.encode(video).latent_dist
    mean, std = (value.view(1, -1, 1, 1, 1) for value in (pipeline.vae.latents_mean, pipeline.vae.latents_std))

    rendered = latents(engine.render(conditioned(0), Media(frames=image), ignore).latents)

    # The pipeline draws from the encoder's distribution.
    apart = (rendered[:, :, :1] * std + mean - spread.mean).abs()
    assert (apart <= 4 * spread.std).all()


def test_an_image_of_another_size_and_place_is_taken(engine: LtxEngine, parent: bytes) -> None:
    first = engine.render(conditioned(0), Media(frames=moving_ball(1, width=90, height=90)), ignore)
    last = engine.render(conditioned(12), Media(frames=moving_ball(1)), ignore)

    assert len(np.concatenate(list(first.frames))) == 13
    assert difference(last.latents, parent) > 1e-4


@pytest.mark.parametrize(("count", "at_frame"), [(4, 0), (5, 2), (9, 8), (17, 0)])
def test_pieces_that_the_pipeline_would_cut_in_silence_are_refused(
    engine: LtxEngine, count: int, at_frame: int
) -> None:
    with pytest.raises(Unsupported, match=f"{count} given frames at frame {at_frame} of 13"):
        engine.render(conditioned(at_frame), Media(frames=moving_ball(count)), ignore)


def test_several_frames_at_the_start_are_taken(engine: LtxEngine) -> None:
    rendering = engine.render(conditioned(0), Media(frames=moving_ball(5)), ignore)

    assert len(np.concatenate(list(rendering.frames))) == 13


# --- Refusals, cancels and faults ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "capability"),
    [
        ({"preset": "other"}, "plans for other"),
        ({"num_frames": 14}, "14 frames"),
        ({"num_frames": 65}, "65 frames"),
        ({"num_frames": 1}, "1 frames"),
        ({"size": Size(width=64, height=40)}, "frames of 64x40"),
        ({"size": Size(width=0, height=32)}, "frames of 0x32"),
        ({"steps": 0}, "0 steps"),
        ({"guidance": 0.5}, "a guidance of 0.5"),
        ({"prompt": " "}, "an empty prompt"),
        ({"prompt": "long " * 40}, "tokens"),
        ({"start": Start(media=SOURCE, strength=0.0)}, "starting strength"),
        ({"start": Start(media=SOURCE, strength=1.1)}, "starting strength"),
        ({"conditions": (Condition(media=SOURCE, at_frame=13),)}, "outside the clip"),
        ({"conditions": (Condition(media=SOURCE, at_frame=0, strength=2),)}, "condition's strength"),
    ],
)
def test_what_the_preset_cannot_do_is_refused(engine: LtxEngine, changes: dict[str, object], capability: str) -> None:
    denoised: list[Step] = []

    def keep(step: Step) -> None:
        if step.stage is Stage.DENOISING:
            denoised.append(step)

    with pytest.raises(Unsupported, match=capability):
        engine.render(dataclasses.replace(PLAN, **changes), Media(), keep)  # type: ignore[arg-type]

    assert not denoised


def test_operations_that_the_preset_does_not_list_are_refused(folder: Path) -> None:
    engine = LtxEngine("cpu")
    engine.load(dataclasses.replace(tiny_preset(folder), operations=frozenset({OperationKind.GENERATE})))

    with pytest.raises(Unsupported, match="given frames"):
        engine.render(conditioned(0), Media(), ignore)
    with pytest.raises(Unsupported, match="a start from latents"):
        engine.render(dataclasses.replace(PLAN, start=Start(media=SOURCE, strength=0.5)), Media(), ignore)


@pytest.mark.parametrize("reason", [JobCancelled(), Interrupted("told to stop")], ids=["cancelled", "interrupted"])
@pytest.mark.parametrize("stage", [Stage.ENCODING, Stage.DENOISING, Stage.DECODING])
def test_a_cancel_stops_the_engine_and_breaks_nothing(
    engine: LtxEngine, parent: bytes, stage: Stage, reason: Exception
) -> None:
    told: list[Step] = []

    def cancel(step: Step) -> None:
        told.append(step)
        if step.stage is stage and step.step == min(1, step.total - 1):
            raise reason

    def render() -> None:
        for _ in engine.render(PLAN, Media(), cancel).frames:
            pass

    with pytest.raises(type(reason)):
        render()

    assert told[-1].stage is stage
    assert engine.render(PLAN, Media(), ignore).latents == parent


def test_nothing_loaded_is_an_error() -> None:
    with pytest.raises(EngineError, match="no preset is loaded"):
        LtxEngine("cpu").render(PLAN, Media(), ignore)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source": "models/none/here"}, "there is no folder .*models/none/here: put the model there"),
        ({"source": "tests/unit"}, "holds no model_index.json"),
        ({"family": "wan"}, "not wan"),
        ({"size_multiple": 16}, "size_multiple must be a multiple of 32"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_what_to_do(preset: Preset, changes: dict[str, str], says: str) -> None:
    with pytest.raises(ModelMissing, match=says):
        LtxEngine("cpu").load(dataclasses.replace(preset, **changes))  # type: ignore[arg-type]


def test_a_damaged_model_is_missing(tmp_path: Path) -> None:
    folder = build_tiny_ltx(tmp_path)
    (folder / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(b"damaged")

    with pytest.raises(ModelMissing, match="cannot be read"):
        LtxEngine("cpu").load(tiny_preset(folder))


def test_a_scheduler_that_would_shift_dynamically_is_told_not_to(
    tmp_path: Path, engine: LtxEngine, parent: bytes
) -> None:
    folder = build_tiny_ltx(tmp_path)
    FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True).save_pretrained(folder / "scheduler")
    shifting = LtxEngine("cpu")
    shifting.load(tiny_preset(folder))

    assert shifting.render(PLAN, Media(), ignore).latents == parent


def test_texts_are_embedded_once(engine: LtxEngine) -> None:
    encoded: list[object] = []
    hook = engine._loaded._pipeline.text_encoder.register_forward_hook(lambda *_: encoded.append(1))  # type: ignore[union-attr]
    try:
        for seed in range(3):
            engine.render(dataclasses.replace(PLAN, prompt="words of their own", seed=seed), Media(), ignore)
    finally:
        hook.remove()

    assert len(encoded) == 2  # the prompt and the negative prompt
