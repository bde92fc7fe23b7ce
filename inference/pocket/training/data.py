"""Random clips, as the trainings want them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count as numbers
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inference.pocket.training.config import FPS, LENGTHS, SHAPES, SPACE, TIME
from inference.pocket.training.foreground import MOOD, box, foreground
from inference.pocket.world.draw import Frames, draw_clip, draw_empty
from inference.pocket.world.sampling import pick, sample_scene
from inference.pocket.world.scene import Canvas, Scene, second
from inference.pocket.world.weather import falls

T = TypeVar("T")
#: Frames of the clips that snippets are cut from.
_WHOLE = 49
#: Batches that each process draws ahead.
_AHEAD = 2


def rng_for(seed: int, stage: int, *step: int) -> np.random.Generator:
    """Independent random numbers for every step, so that a resumed run repeats nothing and loses nothing."""
    return np.random.default_rng([seed, stage, *step])


class _Drawn(Dataset[T], Generic[T]):
    """What `make` draws for a step's number."""

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make

    def __getitem__(self, step: int) -> T:
        return self._make(step)


def parts(make: Callable[[int, int], T], first: int, replicas: int, workers: int) -> Iterator[list[Callable[[], T]]]:
    """What each replica learns in step `first`, `first + 1`, ...: `make(step, replica)`, when it is called for.

    With `workers`, that many processes draw some steps ahead; there must be one replica then.
    """
    if not workers:
        for step in numbers(first):
            yield [functools.partial(make, step, i) for i in range(replicas)]
    loader = DataLoader(
        _Drawn(functools.partial(_for_one, make)),
        batch_size=None,
        sampler=numbers(first),
        collate_fn=_as_it_is,
        num_workers=workers,
        prefetch_factor=_AHEAD,
        multiprocessing_context="forkserver",
        worker_init_fn=_alone,
    )
    for drawn in loader:
        yield [functools.partial(_as_it_is, drawn)]


def _for_one(make: Callable[[int, int], T], step: int) -> T:
    return make(step, 0)


def _as_it_is(drawn: T) -> T:
    return drawn


def _alone(_number: int) -> None:
    torch.set_num_threads(1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Some frames of a clip, and what is known of them."""

    #: [3, frames, height, width] in -1..1.
    video: Tensor
    #: The same place without subjects, and with nothing in the air.
    empty: Tensor
    #: `foreground`'s channels.
    foreground: Tensor
    #: 1 on the subjects' boxes, else 0: [1, frames, height, width].
    box: Tensor
    #: Left, top, right and bottom of every subject in the first frame, in pixels of the whole picture.
    spots: tuple[tuple[int, ...], ...]
    #: Whether something falls in `video`, so that `empty` is not it without its subjects.
    veiled: bool

    @property
    def mood(self) -> Tensor:
        """The channels of the place without its subjects."""
        alone = self.foreground.clone()
        alone[:MOOD] = 0
        return alone

    def close_up(self, rng: np.random.Generator, tokens: int = 3) -> Snippet:
        """`tokens` x `tokens` latents with most of one subject in them."""
        left, above, right, below = (side // SPACE for side in pick(rng, self.spots))
        height, width = self.foreground.shape[-2:]
        top, left = _start(rng, above, below, tokens, height), _start(rng, left, right, tokens, width)
        pixels = (..., slice(SPACE * top, SPACE * (top + tokens)), slice(SPACE * left, SPACE * (left + tokens)))
        return replace(
            self,
            video=self.video[pixels],
            empty=self.empty[pixels],
            foreground=self.foreground[..., top : top + tokens, left : left + tokens],
            box=self.box[pixels],
        )


def _start(rng: np.random.Generator, first: int, last: int, tokens: int, size: int) -> int:
    """Where to begin so that tokens `first` ... `last` lie inside, as far as they fit."""
    low, high = last - tokens + 1, first
    return int(np.clip(rng.integers(min(low, high), max(low, high) + 1), 0, size - tokens))


def draw_snippets(rng: np.random.Generator, count: int, frames: int, visitors: int = 1) -> list[Snippet]:
    """`count` snippets of `frames` frames out of clips, all of one shape; as many as `visitors` in the same place."""
    width, height = sample_shape(rng)
    canvas = Canvas(width=width, height=height, frames=_WHOLE, fps=FPS)
    scenes: list[Scene] = []
    for i in range(count):
        scenes.append(sample_scene(rng, scenes[-1] if i % visitors else None))
    return [_snippet(rng, scene, canvas, frames) for scene in scenes]


def _snippet(rng: np.random.Generator, scene: Scene, canvas: Canvas, frames: int) -> Snippet:
    # Where a latent begins, so that what falls is where it always is.
    first = TIME * int(rng.integers((canvas.frames - frames) // TIME + 1))
    other = second(scene)
    boxes = [box(one, canvas)[first : first + frames] for one in ((scene,) if other is None else (scene, other))]
    return Snippet(
        video=to_tensor(draw_clip(scene, canvas, first, frames)),
        empty=to_tensor(draw_empty(scene, canvas, first, frames)),
        foreground=foreground(scene, canvas, first, frames),
        box=_mask(boxes, canvas),
        spots=tuple(tuple(int(side) for side in one[0]) for one in boxes),
        veiled=falls(scene),
    )


def _mask(boxes: list[NDArray[np.float32]], canvas: Canvas) -> Tensor:
    found = torch.zeros(1, len(boxes[0]), canvas.height, canvas.width)
    for one in boxes:
        for i, (left, top, right, bottom) in enumerate(one):
            found[0, i, max(0, int(top) - 2) : int(bottom) + 3, max(0, int(left) - 2) : int(right) + 3] = 1.0
    return found


def snippets(rng: np.random.Generator, count: int, frames: int, empty: float = 0.0) -> Tensor:
    """Videos alone, [count, 3, frames, height, width]; a share of them without subjects."""
    drawn = draw_snippets(rng, count, frames)
    return torch.stack([s.empty if rng.uniform() < empty else s.video for s in drawn])
