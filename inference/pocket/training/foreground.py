"""The latents' last channels: what the picture shows of its subject, and where.

Principal components blur a thing that moves across their blocks. So the subject has channels of its own, the same for
every token of a latent frame but for the place, which is relative to the token. While training, they are computed from
the scene; the encoder learns to see them in pixels, and the decoder to draw them.

| channels | meaning | unit |
|---|---|---|
| 8 | which subject | a row of a Hadamard matrix, or its negative |
| 8 | which colour | likewise |
| 2 | centre right of and below the token's centre, mean over the latent's frames | `PLACE` pixels |
| 2 | way from the latent's first to its last frame | `WAY` pixels |
| 1 | bend of the vertical way: frames (+, -, -, +) | `BEND` pixels |
| 1 | half height, less `MIDDLE` | `SPREAD` pixels |
| 1 | facing right (+1) or left | |
| 1 | storybook (+1) or anime | |

All are 0 where there is no subject.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.pocket.training.config import FOREGROUND_CHANNELS, SPACE, TIME
from inference.pocket.world.motion import Track, centre_track, looks_left, reach
from inference.pocket.world.scene import Canvas, Colour, Look, Scene, Subject

PLACE, WAY, BEND, MIDDLE, SPREAD = 40.0, 16.0, 2.0, 27.0, 4.0
#: Where each group of channels begins.
SUBJECT, COLOUR, CENTRE, DISPLACEMENT, CURVE, SIZE, FACING, LOOK = 0, 8, 16, 18, 20, 21, 22, 23
_SUBJECTS, _COLOURS = list(Subject), list(Colour)


def _hadamard(size: int) -> NDArray[np.float32]:
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


#: Sixteen words of eight signs, any two of which differ in at least four.
WORDS = np.concatenate([_hadamard(8), -_hadamard(8)])


def groups(track: Track) -> list[Track]:
    """The frames of each latent: the first alone, then `TIME` at a time; places are [frames, 2]."""
    return [track[:1], *(track[i : i + TIME] for i in range(1, len(track), TIME))]


def _motion(group: Track) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Mean place, way from first to last by least squares, and bend, in pixels."""
    mean = group.mean(axis=0)
    if len(group) == 1:
        return mean, np.zeros(2, np.float32), 0.0
    ramp = np.arange(TIME, dtype=np.float32) - (TIME - 1) / 2
    way = ramp @ group / np.square(ramp).sum() * (TIME - 1)
    return mean, way, float(np.array([1, -1, -1, 1], np.float32) @ group[:, 1] / TIME)


def foreground(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> Tensor:
    """The channels of frames `first` ... `first + count - 1`: float32 [channels, latent frames, height, width]."""
    track = centre_track(scene, canvas)[first : None if count is None else first + count]
    parts, height, width = groups(track), canvas.height // SPACE, canvas.width // SPACE
    out = np.zeros((FOREGROUND_CHANNELS, len(parts), height, width), np.float32)
    out[SUBJECT:COLOUR] = WORDS[_SUBJECTS.index(scene.subject)][:, None, None, None]
    out[COLOUR:CENTRE] = WORDS[_COLOURS.index(scene.colour)][:, None, None, None]
    columns, rows = (SPACE * (np.arange(n) + 0.5) for n in (width, height))
    for i, (mean, way, bend) in enumerate(map(_motion, parts)):
        out[CENTRE, i] = (mean[0] - columns[None, :]) / PLACE
        out[CENTRE + 1, i] = (mean[1] - rows[:, None]) / PLACE
        out[DISPLACEMENT : DISPLACEMENT + 2, i] = (way / WAY)[:, None, None]
        out[CURVE, i] = bend / BEND
    out[SIZE] = (reach(scene, canvas)[1] - MIDDLE) / SPREAD
    out[FACING] = -1 if looks_left(scene) else 1
    out[LOOK] = -1 if scene.look is Look.ANIME else 1
    return torch.from_numpy(out)
