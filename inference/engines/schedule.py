"""Which noise levels a render goes through."""

from __future__ import annotations

from dataclasses import dataclass

from diffusers.pipelines.ltx.pipeline_ltx_condition import linear_quadratic_schedule

FULL_NOISE = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the pipeline is told where to begin and which steps to take."""

    #: Noise levels, 0 to 1000, descending, as the pipeline is given them.
    timesteps: list[float]
    #: Fraction of `timesteps` that runs, as diffusers counts it.
    denoise_strength: float
    #: Steps that run.
    steps: int


def from_noise(steps: int, timesteps: tuple[float, ...]) -> Schedule:
    """The whole schedule: a distilled model's own `timesteps`, or else what the pipeline itself takes for `steps`."""
    levels = _levels(steps, timesteps)
    return Schedule(timesteps=levels, denoise_strength=1.0, steps=len(levels))


def from_latents(steps: int, timesteps: tuple[float, ...], strength: float) -> Schedule:
    """Begin at sigma `strength` and take the levels of the whole schedule that lie below it.

    diffusers' own `denoise_strength` counts steps, not noise: half of them end at sigma 0.975, where nothing of the
    parent is left. So the level itself leads the list, behind a first entry at full noise that a fraction between
    n-1 and n n-ths skips.
    """
    first = strength * FULL_NOISE
    levels = [first, *(level for level in _levels(steps, timesteps) if level < first)]
    return Schedule(
        timesteps=[FULL_NOISE, *levels], denoise_strength=(len(levels) + 0.5) / (len(levels) + 1), steps=len(levels)
    )


def _levels(steps: int, timesteps: tuple[float, ...]) -> list[float]:
    return list(timesteps) or [float(sigma) * FULL_NOISE for sigma in linear_quadratic_schedule(steps)]
