"""A look at a clip that is still being denoised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import torch
from diffusers import LTXConditionPipeline
from torch import nn

from inference.engines.decoding import decode, to_uint8
from inference.types import RenderPlan

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LOOKS = 4
"""Previews a render: the first after the first step, the others evenly spread. Each decodes one latent frame."""


class Previewer:
    """Estimates the finished clip from two successive states and decodes its first frame.

    The sampler moves along a straight line from noise to clip, so its end is known from any step:
    x_end = x + (x - x_before) * sigma / (sigma_before - sigma).
    """

    def __init__(self, pipeline: LTXConditionPipeline, decoder: nn.Module, plan: RenderPlan, steps: int) -> None:
        """`decoder` as `still_decoder` makes it; `steps` that will run."""
        self._pipeline = pipeline
        self._decoder = decoder
        self._plan = plan
        self.steps = steps
        self._wanted = {1 + round(look * (steps - 1) / LOOKS) for look in range(LOOKS)}
        self._before: torch.Tensor | None = None

    def __enter__(self) -> Self:
        """Listen to the transformer: only it is told the state before the first step."""
        self._hook = self._pipeline.transformer.register_forward_pre_hook(self._remember_first, with_kwargs=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def after(self, step: int, latents: torch.Tensor) -> npt.NDArray[np.uint8] | None:
        """A frame (height, width, 3) after step 1, 2 …, or None at steps without a look. `latents` are packed."""
        before, self._before = self._before, latents
        if step not in self._wanted or step >= self.steps or before is None:
            return None
        sigmas = self._pipeline.scheduler.sigmas[-(self.steps + 1) :]
        sigma_before, sigma = float(sigmas[step - 1]), float(sigmas[step])
        end = latents + (latents - before) * (sigma / (sigma_before - sigma))
        frame: npt.NDArray[np.uint8] = to_uint8(decode(self._pipeline, self._first_frame(end), decoder=self._decoder))[
            0
        ]
        return frame

    def _first_frame(self, packed: torch.Tensor) -> torch.Tensor:
        """(1, tokens, channels) to (1, channels, 1, height, width); tokens of given frames stand before the clip's."""
        ratio = self._pipeline.vae_spatial_compression_ratio
        height, width = self._plan.size.height // ratio, self._plan.size.width // ratio
        frames = (self._plan.num_frames - 1) // self._pipeline.vae_temporal_compression_ratio + 1
        first = packed[:, packed.shape[1] - frames * height * width :][:, : height * width]
        return first.transpose(1, 2).reshape(1, -1, 1, height, width).float()

    def _remember_first(self, _module: object, _args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._before is None:
            # With guidance the batch holds the same latents twice.
            self._before = kwargs["hidden_states"][-1:].float().clone()
