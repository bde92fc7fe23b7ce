"""A whole implementation of the engine's port that draws a moving square instead of running a model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save

from inference.engines.port import MediaReader, OnStep, Step
from inference.presets import Preset
from inference.types import RenderPlan, Stage

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch

BATCH = 4


@dataclass
class ToyEngine:
    """Takes `step_seconds` for each step; `trouble` may raise at a step, as a device would."""

    step_seconds: float = 0.0
    #: Called with the number of every denoising step, in the engine's thread.
    trouble: Callable[[int], None] = lambda step: None
    loads: list[str] = field(default_factory=list)
    steps: int = 0
    threads: set[str] = field(default_factory=set)
    closed: bool = False

    def load(self, preset: Preset) -> None:
        self.loads.append(preset.name)

    def render(self, plan: RenderPlan, media: MediaReader, on_step: OnStep) -> ToyRendering:
        self.threads.add(threading.current_thread().name)
        for condition in plan.conditions:
            media.frames(condition.media)
        if plan.start:
            media.latents(plan.start.media)
        frames = draw(plan)
        for step in range(1, plan.steps + 1):
            time.sleep(self.step_seconds)
            self.trouble(step)
            self.steps += 1
            on_step(Step(stage=Stage.DENOISING, step=step, total=plan.steps, preview=frames[0]))
        return ToyRendering(frames, on_step)

    def close(self) -> None:
        self.closed = True


class ToyRendering:
    """Gives `BATCH` frames at a time."""

    audio = None

    def __init__(self, pixels: FrameBatch, on_step: OnStep) -> None:
        self._pixels = pixels
        self._on_step = on_step

    @property
    def frames(self) -> Iterator[FrameBatch]:
        total = len(self._pixels)
        for first in range(0, total, BATCH):
            yield self._pixels[first : first + BATCH]
            self._on_step(Step(stage=Stage.DECODING, step=min(total, first + BATCH), total=total))

    @property
    def latents(self) -> bytes:
        return save({"latents": np.zeros((1, 8, 2, 1, 2), np.float32)})


def draw(plan: RenderPlan) -> FrameBatch:
    """A grey square that moves to the right by two pixels a frame, over the seed's shade."""
    pixels = np.full((plan.num_frames, plan.size.height, plan.size.width, 3), plan.seed % 200, np.uint8)
    for index, frame in enumerate(pixels):
        frame[8:24, 2 * index : 2 * index + 16] = 230
    return pixels
