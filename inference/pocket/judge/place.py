"""Where a clip takes place, and what the camera does: the drawing that is nearest to its pictures.

First among small pictures of every setting, time of day, weather and look, then among a few at full size.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from inference.pocket.world.camera import shoot, views
from inference.pocket.world.draw import places
from inference.pocket.world.looks import finish
from inference.pocket.world.scene import (
    Camera,
    Canvas,
    Colour,
    Daytime,
    Look,
    Motion,
    Scene,
    Setting,
    Speed,
    Subject,
    Weather,
    light_of,
    weather_of,
)
from inference.pocket.world.settings import background, paint
from inference.pocket.world.weather import veil

Image = NDArray[np.float32]

#: Layouts tried for a place, then around the best.
_LAYOUTS, _CLOSER = 10, 10
#: The short side of the small pictures, and of those that they are drawn as.
_SMALL, _DRAWN = 16, 64
#: How many of the small ones are looked at closely.
_LIKELY = 5
#: What the camera must explain of the last picture before it is believed to move: a share of what is off.
_MOVED = 0.93
#: Looks whose places differ when seen from afar; retro's pixels are seen from near only.
_AFAR = (Look.REALISTIC, Look.STORYBOOK, Look.CYBERPUNK)
_NEAR = {Look.REALISTIC: (Look.REALISTIC, Look.ANIME, Look.RETRO)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A scene of which only the place, the look, the weather and the camera count."""

    scene: Scene
    #: The place alone in each frame, [frames, height, width, 3] in 0..1.
    drawn: Image


def empty_scene(setting: Setting, daytime: Daytime, look: Look, weather: Weather, layout: float) -> Scene:
    """A place with just anything in it."""
    return Scene(
        subject=Subject.BALL,
        colour=Colour.RED,
        motion=Motion.STILL,
        setting=setting,
        daytime=daytime,
        look=look,
        weather=weather,
        size=0.4,
        lane=0.5,
        travel=0.8,
        offset=0.5,
        layout=layout,
    )


def find_place(frames: Image, canvas: Canvas) -> Place:
    """Of frames [frames, height, width, 3] in 0..1."""
    begun = _closest(frames[0], canvas)
    camera, speed = _camera(frames[-1], begun, canvas)
    if camera is Camera.STATIC:
        begun = _closest(np.median(frames, axis=0).astype(np.float32), canvas)
    scene = replace(begun, camera=camera, speed=speed)
    return Place(scene=scene, drawn=_draw(scene, canvas))


def _off(picture: Image, drawn: Image) -> float:
    """Mean difference; one pixel counts no more than a little, for a subject may be in the way."""
    return float(np.minimum(np.abs(picture - drawn).sum(axis=-1), 0.5).mean())


def _shrink(picture: Image, height: int, width: int) -> Image:
    """Means of blocks."""
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    cut = picture[: rows * height, : columns * width]
    small: Image = cut.reshape(height, rows, width, columns, 3).mean(axis=(1, 3)).astype(np.float32)
    return small


def _small_size(canvas: Canvas) -> tuple[int, int]:
    """Height and width of the small pictures."""
    return round(_SMALL * canvas.height / canvas.unit), round(_SMALL * canvas.width / canvas.unit)


@functools.lru_cache(maxsize=4)
def _small_places(height: int, width: int) -> tuple[list[Scene], Image]:
    """Every place from afar."""
    grown = _DRAWN // _SMALL
    canvas = Canvas(width=width * grown, height=height * grown, frames=1)
    kinds = [
        (setting, daytime, look, weather)
        for setting, daytime, look, weather in product(Setting, Daytime, _AFAR, Weather)
        if light_of(setting, daytime) is daytime and weather_of(setting, weather) is weather
    ]
    scenes = [empty_scene(*kind, (i + 0.5) / _LAYOUTS) for kind in kinds for i in range(_LAYOUTS)]
    drawn = [_shrink(background(scene, canvas).astype(np.float32), height, width) for scene in scenes]
    return scenes, np.stack(drawn)


def _closest(picture: Image, canvas: Canvas) -> Scene:
    """The scene whose place looks most like `picture`."""
    height, width = _small_size(canvas)
    scenes, drawn = _small_places(height, width)
    off = np.minimum(np.abs(drawn - _shrink(picture, height, width)).sum(axis=-1), 0.5).mean(axis=(1, 2))
    likely = [scenes[i] for i in np.argsort(off)[:_LIKELY]]
    best = min((s for near in likely for s in _as_seen_from_near(near)), key=lambda s: _off(picture, _view(s, canvas)))
    around = np.linspace(-0.5, 0.5, _CLOSER + 1) / _LAYOUTS
    closer = [replace(best, layout=float(np.clip(best.layout + step, 0, 0.999))) for step in around]
    return min(closer, key=lambda s: _off(picture, _view(s, canvas)))


def _as_seen_from_near(scene: Scene) -> list[Scene]:
    return [replace(scene, look=look) for look in _NEAR.get(scene.look, (scene.look,))]


def _view(scene: Scene, canvas: Canvas) -> Image:
    """The first frame without subjects."""
    seen: Image = veil(finish(background(scene, canvas), scene.look), scene, 0).astype(np.float32)
    return seen


def _camera(last: Image, scene: Scene, canvas: Canvas) -> tuple[Camera, Speed]:
    """The move after which the place looks most like the last frame."""
    board = paint(scene, canvas)

    def off(camera: Camera, speed: Speed) -> float:
        seen = finish(shoot(board, views(camera, speed, canvas)[-1], canvas), scene.look)
        return _off(last, veil(seen, scene, canvas.frames - 1).astype(np.float32))

    moves = [(c, s) for c in Camera if c is not Camera.STATIC for s in (Speed.SLOW, Speed.NORMAL)]
    found = min(moves, key=lambda move: off(*move))
    still = off(Camera.STATIC, Speed.NORMAL)
    return found if off(*found) < _MOVED * still else (Camera.STATIC, Speed.NORMAL)


def _draw(scene: Scene, canvas: Canvas) -> Image:
    shown = finish(np.stack(places(scene, canvas)), scene.look)
    drawn: Image = np.stack([veil(frame, scene, i) for i, frame in enumerate(shown)]).astype(np.float32)
    return drawn
