"""Where a subject's centre is in each frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.scene import Canvas, Motion, Scene, Setting, Speed, Subject
from inference.pocket.world.subjects import FIGURES

Track = NDArray[np.float32]
Field = NDArray[np.floating[Any]] | np.float64

#: Pixels kept free between the subject and the frame's edge.
MARGIN = 3.0
#: Where grounded subjects stand when they do not fly, and where the others do: fractions of the free height.
_GROUND_LANE, _AIR_LANE = (0.8, 0.95), (0.2, 0.7)
_GROUNDED = frozenset({Subject.CAR, Subject.HOUSE, Subject.TREE, Subject.CAT, Subject.FLOWER})
#: What a speed makes of the way, and of turns, swings and bounces a second.
_WAY = {Speed.SLOW: 0.5, Speed.NORMAL: 0.8, Speed.FAST: 1.0}
_RATE = {Speed.SLOW: 0.65, Speed.NORMAL: 1.0, Speed.FAST: 1.5}


def _lerp(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _grounded(scene: Scene) -> bool:
    """Cars keep to the ground and boats to the water, unless they are told to fly."""
    return scene.subject in _GROUNDED or (scene.subject is Subject.BOAT and scene.setting is Setting.SEA)


def looks_left(scene: Scene) -> bool:
    """Whether the subject is turned to the left."""
    if not FIGURES[scene.subject].faces:
        return False
    either = scene.motion in (Motion.WAVE, Motion.TOSS)
    return scene.motion is Motion.LEFT or (either and scene.mirrored)


def reach(scene: Scene, canvas: Canvas) -> tuple[float, float]:
    """Half the subject's width and height in pixels."""
    half = scene.size * canvas.unit / 2
    return half * FIGURES[scene.subject].aspect, half


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One axis: where the centre may be, in pixels."""

    low: float
    high: float

    @property
    def free(self) -> float:
        return self.high - self.low

    def lane(self, scene: Scene, share: tuple[float, float]) -> float:
        """A place across the motion."""
        return _lerp(self.low, self.high, _lerp(*share, scene.lane))

    def journey(self, scene: Scene, share: Field) -> Field:
        """Places along the motion; `share` is 0 at its start and 1 at its end."""
        length = self.free * scene.travel * _WAY[scene.speed]
        return self.low + (self.free - length) * scene.offset + length * share


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What a path is laid over."""

    #: 0 to 1, one a frame.
    time: Field
    seconds: float
    across: _Way
    down: _Way
    #: The place of one that does not move.
    column: float
    level: float


Path = Callable[[Scene, _Stage], tuple[Field, Field]]


def centre_track(scene: Scene, canvas: Canvas) -> Track:
    """The centre in pixels for every frame: float32 [frames, 2] as (x, y); the subject stays whole in the frame."""
    half_x, half_y = reach(scene, canvas)
    across = _Way(low=half_x + MARGIN, high=canvas.width - half_x - MARGIN)
    down = _Way(low=half_y + MARGIN, high=canvas.height - half_y - MARGIN)
    stage = _Stage(
        time=np.linspace(0.0, 1.0, canvas.frames) if canvas.frames > 1 else np.zeros(1),
        seconds=canvas.seconds,
        across=across,
        down=down,
        column=across.lane(scene, (0.2, 0.8)),
        level=down.lane(scene, _GROUND_LANE if _grounded(scene) else _AIR_LANE),
    )
    x, y = _PATHS[scene.motion](scene, stage)
    whole = np.ones(canvas.frames)
    return np.stack([x * whole, y * whole], axis=1).astype(np.float32)


def _across(scene: Scene, stage: _Stage, left: bool) -> tuple[Field, Field]:
    return stage.across.journey(scene, 1 - stage.time if left else stage.time), np.float64(stage.level)


def _still(_: Scene, stage: _Stage) -> tuple[Field, Field]:
    return np.float64(stage.column), np.float64(stage.level)


def _rise(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    return np.float64(stage.column), stage.down.journey(scene, 1 - stage.time)


def _fall(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """Let go with little speed, and gaining."""
    return np.float64(stage.column), stage.down.journey(scene, 0.2 * stage.time + 0.8 * stage.time**2)


def _bounce(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """Parabolas that touch the ground about once a second, starting in the air."""
    down = stage.down
    turns = stage.time * stage.seconds * _RATE[scene.speed]
    phase = (turns + 0.5 + 0.5 * (scene.offset - 0.5)) % 1.0
    return np.float64(stage.column), down.high - down.free * 0.8 * scene.travel * 4 * phase * (1 - phase)


def _drift(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """Down by half the way while swinging once or more, lowest in the middle of each swing."""
    across, down = stage.across, stage.down
    swings = max(1.25, 0.6 * stage.seconds * _RATE[scene.speed])
    angle = 2 * np.pi * (swings * stage.time + scene.offset)
    x = across.lane(scene, (0.35, 0.65)) + 0.16 * across.free * np.sin(angle)
    length = down.free * 0.75 * scene.travel * _WAY[scene.speed]
    return x, down.low + 0.04 * down.free + length * stage.time + 0.03 * down.free * np.cos(2 * angle)


def _orbit(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """At least most of a turn; as round as the frame allows."""
    across, down = stage.across, stage.down
    turns = max(0.85, 0.5 * stage.seconds * _RATE[scene.speed])
    angle = 2 * np.pi * (turns * stage.time * (-1 if scene.mirrored else 1) + scene.offset)
    radius_y = down.free * 0.5 * scene.travel
    radius_x = min(across.free * 0.5, 1.4 * radius_y)
    radius_y = min(radius_y, 1.4 * radius_x)
    middle = across.low + radius_x + (across.free - 2 * radius_x) * scene.lane
    return middle + radius_x * np.cos(angle), (down.low + down.high) / 2 + radius_y * np.sin(angle)


def _wave(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """Sideways, one and a half waves or more."""
    down = stage.down
    waves = max(1.5, 0.8 * stage.seconds * _RATE[scene.speed])
    height = 0.2 * min(down.free, 1.5 * stage.across.free)
    level = down.low + height + (down.free - 2 * height) * _lerp(0.2, 1.0, scene.lane)
    y = level + height * np.sin(2 * np.pi * (waves * stage.time + scene.offset))
    return _across(scene, stage, scene.mirrored)[0], y


def _toss(scene: Scene, stage: _Stage) -> tuple[Field, Field]:
    """One parabola from low to low."""
    high, time = _lerp(0.65, 0.95, scene.travel), stage.time
    y = stage.down.high - stage.down.free * high * 4 * time * (1 - time)
    return _across(scene, stage, scene.mirrored)[0], y


_PATHS: dict[Motion, Path] = {
    Motion.LEFT: lambda scene, stage: _across(scene, stage, left=True),
    Motion.RIGHT: lambda scene, stage: _across(scene, stage, left=False),
    Motion.RISE: _rise,
    Motion.FALL: _fall,
    Motion.BOUNCE: _bounce,
    Motion.STILL: _still,
    Motion.DRIFT: _drift,
    Motion.ORBIT: _orbit,
    Motion.WAVE: _wave,
    Motion.TOSS: _toss,
}
