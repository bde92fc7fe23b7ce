"""A first measure of remixes: does "make it blue" make it blue, and does the subject keep its path?

Colours and paths are read off the pixels, by nearness to the drawn world's colours; no model judges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from diffusers import LTXConditionPipeline
from numpy.typing import NDArray

from inference.pocket.training.sheet import Video, Wish, decode, latents, noise_levels
from inference.pocket.world.draw import COLOURS
from inference.pocket.world.scene import Colour

#: Colours farther than this from a subject's (root of the sum of squares, 0..1 channels) are not its own.
_NEAR = 0.30
#: The fewest pixels of 224x128 that count as a seen subject: a quarter of the smallest ball.
_SEEN = 350
#: The share of frames in which the subject must be seen.
_ALWAYS = 0.8
#: Denoising steps of parents and remixes.
_STEPS = 10
PARENT = "a red ball rising over the sea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one remix."""

    seed: int
    colour: Colour
    #: The new colour is seen and the old one is not.
    recoloured: bool
    #: The largest distance between the two tracks as a share of the width, over frames in which both are seen.
    drift: float
    #: Mean absolute change of the pixels that belong to neither subject, 0..255.
    background: float


def near(video: Video, colour: Colour) -> NDArray[np.bool_]:
    """Pixels that have the colour, under any of the subject's shading: [frames, height, width]."""
    pixels = video.astype(np.float32) / 255
    base = np.asarray(COLOURS[colour], np.float32)
    distances = [np.linalg.norm(pixels - np.clip(base * shade, 0, 1), axis=-1) for shade in (0.85, 1.0, 1.1)]
    found: NDArray[np.bool_] = np.min(distances, axis=0) < _NEAR
    return found


def track(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The median place of the mask, frame by frame: [frames, 2] as (x, y), NaN where too little is seen."""
    places = np.full((len(mask), 2), np.nan)
    for i, frame in enumerate(mask):
        rows, columns = np.nonzero(frame)
        if len(rows) >= _SEEN:
            places[i] = np.median(columns), np.median(rows)
    return places


def seen(places: NDArray[np.float64]) -> bool:
    """Whether the subject is there nearly always."""
    return bool(np.isfinite(places[:, 0]).mean() >= _ALWAYS)


def compare(seed: int, before: Video, after: Video, old: Colour, new: Colour) -> Verdict:
    """Judge one remix that asked for `new` instead of `old`."""
    masks = near(before, old), near(after, new)
    tracks = track(masks[0]), track(masks[1])
    distance = np.linalg.norm(tracks[0] - tracks[1], axis=1) / before.shape[2]
    left = np.mean(near(after, old).sum(axis=(1, 2)) >= _SEEN)
    neither = ~(masks[0] | masks[1])
    change = np.abs(before.astype(int) - after.astype(int)).mean(axis=-1)
    return Verdict(
        seed=seed,
        colour=new,
        recoloured=seen(tracks[1]) and bool(left < 1 - _ALWAYS),
        drift=float(np.nanmax(distance)) if np.isfinite(distance).any() else float("nan"),
        background=float(change[neither].mean()),
    )


def remix_levels(steps: int, strength: float) -> tuple[float, ...]:
    """A remix's timesteps: the full noise that is skipped, then from `strength` downwards, spaced as for a new clip."""
    return (1000.0, *(strength * level for level in noise_levels(steps)))


def judge_remixes(
    pipeline: LTXConditionPipeline, seeds: range, colours: tuple[Colour, ...], *, strength: float, guidance: float
) -> list[Verdict]:
    """Make the parent at every seed, remix it to every colour, and judge."""
    verdicts = []
    for seed in seeds:
        first = Wish(prompt=PARENT, seed=seed, timesteps=tuple(noise_levels(_STEPS)), guidance=guidance)
        parent = latents(pipeline, first)
        before = decode(pipeline, parent)
        for colour in colours:
            prompt, levels = f"{PARENT}. make it {colour.value}", remix_levels(_STEPS, strength)
            wish = Wish(prompt=prompt, seed=seed, timesteps=levels, guidance=guidance, parent=parent)
            verdicts.append(compare(seed, before, decode(pipeline, latents(pipeline, wish)), Colour.RED, colour))
    return verdicts


def summary(verdicts: list[Verdict]) -> str:
    """The figures in one line."""
    right = np.mean([v.recoloured for v in verdicts])
    drifts = np.asarray([v.drift for v in verdicts])
    close = np.mean(drifts < 0.1)
    background = np.mean([v.background for v in verdicts])
    return (
        f"{len(verdicts)} remixes: colour {right:.0%}, path within 10% of the width {close:.0%}, "
        f"median drift {np.nanmedian(drifts):.1%}, background change {background:.1f}/255"
    )
