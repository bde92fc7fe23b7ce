"""Where the subject's centre is in each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.scene import Canvas, Motion, Scene, Setting, Subject
from inference.pocket.world.subjects import FIGURES

Track = NDArray[np.float32]

#: Pixels kept free between the subject and the frame's edge.
MARGIN = 3.0
#: Where grounded subjects stand when they do not fly: fractions of the free height.
_GROUND_LANE = (0.8, 0.95)


def _lerp(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _grounded(scene: Scene) -> bool:
    """Cars keep to the ground and boats to the water, unless they are told to rise or fall."""
    return scene.subject is Subject.CAR or (scene.subject is Subject.BOAT and scene.setting is Setting.SEA)


def _span(scene: Scene, low: float, high: float) -> tuple[float, float]:
    """Start and end of a journey along one axis, in pixels."""
    length = (high - low) * scene.travel
    start = low + (high - low - length) * scene.offset
    return start, start + length


def _lane(scene: Scene, low: float, high: float, share: tuple[float, float]) -> float:
    return _lerp(low, high, _lerp(share[0], share[1], scene.lane))


def centre_track(scene: Scene, canvas: Canvas) -> Track:
    """The centre in pixels for every frame: float32 [frames, 2] as (x, y); the subject stays whole in the frame."""
    half_x, half_y = reach(scene, canvas)
    x_low, x_high = half_x + MARGIN, canvas.width - half_x - MARGIN
    y_low, y_high = half_y + MARGIN, canvas.height - half_y - MARGIN
    time = np.linspace(0.0, 1.0, canvas.frames) if canvas.frames > 1 else np.zeros(1)
    level = _lane(scene, y_low, y_high, _GROUND_LANE if _grounded(scene) else (0.2, 0.7))
    column = _lane(scene, x_low, x_high, (0.2, 0.8))
    x, y = np.full_like(time, column), np.full_like(time, level)
    if scene.motion in (Motion.LEFT, Motion.RIGHT):
        start, end = _span(scene, x_low, x_high)
        x = start + (end - start) * (time if scene.motion is Motion.RIGHT else 1 - time)
    elif scene.motion in (Motion.RISE, Motion.FALL):
        start, end = _span(scene, y_low, y_high)
        y = start + (end - start) * (time if scene.motion is Motion.FALL else 1 - time)
    elif scene.motion is Motion.BOUNCE:
        y = _bounce(scene, canvas, y_low, y_high)
    return np.stack([x, y], axis=1).astype(np.float32)


def reach(scene: Scene, canvas: Canvas) -> tuple[float, float]:
    """Half the subject's width and height in pixels."""
    half = scene.size * canvas.unit / 2
    return half * FIGURES[scene.subject].aspect, half


def _bounce(scene: Scene, canvas: Canvas, y_low: float, y_high: float) -> NDArray[np.float64]:
    """Parabolas that touch the ground once a second, starting in the air."""
    seconds = np.arange(canvas.frames) / canvas.fps
    phase = (seconds + 0.5 + 0.5 * (scene.offset - 0.5)) % 1.0
    height = 4 * phase * (1 - phase)
    return y_high - (y_high - y_low) * 0.8 * scene.travel * height
