"""Clips as members get them: through the engine, with the preset's own steps, schedule and strength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.engines.ltx import LtxEngine
from inference.engines.port import Step
from inference.pocket.judge.reading import Video
from inference.presets import Preset
from inference.types import MediaRef, RenderPlan, Size, Start

_PARENT = MediaRef(blob="parent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A clip and what a remix of it starts from."""

    video: Video
    latents: bytes


class _Parent:
    """The one source that a remix reads."""

    def __init__(self, latents: bytes) -> None:
        self._latents = latents

    def latents(self, _ref: MediaRef) -> bytes:
        return self._latents

    def frames(self, _ref: MediaRef) -> Video:
        raise NotImplementedError("a remix of the same shape starts from latents")


class Studio:
    """Renders prompts with one checkpoint."""

    def __init__(self, preset: Preset, size: Size, frames: int) -> None:
        self._preset, self._size, self._frames = preset, size, frames
        self._engine = LtxEngine("cpu")
        self._engine.load(preset)

    def generate(self, prompt: str, seed: int) -> Made:
        """A new clip."""
        return self._render(prompt, seed, None, b"")

    def remix(self, parent: Made, prompt: str, seed: int, strength: float | None = None) -> Made:
        """`prompt` is the parent's, and the instruction; None: the preset's own strength."""
        start = Start(media=_PARENT, strength=self._preset.remix_strength if strength is None else strength)
        return self._render(prompt, seed, start, parent.latents)

    def _render(self, prompt: str, seed: int, start: Start | None, latents: bytes) -> Made:
        plan = RenderPlan(
            preset=self._preset.name,
            prompt=prompt,
            negative_prompt="",
            size=self._size,
            num_frames=self._frames,
            fps=self._preset.fps,
            steps=self._preset.steps,
            guidance=self._preset.guidance,
            seed=seed,
            start=start,
        )
        rendering = self._engine.render(plan, _Parent(latents), _ignore)
        return Made(video=np.concatenate(list(rendering.frames)), latents=rendering.latents)


def _ignore(_step: Step) -> None:
    pass
