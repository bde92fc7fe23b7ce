"""Random clips, as the trainings want them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from inference.pocket.training.config import FPS, LENGTHS, SHAPES
from inference.pocket.world.draw import Frames, draw_clip
from inference.pocket.world.scene import Canvas, sample_scene


def rng_for(seed: int, stage: int, step: int) -> np.random.Generator:
    """Independent random numbers for every step, so that a resumed run repeats nothing and loses nothing."""
    return np.random.default_rng([seed, stage, step])


def sample_shape(rng: np.random.Generator) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height, _ = SHAPES[int(rng.choice(len(SHAPES), p=[share for *_, share in SHAPES]))]
    return width, height


def sample_canvas(rng: np.random.Generator) -> Canvas:
    """A canvas of a random shape and length."""
    width, height = sample_shape(rng)
    frames, _ = LENGTHS[int(rng.choice(len(LENGTHS), p=[share for _, share in LENGTHS]))]
    return Canvas(width=width, height=height, frames=frames, fps=FPS)


def to_tensor(frames: Frames) -> Tensor:
    """uint8 [frames, height, width, 3] to float32 [3, frames, height, width] in -1..1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2).float() / 127.5 - 1.0


def snippets(rng: np.random.Generator, count: int, frames: int) -> Tensor:
    """`count` snippets of `frames` frames from anywhere in their clips: [count, 3, frames, height, width]."""
    width, height = sample_shape(rng)
    canvas = Canvas(width=width, height=height, frames=25, fps=FPS)
    return torch.stack([_snippet(rng, canvas, frames) for _ in range(count)])


def _snippet(rng: np.random.Generator, canvas: Canvas, frames: int) -> Tensor:
    first = int(rng.integers(canvas.frames - frames + 1))
    return to_tensor(draw_clip(sample_scene(rng), canvas, first, frames))
