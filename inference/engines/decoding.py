"""Latents to frames: one exact decode, given out in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import safetensors.torch
import torch
from diffusers import LTXConditionPipeline
from torch import nn

from inference.engines.faults import engine_errors
from inference.engines.port import OnStep, Step
from inference.types import Stage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.engines.port import FrameBatch

BATCH = 8
"""Frames given out at a time."""

DECODE_TIMESTEP = 0.05
DECODE_NOISE_SCALE = 0.025
"""For autoencoders that end the denoising themselves (`timestep_conditioning`): LTX-Video's published values."""


class LtxRendering:
    """A `Rendering`: frames are decoded when they are first asked for."""

    def __init__(
        self, pipeline: LTXConditionPipeline, latents: torch.Tensor, generator: torch.Generator, on_step: OnStep
    ) -> None:
        self._pipeline = pipeline
        self._latents = latents
        self._generator = generator
        self._on_step = on_step

    @property
    def frames(self) -> Iterator[FrameBatch]:
        """Raises EngineError, and what `on_step` raises between batches."""
        total = -(-_pixel_frames(self._pipeline, self._latents) // BATCH)
        self._on_step(Step(stage=Stage.DECODING, step=0, total=total))
        with engine_errors():
            video = decode(self._pipeline, self._latents, self._generator)
        for index, batch in enumerate(torch.split(video, BATCH, dim=2), 1):
            with engine_errors():
                frames = to_uint8(batch)
            yield frames
            self._on_step(Step(stage=Stage.DECODING, step=index, total=total))

    @property
    def latents(self) -> bytes:
        return safetensors.torch.save({"latents": self._latents.float().cpu().contiguous()})

    @property
    def audio(self) -> None:
        return None


@torch.inference_mode()
def decode(
    pipeline: LTXConditionPipeline,
    latents: torch.Tensor,
    generator: torch.Generator | None = None,
    decoder: nn.Module | None = None,
) -> torch.Tensor:
    """Normalised latents (1, channels, frames, height, width) to video (1, 3, frames, height, width), -1 to 1.

    As `LTXConditionPipeline` does it at the end of its call. Previews pass a `decoder` instead of the autoencoder's
    own, and no generator: then no noise is added.
    """
    vae = pipeline.vae
    scaled = pipeline._denormalize_latents(  # noqa: SLF001  # the pipeline offers no public way to decode latents
        latents, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
    ).to(vae.dtype)
    decoder = decoder or vae.decoder
    if not vae.config.timestep_conditioning:
        return cast(torch.Tensor, decoder(scaled))
    if generator is not None:
        noise = torch.randn(scaled.shape, generator=generator, dtype=scaled.dtype).to(scaled.device)
        scaled = (1 - DECODE_NOISE_SCALE) * scaled + DECODE_NOISE_SCALE * noise
    timestep = torch.tensor([DECODE_TIMESTEP], device=scaled.device, dtype=scaled.dtype)
    return cast(torch.Tensor, decoder(scaled, timestep))


def to_uint8(video: torch.Tensor) -> FrameBatch:
    """(1, 3, frames, height, width), -1 to 1, to (frames, height, width, 3), 0 to 255, rounded."""
    pixels = video[0].permute(1, 2, 3, 0).float().add(1).mul(127.5).round().clamp(0, 255)
    return cast("npt.NDArray[np.uint8]", pixels.to(torch.uint8).cpu().numpy())


def _pixel_frames(pipeline: LTXConditionPipeline, latents: torch.Tensor) -> int:
    return (latents.shape[2] - 1) * int(pipeline.vae_temporal_compression_ratio) + 1
