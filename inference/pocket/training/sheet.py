"""Contact sheets: what a checkpoint makes of a list of prompts, for human eyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import LTXConditionPipeline
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inference.pocket.training.config import FPS

Video = NDArray[np.uint8]

#: Prompts for a quick look while training.
LOOK_AT = (
    "a red ball rising over the sea",
    "a red ball rising over the sea. make it blue",
    "a green car driving left in the desert",
    "a yellow bird flying right in the city at night",
    "a purple boat sailing left on the water",
    "an orange balloon rising over the forest",
    "a white rocket falling in space",
    "a pink fish bouncing in the snow, anime style",
    "夜の海を右へ動く緑の星",
    "a blue star falling in the woods at sunset",
)
#: Frames of a two-second clip.
FRAMES = 25


def noise_levels(steps: int, start: float = 1.0, shift: float = 2.5) -> list[float]:
    """Timesteps (0..1000) from sigma `start` downwards, denser at high noise: the shift the model was trained with."""
    u = np.linspace(1.0, 0.0, steps + 1)[:-1]
    sigma = shift * u / (1 + (shift - 1) * u)
    return [float(1000 * start * s) for s in sigma]


def render(
    pipeline: LTXConditionPipeline,
    prompt: str,
    *,
    seed: int,
    steps: int = 10,
    guidance: float = 2.0,
    size: tuple[int, int] = (224, 128),
    frames: int = FRAMES,
) -> Video:
    """One clip, uint8 [frames, height, width, 3]."""
    made = pipeline(
        prompt=prompt,
        width=size[0],
        height=size[1],
        num_frames=frames,
        frame_rate=FPS,
        timesteps=noise_levels(steps),
        guidance_scale=guidance,
        generator=torch.Generator().manual_seed(seed),
        max_sequence_length=64,
        output_type="np",
    ).frames[0]
    return (np.asarray(made) * 255 + 0.5).astype(np.uint8)


def strip(video: Video, label: str) -> Image.Image:
    """First, quarter, half and last frames side by side, with the prompt above."""
    picks = [video[round(share * (len(video) - 1))] for share in (0.0, 0.33, 0.67, 1.0)]
    row = np.concatenate(picks, axis=1)
    image = Image.new("RGB", (row.shape[1], row.shape[0] + 14), "white")
    image.paste(Image.fromarray(row), (0, 14))
    ImageDraw.Draw(image).text((2, 1), label.encode("ascii", "replace").decode(), fill="black")
    return image


def stack(strips: Sequence[Image.Image], columns: int = 2) -> Image.Image:
    """Strips below each other, in columns."""
    width, height = max(s.width for s in strips), max(s.height for s in strips)
    rows = -(-len(strips) // columns)
    sheet = Image.new("RGB", (width * columns, height * rows), "white")
    for i, image in enumerate(strips):
        sheet.paste(image, (i // rows * width, i % rows * height))
    return sheet


def contact_sheet(pipeline: LTXConditionPipeline, prompts: Sequence[str], path: Path, *, guidance: float = 2.0) -> None:
    """Write a PNG with one strip a prompt; the seed is the prompt's number."""
    pipeline.set_progress_bar_config(disable=True)
    strips = [strip(render(pipeline, p, seed=i, guidance=guidance), f"{i}: {p}") for i, p in enumerate(prompts)]
    stack(strips).save(path)
