"""What is drawn is what the scene says."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.pocket.world.draw import COLOURS, Frames, draw_clip
from inference.pocket.world.motion import centre_track
from inference.pocket.world.scene import Canvas, Colour, Daytime, Look, Motion, Scene, Setting, Subject, sample_scene
from inference.pocket.world.subjects import FIGURES

CANVAS = Canvas(width=224, height=128, frames=13)
SCENE = Scene(
    subject=Subject.BALL,
    colour=Colour.RED,
    motion=Motion.RISE,
    setting=Setting.SEA,
    daytime=Daytime.DAY,
    look=Look.STORYBOOK,
    size=0.4,
    lane=0.5,
    travel=0.9,
    offset=0.5,
    layout=0.2,
)


def moving_centre(clip: Frames) -> NDArray[np.float64]:
    """The centroid, frame by frame, of what differs from the clip's median picture: [frames, 2] as (x, y)."""
    difference = np.abs(clip.astype(int) - np.median(clip, axis=0)).sum(axis=-1) > 60
    rows, columns = np.indices(difference.shape[1:])
    return np.array([(columns[d].mean(), rows[d].mean()) for d in difference])


def pixel_at_centre(scene: Scene) -> NDArray[np.uint8]:
    x, y = centre_track(scene, CANVAS)[0]
    # Above the ball's pale band.
    pixel: NDArray[np.uint8] = draw_clip(scene, CANVAS, 0, 1)[0, int(y - 0.25 * scene.size * CANVAS.unit), int(x)]
    return pixel


@pytest.mark.parametrize("colour", [c for c in Colour if c is not Colour.WHITE])
@pytest.mark.parametrize("look", Look)
def test_the_subject_has_its_colours_hue(colour: Colour, look: Look) -> None:
    wanted = colorsys.rgb_to_hsv(*COLOURS[colour])[0]
    seen = colorsys.rgb_to_hsv(*(pixel_at_centre(replace(SCENE, colour=colour, look=look)) / 255.0))[0]
    assert min(abs(wanted - seen), 1 - abs(wanted - seen)) < 0.03


@pytest.mark.parametrize(
    ("motion", "axis", "sign"), [(Motion.LEFT, 0, -1), (Motion.RIGHT, 0, 1), (Motion.RISE, 1, -1), (Motion.FALL, 1, 1)]
)
@pytest.mark.parametrize("setting", Setting)
def test_the_subject_goes_where_the_motion_says(motion: Motion, axis: int, sign: int, setting: Setting) -> None:
    scene = replace(SCENE, motion=motion, setting=setting, size=0.34, travel=1.0)
    centre = moving_centre(draw_clip(scene, CANVAS))
    assert sign * (centre[-1] - centre[0])[axis] > 20
    assert abs((centre[-1] - centre[0])[1 - axis]) < 20


def test_a_still_subject_makes_a_still_clip() -> None:
    clip = draw_clip(replace(SCENE, motion=Motion.STILL), CANVAS)
    assert (clip == clip[0]).all()


@pytest.mark.parametrize(("width", "height"), [(224, 128), (128, 224), (160, 160)])
def test_every_sampled_subject_stays_whole(width: int, height: int) -> None:
    rng = np.random.default_rng(3)
    canvas = Canvas(width=width, height=height, frames=25)
    for _ in range(200):
        scene = sample_scene(rng)
        half = scene.size * canvas.unit / 2
        reach = np.array([half * FIGURES[scene.subject].aspect, half])
        track = centre_track(scene, canvas)
        assert (track - reach >= 0).all()
        assert (track + reach <= [width, height]).all()


def test_part_of_a_clip_equals_that_part_of_the_whole() -> None:
    assert (draw_clip(SCENE, CANVAS, 4, 3) == draw_clip(SCENE, CANVAS)[4:7]).all()


def test_space_is_always_dark() -> None:
    rng = np.random.default_rng(0)
    scenes = [sample_scene(rng) for _ in range(100)]
    assert {s.daytime for s in scenes if s.setting is Setting.SPACE} == {Daytime.NIGHT}
