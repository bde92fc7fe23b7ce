"""A picture under construction, and what paints on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.scene import Canvas, Daytime

Field = NDArray[np.floating[Any]]
Picture = NDArray[np.floating[Any]]
Rgb = tuple[float, float, float]

#: How much of a board lies outside the frame on each side, as a share of the frame: room for the camera.
ROOM = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How a time of day paints: the sky's two ends and the tint of everything under it."""

    zenith: Rgb
    horizon: Rgb
    #: Multiplies the ground's colours.
    tint: Rgb
    #: Sun or moon.
    lamp: Rgb


LIGHTS = {
    Daytime.DAY: Light(
        zenith=(0.38, 0.65, 0.93), horizon=(0.80, 0.92, 0.98), tint=(1.0, 1.0, 1.0), lamp=(1.0, 0.96, 0.75)
    ),
    Daytime.DUSK: Light(
        zenith=(0.45, 0.28, 0.52), horizon=(1.0, 0.66, 0.42), tint=(0.92, 0.66, 0.6), lamp=(1.0, 0.84, 0.55)
    ),
    Daytime.NIGHT: Light(
        zenith=(0.03, 0.05, 0.16), horizon=(0.13, 0.17, 0.36), tint=(0.30, 0.34, 0.52), lamp=(0.93, 0.93, 0.85)
    ),
}


def times(colour: Rgb, tint: Rgb) -> Rgb:
    """Under a tint."""
    return (colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2])


class Board:
    """A picture under construction: float32 [height, width, 3] in 0..1, with normalised coordinates.

    In the frame `u` runs 0 to width/height and `v` 0 (top) to 1 (bottom), both measured in canvas heights; the board
    reaches further on all sides, by whole pixels.
    """

    def __init__(self, canvas: Canvas, room: float = ROOM) -> None:
        #: Pixels beyond the frame, to the right and left, and above and below.
        self.side, self.rim = round(canvas.width * room), round(canvas.height * room)
        rows = (np.arange(-self.rim, canvas.height + self.rim, dtype=np.float32) + 0.5) / canvas.height
        columns = (np.arange(-self.side, canvas.width + self.side, dtype=np.float32) + 0.5) / canvas.height
        self.v: Field = rows[:, None]
        self.u: Field = columns[None, :]
        #: Of the frame.
        self.width = canvas.width / canvas.height
        self.pixels = float(canvas.height)
        self.picture: Picture = np.zeros((len(rows), len(columns), 3), np.float32)

    def blend(self, distance: Field, colour: Rgb | Picture, strength: float = 1.0) -> None:
        """Paint where `distance` (canvas heights, negative inside) is inside, with a one-pixel soft edge."""
        alpha = np.clip(0.5 - distance * self.pixels, 0.0, 1.0)[..., None] * strength
        self.picture += (np.asarray(colour, np.float32) - self.picture) * alpha

    def gradient(self, top: Rgb, bottom: Rgb, v0: float = 0.0, v1: float = 1.0) -> Picture:
        """A vertical gradient from `top` at `v0` to `bottom` at `v1`."""
        share = np.clip((self.v - v0) / (v1 - v0), 0.0, 1.0)[..., None]
        picture: Picture = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
        return picture

    def below(self, line: Field | float, colour: Rgb | Picture) -> None:
        """Paint everything under the curve v = line(u)."""
        self.blend(np.broadcast_to(line - self.v, self.picture.shape[:2]), colour)

    def disc(self, u: float, v: float, radius: float, colour: Rgb, strength: float = 1.0) -> None:
        """A filled circle."""
        rows, columns = self._window(u, v, radius + 0.02)
        distance = np.hypot(self.u[:, columns] - u, self.v[rows] - v) - radius
        alpha = np.clip(0.5 - distance * self.pixels, 0.0, 1.0)[..., None] * strength
        part = self.picture[rows, columns]
        part += (np.asarray(colour, np.float32) - part) * alpha

    def glow(self, u: float, v: float, radius: float, colour: Rgb, strength: float) -> None:
        """Light that fades with the distance."""
        rows, columns = self._window(u, v, 2.5 * radius)
        away = np.hypot(self.u[:, columns] - u, self.v[rows] - v) / radius
        alpha = (strength * np.exp(-(away**2)))[..., None]
        part = self.picture[rows, columns]
        part += (np.asarray(colour, np.float32) - part) * alpha

    def _window(self, u: float, v: float, reach: float) -> tuple[slice, slice]:
        def pixels(low: float, high: float, beyond: int) -> slice:
            return slice(max(int(low * self.pixels) + beyond, 0), max(int(high * self.pixels) + beyond + 1, 0))

        return pixels(v - reach, v + reach, self.rim), pixels(u - reach, u + reach, self.side)
