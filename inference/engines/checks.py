"""What a plan must be for a preset's rules: checked before the device is touched. No torch."""

from __future__ import annotations

from inference.errors import Unsupported
from inference.presets import Preset
from inference.types import OperationKind, RenderPlan


def check_plan(plan: RenderPlan, preset: Preset) -> None:
    """Raises Unsupported, naming what the preset cannot do."""
    for fits, capability in (
        (plan.preset == preset.name, f"plans for {plan.preset}"),
        (_frames_fit(plan, preset), f"{plan.num_frames} frames"),
        (_size_fits(plan, preset), f"frames of {plan.size}"),
        (_steps_fit(plan, preset), f"{plan.steps} steps"),
        (plan.guidance >= 1, f"a guidance of {plan.guidance:g}"),
        (plan.prompt.strip(), "an empty prompt"),
        (not plan.conditions or OperationKind.ANIMATE in preset.operations, "given frames"),
        (all(0 < c.strength <= 1 for c in plan.conditions), "a condition's strength outside 0 to 1"),
        (all(_place_fits(c.at_frame, plan) for c in plan.conditions), "frames given outside the clip"),
        (plan.start is None or OperationKind.REMIX in preset.operations, "a start from latents"),
        (plan.start is None or 0 < plan.start.strength <= 1, "a starting strength outside 0 to 1"),
    ):
        if not fits:
            raise Unsupported(preset=preset.name, capability=capability, presets="unknown to the engine")


def _frames_fit(plan: RenderPlan, preset: Preset) -> bool:
    rule = preset.frames
    return rule.min <= plan.num_frames <= rule.max and (plan.num_frames - 1) % rule.step == 0


def _size_fits(plan: RenderPlan, preset: Preset) -> bool:
    sides = (plan.size.width, plan.size.height)
    return all(side > 0 and side % preset.size_multiple == 0 for side in sides)


def _steps_fit(plan: RenderPlan, preset: Preset) -> bool:
    return plan.steps == len(preset.timesteps) if preset.timesteps else plan.steps >= 1


def _place_fits(at_frame: int, plan: RenderPlan) -> bool:
    return 0 <= at_frame < plan.num_frames
