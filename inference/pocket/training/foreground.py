"""The latents' last channels: what the picture shows of its subjects, and where; its look, and what is in the air.

Principal components blur a thing that moves across their blocks. So subjects have channels of their own, the same for
every token of a latent frame but for the place, which is relative to the token. While training, they are computed from
the scene; the encoder learns to see them in pixels, and the decoder to draw them.

| channels | meaning | unit |
|---|---|---|
| 8 | which subject | a row of a Hadamard matrix, or its negative |
| 8 | which colour | likewise |
| 2 | centre right of and below the token's centre, mean over the latent's frames | `PLACE` pixels |
| 2 | way from the latent's first to its last frame | `WAY` pixels |
| 1 | bend of the vertical way | a quarter of `BEND` pixels times frames squared |
| 1 | half height, less `MIDDLE` | `SPREAD` pixels |
| 1 | facing right (+1) or left | |
| 1 | anime's outlines (-1) or none | |
| 1 | bend of the horizontal way | as above |
| 3 | storybook, cyberpunk, retro | 1 or 0 |
| 2 | rain, snowfall | 1 or 0 |

Where there are two subjects, a token tells of the one that is seen there: of the first where that is, of the second
where only that is, elsewhere of the nearer. The first 25 are 0 where there is no subject.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.pocket.training.config import FOREGROUND_CHANNELS, SPACE, TIME
from inference.pocket.world.draw import growth
from inference.pocket.world.motion import Track, centre_track, looks_left, reach
from inference.pocket.world.scene import Canvas, Colour, Look, Scene, Subject, Weather, second

Channels = NDArray[np.float32]

PLACE, WAY, BEND, MIDDLE, SPREAD = 40.0, 16.0 * 7 / 6, 2.0, 27.0, 4.0
#: Where each group of channels begins.
SUBJECT, COLOUR, CENTRE, DISPLACEMENT, CURVE, SIZE, FACING, LOOK, CURVE_ASIDE = 0, 8, 16, 18, 20, 21, 22, 23, 24
#: What is not of a subject, and so is said of an empty place too.
MOOD = 25
_MOODS: tuple[Look | Weather, ...] = (Look.STORYBOOK, Look.CYBERPUNK, Look.RETRO, Weather.RAIN, Weather.SNOWFALL)
_SUBJECTS, _COLOURS = list(Subject), list(Colour)


def _hadamard(size: int) -> Channels:
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


#: Sixteen words of eight signs, any two of which differ in at least four.
WORDS = np.concatenate([_hadamard(8), -_hadamard(8)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a subject does during one latent's frames, in pixels: x and y."""

    mean: Channels
    #: From the first to the last frame, by least squares.
    way: Channels
    #: Of frames squared, counted from the middle.
    bend: Channels


def groups(track: Track) -> list[Track]:
    """The frames of each latent: the first alone, then `TIME` at a time; places are [frames, 2]."""
    return [track[:1], *(track[i : i + TIME] for i in range(1, len(track), TIME))]


def moved(group: Track) -> Move:
    """The parabola nearest to `group`."""
    mean, none = group.mean(axis=0), np.zeros(2, np.float32)
    if len(group) == 1:
        return Move(mean=mean, way=none, bend=none)
    ramp = np.arange(TIME, dtype=np.float32) - (TIME - 1) / 2
    arch = ramp**2 - np.mean(ramp**2)
    return Move(
        mean=mean,
        way=ramp @ group / np.square(ramp).sum() * (TIME - 1),
        bend=arch @ group / np.square(arch).sum(),
    )


def box(scene: Scene, canvas: Canvas) -> Channels:
    """Left, top, right and bottom of the scene's first subject in every frame, in pixels: [frames, 4]."""
    half = growth(scene, canvas)[:, None] * np.array([reach(scene, canvas)], np.float32)
    track = centre_track(scene, canvas)
    return np.concatenate([track - half, track + half], axis=1).astype(np.float32)


def foreground(scene: Scene, canvas: Canvas, first: int = 0, count: int | None = None) -> Tensor:
    """The channels of frames `first` ... `first + count - 1`: float32 [channels, latent frames, height, width]."""
    part = slice(first, None if count is None else first + count)
    out = _of_one(scene, canvas, part)
    other = second(scene)
    if other is not None:
        out = np.where(_shows_second(scene, other, canvas, part), _of_one(other, canvas, part), out)
    for channel, mood in enumerate(_MOODS, MOOD):
        out[channel] = float(mood in (scene.look, scene.weather))
    return torch.from_numpy(out)


def _of_one(scene: Scene, canvas: Canvas, part: slice) -> Channels:
    """Of the first subject, everywhere."""
    moves, height, width = groups(centre_track(scene, canvas)[part]), canvas.height // SPACE, canvas.width // SPACE
    sizes = groups(growth(scene, canvas)[part] * reach(scene, canvas)[1])
    out = np.zeros((FOREGROUND_CHANNELS, len(moves), height, width), np.float32)
    out[SUBJECT:COLOUR] = WORDS[_SUBJECTS.index(scene.subject)][:, None, None, None]
    out[COLOUR:CENTRE] = WORDS[_COLOURS.index(scene.colour)][:, None, None, None]
    columns, rows = (SPACE * (np.arange(n) + 0.5) for n in (width, height))
    for i, (move, size) in enumerate(zip(map(moved, moves), sizes, strict=True)):
        out[CENTRE, i] = (move.mean[0] - columns[None, :]) / PLACE
        out[CENTRE + 1, i] = (move.mean[1] - rows[:, None]) / PLACE
        out[DISPLACEMENT : DISPLACEMENT + 2, i] = (move.way / WAY)[:, None, None]
        out[CURVE_ASIDE, i], out[CURVE, i] = move.bend * 4 / BEND
        out[SIZE, i] = (size.mean() - MIDDLE) / SPREAD
    out[FACING] = -1 if looks_left(scene) else 1
    out[LOOK] = -1 if scene.look is Look.ANIME else 1
    return out


def _shows_second(scene: Scene, other: Scene, canvas: Canvas, part: slice) -> NDArray[np.bool_]:
    """Which tokens tell of the second subject, [latent frames, height, width]."""
    (here, near), (there, far) = (_meets(one, canvas, part) for one in (scene, other))
    shown: NDArray[np.bool_] = ~here & (there | (far < near))
    return shown


def _meets(scene: Scene, canvas: Canvas, part: slice) -> tuple[NDArray[np.bool_], Channels]:
    """Where the subject touches a token in some of its frames, and how far its middle is from the token's."""
    touched, away = [], []
    columns, rows = (SPACE * np.arange(n // SPACE) for n in (canvas.width, canvas.height))
    for frames in groups(box(scene, canvas)[part]):
        (left, top), (right, bottom) = frames[:, :2].min(axis=0), frames[:, 2:].max(axis=0)
        across, down = (columns < right) & (columns + SPACE > left), (rows < bottom) & (rows + SPACE > top)
        touched.append(down[:, None] & across[None, :])
        x, y = (frames[:, :2] + frames[:, 2:]).mean(axis=0) / 2
        away.append(np.hypot(columns[None, :] + SPACE / 2 - x, rows[:, None] + SPACE / 2 - y))
    return np.stack(touched), np.stack(away).astype(np.float32)
