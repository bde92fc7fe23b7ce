"""What each stage of a job takes: by its preset's own figures, then by what was measured on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from inference.presets import Preset
from inference.types import Recipe, RenderPlan, Stage

ENCODING_SECONDS = 0.3
PACKAGING_SECONDS_PER_MEGAPIXEL = 0.15
"""Per million (delivered pixel x frame): scaling, marking and encoding run on the CPU, whatever the preset."""


def predicted_stages(recipe: Recipe, preset: Preset) -> dict[Stage, float]:
    """Seconds of each stage by the preset's own figures, for what was never measured. Loading does not count."""
    plans = [piece for piece in recipe.pieces if isinstance(piece, RenderPlan)]
    delivered = recipe.size.width * recipe.size.height * recipe.num_frames / 1e6
    return {
        Stage.ENCODING: ENCODING_SECONDS,
        Stage.DENOISING: preset.seconds_per_megapixel_step * sum(_megapixels(plan) * _steps(plan) for plan in plans),
        Stage.DECODING: preset.seconds_per_megapixel_decoded * sum(_megapixels(plan) for plan in plans),
        Stage.PACKAGING: PACKAGING_SECONDS_PER_MEGAPIXEL * delivered,
    }


def predicted_seconds(recipe: Recipe, preset: Preset) -> float:
    """The same for the whole job."""
    return sum(predicted_stages(recipe, preset).values())


class Paces:
    """How the stages of each preset's last job compared to its figures: tells how the next one's time is shared out."""

    def __init__(self) -> None:
        self._ratios: dict[str, dict[Stage, float]] = {}

    def usual(self, recipe: Recipe, preset: Preset) -> dict[Stage, float]:
        """Seconds by stage that this recipe will take here."""
        ratios = self._ratios.get(preset.name, {})
        predicted = predicted_stages(recipe, preset)
        return {stage: seconds * ratios.get(stage, 1.0) for stage, seconds in predicted.items()}

    def learn(self, recipe: Recipe, preset: Preset, spent: Mapping[Stage, float]) -> None:
        """A job of this recipe is done and took `spent` seconds by stage."""
        predicted = predicted_stages(recipe, preset)
        self._ratios[preset.name] = {
            stage: spent.get(stage, 0.0) / seconds for stage, seconds in predicted.items() if seconds > 0
        }


def _megapixels(plan: RenderPlan) -> float:
    """Native pixels of all its frames."""
    return plan.size.width * plan.size.height * plan.num_frames / 1e6


def _steps(plan: RenderPlan) -> float:
    """A start from stored latents skips the steps above its strength."""
    return plan.steps * (plan.start.strength if plan.start else 1.0)
