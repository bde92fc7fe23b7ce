"""Random clips, as the trainings want them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.pocket.training.config import FPS, LENGTHS, SHAPES, SPACE
from inference.pocket.training.foreground import foreground
from inference.pocket.world.draw import Frames, draw_clip, draw_empty
from inference.pocket.world.motion import centre_track, reach
from inference.pocket.world.sampling import sample_scene
from inference.pocket.world.scene import Camera, Canvas, Scene, Weather

Found = NDArray[np.int64]


def rng_for(seed: int, stage: int, *step: int) -> np.random.Generator:
    """Independent random numbers for every step, so that a resumed run repeats nothing and loses nothing."""
    return np.random.default_rng([seed, stage, *step])


def sample_shape(rng: np.random.Generator) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height, _ = SHAPES[int(rng.choice(len(SHAPES), p=[share for *_, share in SHAPES]))]
    return width, height


def sample_alone(rng: np.random.Generator) -> Scene:
    """A scene of what latents have channels for: one subject in clear air before a camera that stands."""
    return replace(sample_scene(rng), companion=None, camera=Camera.STATIC, weather=Weather.CLEAR)


def sample_canvas(rng: np.random.Generator) -> Canvas:
    """A canvas of a random shape and length."""
    width, height = sample_shape(rng)
    frames, _ = LENGTHS[int(rng.choice(len(LENGTHS), p=[share for _, share in LENGTHS]))]
    return Canvas(width=width, height=height, frames=frames, fps=FPS)


def to_tensor(frames: Frames) -> Tensor:
    """uint8 [frames, height, width, 3] to float32 [3, frames, height, width] in -1..1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2).float() / 127.5 - 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Some frames of a clip, and what is known of them."""

    #: [3, frames, height, width] in -1..1.
    video: Tensor
    #: The same place without the subject.
    empty: Tensor
    #: `foreground`'s channels.
    foreground: Tensor
    #: 1 on the subject's box, else 0: [1, frames, height, width].
    box: Tensor

    def close_up(self, rng: np.random.Generator, tokens: int = 3) -> Snippet:
        """`tokens` x `tokens` latents with most of the subject in them."""
        rows, columns = (np.flatnonzero(self.box[0, 0].numpy().any(axis=axis)) // SPACE for axis in (1, 0))
        top, left = (self._start(rng, found, tokens, size) for found, size in self._sides(rows, columns))
        pixels = (..., slice(SPACE * top, SPACE * (top + tokens)), slice(SPACE * left, SPACE * (left + tokens)))
        return Snippet(
            video=self.video[pixels],
            empty=self.empty[pixels],
            foreground=self.foreground[..., top : top + tokens, left : left + tokens],
            box=self.box[pixels],
        )

    def _sides(self, rows: Found, columns: Found) -> list[tuple[Found, int]]:
        height, width = self.foreground.shape[-2:]
        return [(rows, height), (columns, width)]

    @staticmethod
    def _start(rng: np.random.Generator, found: Found, tokens: int, size: int) -> int:
        """Where to begin so that the tokens `found` lie inside, as far as they fit."""
        low, high = int(found.max()) - tokens + 1, int(found.min())
        return int(np.clip(rng.integers(min(low, high), max(low, high) + 1), 0, size - tokens))


def draw_snippets(rng: np.random.Generator, count: int, frames: int) -> list[Snippet]:
    """`count` snippets of `frames` frames from anywhere in their clips, all of one shape."""
    width, height = sample_shape(rng)
    canvas = Canvas(width=width, height=height, frames=25, fps=FPS)
    return [_snippet(rng, canvas, frames) for _ in range(count)]


def _snippet(rng: np.random.Generator, canvas: Canvas, frames: int) -> Snippet:
    scene, first = sample_alone(rng), int(rng.integers(canvas.frames - frames + 1))
    box = torch.zeros(1, frames, canvas.height, canvas.width)
    half_x, half_y = reach(scene, canvas)
    for i, (x, y) in enumerate(centre_track(scene, canvas)[first : first + frames]):
        rows = slice(max(0, int(y - half_y) - 2), int(y + half_y) + 3)
        box[0, i, rows, max(0, int(x - half_x) - 2) : int(x + half_x) + 3] = 1.0
    return Snippet(
        video=to_tensor(draw_clip(scene, canvas, first, frames)),
        empty=to_tensor(draw_empty(scene, canvas, 0, 1)).expand(-1, frames, -1, -1),
        foreground=foreground(scene, canvas, first, frames),
        box=box,
    )


def snippets(rng: np.random.Generator, count: int, frames: int, empty: float = 0.0) -> Tensor:
    """Videos alone, [count, 3, frames, height, width]; a share of them without the subject."""
    drawn = draw_snippets(rng, count, frames)
    return torch.stack([s.empty if rng.uniform() < empty else s.video for s in drawn])
