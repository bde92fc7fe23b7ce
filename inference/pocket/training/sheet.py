"""Contact sheets: what a checkpoint makes of a list of prompts, for human eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    "a green car driving left in the desert in the rain",
    "a yellow bird flying right in the city at night, cyberpunk",
    "a purple boat sailing left over the ocean, the camera pans right",
    "an orange balloon rising over the forest, watercolour",
    "a white rocket falling in space",
    "a pink fish bouncing in the snow, anime style",
    "夜の海を右へ動く緑の星",
    "a turquoise butterfly circling in the meadow and a brown cat standing still",
    "a blue heart flying in an arc in the mountains, pixel art",
    "a yellow house standing still in the town while it snows, zoom in",
)


def noise_levels(steps: int, shift: float = 6.0) -> list[float]:
    """Timesteps (0..1000) from full noise downwards, denser at high noise: the shift the model was trained with."""
    u = np.linspace(1.0, 0.0, steps + 1)[:-1]
    return [float(1000 * s) for s in shift * u / (1 + (shift - 1) * u)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to render and how."""

    prompt: str
    seed: int
    timesteps: tuple[float, ...]
    guidance: float = 1.0
    width: int = 224
    height: int = 128
    frames: int = 49
    #: Normalised latents of a parent, to start from the second timestep on.
    parent: torch.Tensor | None = None


def latents(pipeline: LTXConditionPipeline, wish: Wish) -> torch.Tensor:
    """Normalised latents [1, channels, frames, height, width] of one clip."""
    count = len(wish.timesteps)
    # The pipeline skips int(count * (1 - denoise_strength)) entries: here the first, which is full noise.
    share = 1.0 if wish.parent is None else (count - 0.5) / count
    made: torch.Tensor = pipeline(
        prompt=wish.prompt,
        width=wish.width,
        height=wish.height,
        num_frames=wish.frames,
        frame_rate=FPS,
        timesteps=list(wish.timesteps),
        denoise_strength=share,
        latents=wish.parent,
        guidance_scale=wish.guidance,
        generator=torch.Generator().manual_seed(wish.seed),
        max_sequence_length=64,
        output_type="latent",
    ).frames
    return made


@torch.no_grad()
def decode(pipeline: LTXConditionPipeline, made: torch.Tensor) -> Video:
    """Normalised latents to uint8 [frames, height, width, 3], as the pipeline does it."""
    vae = pipeline.vae
    mean, deviation = (s.view(1, -1, 1, 1, 1) for s in (vae.latents_mean, vae.latents_std))
    video = vae.decode(made * deviation + mean).sample[0].permute(1, 2, 3, 0)
    frames: Video = ((video.clamp(-1, 1) + 1) * 127.5 + 0.5).byte().numpy()
    return frames


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


def contact_sheet(pipeline: LTXConditionPipeline, prompts: Sequence[str], path: Path, *, steps: int = 8) -> None:
    """Write a PNG with one strip a prompt; the seed is the prompt's number."""
    pipeline.set_progress_bar_config(disable=True)
    wishes = [Wish(prompt=p, seed=i, timesteps=tuple(noise_levels(steps))) for i, p in enumerate(prompts)]
    strips = [strip(decode(pipeline, latents(pipeline, w)), f"{w.seed}: {w.prompt}") for w in wishes]
    stack(strips).save(path)
