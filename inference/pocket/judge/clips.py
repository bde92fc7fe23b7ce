"""Clips as members get them: through the engine, with the preset's own steps, schedule and strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from inference.engines.ltx import LtxEngine
from inference.engines.port import Step
from inference.pocket.judge.reading import Video
from inference.presets import Preset
from inference.types import Condition, MediaRef, RenderPlan, Size, Start

_PARENT = MediaRef(blob="parent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A clip and what a remix of it starts from."""

    video: Video
    latents: bytes


class _Sources:
    """What a plan refers to: a parent's latents, or given frames by the frame where they are to be."""

    def __init__(self, latents: bytes, given: Mapping[int, Video]) -> None:
        self._latents, self._given = latents, given

    def latents(self, _ref: MediaRef) -> bytes:
        return self._latents

    def frames(self, ref: MediaRef) -> Video:
        return self._given[int(ref.blob)]


class Studio:
    """Renders prompts with one checkpoint."""

    def __init__(self, preset: Preset, size: Size, frames: int, device: str = "cpu") -> None:
        self._preset, self._size, self.frames = preset, size, frames
        self._engine = LtxEngine(device)
        self._engine.load(preset)

    @property
    def fps(self) -> int:
        """Frames per second of its clips."""
        return self._preset.fps

    @property
    def piece(self) -> int:
        """Frames that one latent holds, and the one before them: the shortest tail of a clip that can be given."""
        return self._preset.frames.step + 1

    def generate(self, prompt: str, seed: int) -> Made:
        """A new clip."""
        return self._render(self._plan(prompt, seed), _Sources(b"", {}))

    def remix(self, parent: Made, prompt: str, seed: int, strength: float | None = None) -> Made:
        """`prompt` is the parent's, and the instruction; None: the preset's own strength."""
        start = Start(media=_PARENT, strength=self._preset.remix_strength if strength is None else strength)
        return self._render(replace(self._plan(prompt, seed), start=start), _Sources(parent.latents, {}))

    def between(self, prompt: str, seed: int, given: Mapping[int, Video]) -> Made:
        """A clip that contains the `given` frames, by the frame where each piece begins."""
        conditions = tuple(Condition(media=MediaRef(blob=str(at)), at_frame=at) for at in given)
        return self._render(replace(self._plan(prompt, seed), conditions=conditions), _Sources(b"", given))

    def _plan(self, prompt: str, seed: int) -> RenderPlan:
        return RenderPlan(
            preset=self._preset.name,
            prompt=prompt,
            negative_prompt="",
            size=self._size,
            num_frames=self.frames,
            fps=self._preset.fps,
            steps=self._preset.steps,
            guidance=self._preset.guidance,
            seed=seed,
        )

    def _render(self, plan: RenderPlan, sources: _Sources) -> Made:
        rendering = self._engine.render(plan, sources, _ignore)
        return Made(video=np.concatenate(list(rendering.frames)), latents=rendering.latents)


def _ignore(_step: Step) -> None:
    pass
