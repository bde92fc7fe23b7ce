"""A pool of encoded clips that grows while the transformer trains, so that it meets new ones all the time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo
from torch import Tensor

from inference.pocket.training import linear
from inference.pocket.training.config import LENGTHS, SHAPES
from inference.pocket.training.data import rng_for, sample_canvas, to_tensor
from inference.pocket.world.draw import draw_clip
from inference.pocket.world.scene import Canvas, Scene, sample_scene

_STAGE = 3
#: Clips drawn together, all on one canvas.
_CHUNK = 4
#: What a chunk's number means; clips saved under another plan are not what their numbers say.
_PLAN = repr((SHAPES, LENGTHS, _CHUNK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip, encoded."""

    scene: Scene
    canvas: Canvas
    #: Normalised latents, fp16 [channels, frames, height, width].
    latents: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Clips drawn together; number, seed and latents suffice to restore it."""

    number: int
    canvas: Canvas
    scenes: tuple[Scene, ...]
    #: fp16 [clips, channels, frames, height, width].
    latents: Tensor


def _plan(seed: int, number: int) -> tuple[Canvas, tuple[Scene, ...]]:
    rng = rng_for(seed, _STAGE, number)
    return sample_canvas(rng), tuple(sample_scene(rng) for _ in range(_CHUNK))


class Pool:
    """Encoded clips; the oldest go when it is full."""

    def __init__(self, path: Path, most: int, seed: int) -> None:
        self._path, self._most, self._seed = path, most, seed
        self._chunks: deque[Chunk] = deque()
        self._next = 0
        if path.exists():
            self._load()

    def __len__(self) -> int:
        return len(self._chunks) * _CHUNK

    def _load(self) -> None:
        saved = torch.load(self._path, weights_only=True)
        if saved["plan"] != _PLAN:
            return
        for number, latents in saved["chunks"]:
            canvas, scenes = _plan(self._seed, number)
            self._chunks.append(Chunk(number=number, canvas=canvas, scenes=scenes, latents=latents))
            self._next = number + 1

    def save(self) -> None:
        """Keep the pool for the next run: encoding is the dear part."""
        part = self._path.with_suffix(".part")
        torch.save({"plan": _PLAN, "chunks": [(chunk.number, chunk.latents) for chunk in self._chunks]}, part)
        part.replace(self._path)

    @torch.no_grad()
    def grow(self, vae: AutoencoderKLLTXVideo) -> None:
        """Draw and encode one chunk more."""
        canvas, scenes = _plan(self._seed, self._next)
        latents = [encode(vae, to_tensor(draw_clip(scene, canvas))[None]) for scene in scenes]
        chunk = Chunk(number=self._next, canvas=canvas, scenes=scenes, latents=torch.cat(latents).half())
        self._chunks.append(chunk)
        self._next += 1
        if len(self) > self._most:
            self._chunks.popleft()

    def pick(self, rng: np.random.Generator, budget: int) -> list[Clip]:
        """A batch on one canvas, about `budget` tokens in all; canvases as likely as they have clips."""
        canvas = self._chunks[int(rng.integers(len(self._chunks)))].canvas
        chunks = [chunk for chunk in self._chunks if chunk.canvas == canvas]
        count = max(2, round(budget / chunks[0].latents[0, 0].numel()))
        chosen = [(chunks[int(rng.integers(len(chunks)))], int(rng.integers(_CHUNK))) for _ in range(count)]
        return [Clip(scene=chunk.scenes[i], canvas=canvas, latents=chunk.latents[i]) for chunk, i in chosen]


def encode(vae: AutoencoderKLLTXVideo, video: Tensor) -> Tensor:
    """Normalised latents, as the pipelines make them, of [batch, 3, frames, height, width] in -1..1."""
    latents = linear.encode(vae, video.to(vae.device))
    mean, deviation = (s.view(1, -1, 1, 1, 1) for s in (vae.latents_mean, vae.latents_std))
    normal: Tensor = (latents - mean) / deviation
    return normal.cpu()
