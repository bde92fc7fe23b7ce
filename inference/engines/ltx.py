"""LTX-Video and the models built like it, through diffusers' `LTXConditionPipeline`."""

from __future__ import annotations

from typing import Any

import safetensors.torch
import torch
from diffusers import LTXConditionPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from PIL import Image

from inference.engines.checks import check_plan
from inference.engines.decoding import LtxRendering
from inference.engines.faults import engine_errors
from inference.engines.loading import load_pipeline
from inference.engines.port import MediaReader, OnStep, Step
from inference.engines.preview import Previewer
from inference.engines.schedule import Schedule, from_latents, from_noise
from inference.engines.still import still_decoder
from inference.engines.text import TextCache
from inference.errors import RenderFailed, Unsupported
from inference.media.scale import cover
from inference.presets import Preset
from inference.types import Condition, RenderPlan, Stage, Start


class LtxEngine:
    """A `VideoEngine` on one device. The same plan gives the same latents and frames again."""

    def __init__(self, device: str) -> None:
        """`device` as torch names it: `cpu`, `cuda` or `cuda:1`."""
        self._device = torch.device(device)
        self._loaded: _Loaded | None = None

    def load(self, preset: Preset) -> None:
        """Drops the model loaded before. Raises ModelMissing, OutOfMemory."""
        self.close()
        self._loaded = _Loaded(load_pipeline(preset, self._device), preset)

    def render(self, plan: RenderPlan, media: MediaReader, on_step: OnStep) -> LtxRendering:
        """Denoises; frames are decoded when they are asked for. See `VideoEngine.render`."""
        if self._loaded is None:
            raise RenderFailed(detail="no preset is loaded")
        return self._loaded.render(plan, media, on_step)

    def close(self) -> None:
        """Free the device's memory."""
        self._loaded = None
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


class _Loaded:
    """One model, ready."""

    def __init__(self, pipeline: LTXConditionPipeline, preset: Preset) -> None:
        self._pipeline = pipeline
        self._preset = preset
        self._texts = TextCache(pipeline, preset)
        self._still_decoder = still_decoder(pipeline.vae)

    def render(self, plan: RenderPlan, media: MediaReader, on_step: OnStep) -> LtxRendering:
        check_plan(plan, self._preset)
        schedule = self._schedule(plan)
        # On the CPU on every device, so that a seed means the same clip everywhere.
        generator = torch.Generator("cpu").manual_seed(plan.seed)
        arguments = self._given(plan, media) | {
            "timesteps": schedule.timesteps,
            "denoise_strength": schedule.denoise_strength,
            "num_inference_steps": plan.steps,
            "guidance_scale": plan.guidance,
            "width": plan.size.width,
            "height": plan.size.height,
            "num_frames": plan.num_frames,
            "frame_rate": plan.fps,
            "generator": generator,
        }
        on_step(Step(stage=Stage.ENCODING, step=0, total=1))
        with engine_errors():
            arguments |= self._texts_of(plan)
        on_step(Step(stage=Stage.DENOISING, step=0, total=schedule.steps))
        with engine_errors():
            latents = self._denoise(
                arguments, Previewer(self._pipeline, self._still_decoder, plan, schedule.steps), on_step
            )
        return LtxRendering(self._pipeline, latents, generator, on_step)

    def _denoise(self, arguments: dict[str, Any], previewer: Previewer, on_step: OnStep) -> torch.Tensor:
        """Latents, normalised, float32, (1, channels, frames, height, width)."""

        def told(_pipeline: object, index: int, _timestep: object, state: dict[str, Any]) -> dict[str, Any]:
            preview = previewer.after(index + 1, state["latents"])
            on_step(Step(stage=Stage.DENOISING, step=index + 1, total=previewer.steps, preview=preview))
            return {}

        try:
            with previewer:
                latents: torch.Tensor = self._pipeline(
                    **arguments, image_cond_noise_scale=0.0, output_type="latent", callback_on_step_end=told
                ).frames
        finally:
            # The pipeline does so itself only where nothing was raised.
            self._pipeline.maybe_free_model_hooks()
        return latents

    def _schedule(self, plan: RenderPlan) -> Schedule:
        if plan.start is None or plan.start.strength >= 1:
            return from_noise(plan.steps, self._preset.timesteps)
        return from_latents(plan.steps, self._preset.timesteps, plan.start.strength)

    def _texts_of(self, plan: RenderPlan) -> dict[str, torch.Tensor]:
        if plan.guidance <= 1:  # nothing to be guided away from: half the work
            (prompt,) = self._texts.embed(plan.prompt)
            return {"prompt_embeds": prompt.embeds, "prompt_attention_mask": prompt.mask}
        prompt, negative = self._texts.embed(plan.prompt, plan.negative_prompt)
        return {
            "prompt_embeds": prompt.embeds,
            "prompt_attention_mask": prompt.mask,
            "negative_prompt_embeds": negative.embeds,
            "negative_prompt_attention_mask": negative.mask,
        }

    def _given(self, plan: RenderPlan, media: MediaReader) -> dict[str, Any]:
        """Latents to start from and frames to contain; without any, None (an empty list would fail)."""
        start = None if plan.start is None else self._start(plan.start, plan, media)
        conditions = [self._condition(condition, plan, media) for condition in plan.conditions]
        return {"latents": start, "conditions": conditions or None}

    def _start(self, start: Start, plan: RenderPlan, media: MediaReader) -> torch.Tensor:
        with engine_errors():
            latents = safetensors.torch.load(media.latents(start.media))["latents"]
        expected = self._latent_shape(plan)
        if tuple(latents.shape) != expected:
            raise self._unsupported(f"a start from latents of shape {tuple(latents.shape)} for a clip of {expected}")
        return latents

    def _latent_shape(self, plan: RenderPlan) -> tuple[int, ...]:
        ratio = self._pipeline.vae_spatial_compression_ratio
        frames = (plan.num_frames - 1) // self._pipeline.vae_temporal_compression_ratio + 1
        channels = self._pipeline.transformer.config.in_channels
        return (1, channels, frames, plan.size.height // ratio, plan.size.width // ratio)

    def _condition(self, condition: Condition, plan: RenderPlan, media: MediaReader) -> LTXVideoCondition:
        """Given frames at the plan's size, cropped by us, for the pipeline would stretch them.

        It would also cut in silence what does not fit: so r*k+1 frames are asked for, at multiples of r.
        """
        ratio = int(self._pipeline.vae_temporal_compression_ratio)
        frames = media.frames(condition.media)
        count, at = len(frames), condition.at_frame
        if at + count > plan.num_frames or count % ratio != 1 or (count > 1 and at % ratio):
            raise self._unsupported(f"{count} given frames at frame {at} of {plan.num_frames}")
        images = [Image.fromarray(pixels) for pixels in cover(frames, plan.size)]
        place: dict[str, Any] = {"frame_index": at, "strength": condition.strength}
        return LTXVideoCondition(image=images[0], **place) if count == 1 else LTXVideoCondition(video=images, **place)

    def _unsupported(self, capability: str) -> Unsupported:
        return Unsupported(preset=self._preset.name, capability=capability, presets="unknown to the engine")
