"""What is drawn is what the scene says."""

from __future__ import annotations

import colorsys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.pocket.world.draw import COLOURS, Frames, draw_clip, draw_empty, growth
from inference.pocket.world.looks import PIXEL
from inference.pocket.world.motion import centre_track, reach
from inference.pocket.world.sampling import HELD_OUT_ONE_IN, held_out, sample_any, sample_scene
from inference.pocket.world.scene import (
    Camera,
    Canvas,
    Colour,
    Companion,
    Daytime,
    Look,
    Motion,
    Scene,
    Setting,
    Speed,
    Subject,
    Weather,
    second,
)
from inference.pocket.world.weather import PERIOD

CANVAS = Canvas(width=224, height=128, frames=49)
SCENE = Scene(
    subject=Subject.BALL,
    colour=Colour.RED,
    motion=Motion.RISE,
    setting=Setting.SEA,
    daytime=Daytime.DAY,
    look=Look.REALISTIC,
    size=0.4,
    lane=0.5,
    travel=0.9,
    offset=0.5,
    layout=0.2,
)
#: Whose subjects show their colour as it is.
PLAIN_LOOKS = (Look.REALISTIC, Look.ANIME)


def track(**changes: object) -> NDArray[np.float32]:
    return centre_track(replace(SCENE, **changes), CANVAS)  # type: ignore[arg-type]


def moving_centre(clip: Frames, still: Frames) -> NDArray[np.float64]:
    """The centroid, frame by frame, of what differs from the place alone: [frames, 2] as (x, y)."""
    difference = np.abs(clip.astype(int) - still).sum(axis=-1) > 60
    rows, columns = np.indices(difference.shape[1:])
    return np.array([(columns[d].mean(), rows[d].mean()) for d in difference])


def pixel_at_centre(scene: Scene) -> NDArray[np.uint8]:
    x, y = centre_track(scene, CANVAS)[0]
    # Above the ball's pale band.
    pixel: NDArray[np.uint8] = draw_clip(scene, CANVAS, 0, 1)[0, int(y - 0.25 * scene.size * CANVAS.unit), int(x)]
    return pixel


def test_the_world_is_as_rich_as_promised() -> None:
    kinds = (Subject, Colour, Motion, Setting, Daytime, Look, Weather, Camera)
    assert [len(kind) for kind in kinds] == [16, 10, 10, 8, 3, 5, 4, 7]


@pytest.mark.parametrize("colour", [c for c in Colour if c is not Colour.WHITE])
@pytest.mark.parametrize("look", Look)
def test_the_subject_has_its_colours_hue_in_every_look(colour: Colour, look: Look) -> None:
    wanted = colorsys.rgb_to_hsv(*COLOURS[colour])[0]
    seen = colorsys.rgb_to_hsv(*(pixel_at_centre(replace(SCENE, colour=colour, look=look)) / 255.0))[0]
    assert min(abs(wanted - seen), 1 - abs(wanted - seen)) < (0.03 if look in PLAIN_LOOKS else 0.06)


@pytest.mark.parametrize(
    ("motion", "axis", "sign"), [(Motion.LEFT, 0, -1), (Motion.RIGHT, 0, 1), (Motion.RISE, 1, -1), (Motion.FALL, 1, 1)]
)
@pytest.mark.parametrize("setting", Setting)
def test_the_subject_goes_where_the_motion_says(motion: Motion, axis: int, sign: int, setting: Setting) -> None:
    scene = replace(SCENE, motion=motion, setting=setting, size=0.34, travel=1.0)
    centre = moving_centre(draw_clip(scene, CANVAS), draw_empty(scene, CANVAS))
    assert sign * (centre[-1] - centre[0])[axis] > 20
    assert abs((centre[-1] - centre[0])[1 - axis]) < 20


def test_what_falls_gains_speed() -> None:
    steps = np.diff(track(motion=Motion.FALL)[:, 1])
    assert (np.diff(steps) > 0).all()
    assert steps[-1] > 3 * steps[0]


def test_what_bounces_falls_and_rises_under_one_gravity() -> None:
    bend = np.diff(track(motion=Motion.BOUNCE)[:, 1], n=2)
    flying = bend[bend > 0]
    assert len(flying) > 0.85 * len(bend)
    assert flying.min() == pytest.approx(flying.max(), rel=0.05)


def test_what_is_thrown_follows_one_parabola() -> None:
    x, y = track(motion=Motion.TOSS).T
    left_over = np.polyfit(x, y, 2, full=True)[1]
    assert left_over[0] < 0.1
    assert y.argmin() == len(y) // 2


def test_an_orbit_keeps_its_distance_from_the_middle() -> None:
    way = track(motion=Motion.ORBIT) - [[track(motion=Motion.ORBIT)[:, 0].mean(), CANVAS.height / 2]]
    angles = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    assert abs(angles[-1] - angles[0]) > 1.6 * np.pi
    assert np.hypot(*way.T).min() > 10


def test_waves_and_leaves_swing_on_their_way() -> None:
    for motion, along, across in ((Motion.WAVE, 0, 1), (Motion.DRIFT, 1, 0)):
        path = track(motion=motion)
        assert path[-1, along] - path[0, along] > 20
        turns = np.diff(np.sign(np.diff(path[:, across])))
        assert np.count_nonzero(turns) >= 2, motion


@pytest.mark.parametrize("motion", [Motion.LEFT, Motion.RISE, Motion.FALL, Motion.WAVE, Motion.TOSS])
def test_the_fast_get_further_than_the_slow(motion: Motion) -> None:
    ways = [np.ptp(track(motion=motion, speed=speed), axis=0).max() for speed in Speed]
    assert ways[0] < ways[1] <= ways[2]


def test_a_still_subject_makes_a_still_clip() -> None:
    clip = draw_clip(replace(SCENE, motion=Motion.STILL), CANVAS)
    assert (clip == clip[0]).all()


@pytest.mark.parametrize(("width", "height"), [(224, 128), (128, 224), (160, 160)])
@pytest.mark.parametrize("frames", [25, 121])
def test_every_sampled_subject_stays_whole(width: int, height: int, frames: int) -> None:
    rng = np.random.default_rng(3)
    canvas = Canvas(width=width, height=height, frames=frames)
    for _ in range(200):
        scene = sample_any(rng)
        other = second(scene)
        for one in (scene,) if other is None else (scene, other):
            centre, half = centre_track(one, canvas), np.array(reach(one, canvas))
            assert (centre - half >= 0).all(), one
            assert (centre + half <= [width, height]).all(), one


def test_a_companion_is_drawn_behind_and_smaller() -> None:
    companion = Companion(subject=Subject.CUBE, colour=Colour.GREEN, motion=Motion.STILL)
    scene = replace(SCENE, motion=Motion.STILL, companion=companion)
    other = second(scene)
    assert other is not None
    assert other.size < scene.size
    added = (draw_clip(scene, CANVAS, 0, 1) != draw_clip(replace(scene, companion=None), CANVAS, 0, 1)).any(axis=-1)[0]
    rows, columns = np.nonzero(added)
    x, y = centre_track(other, CANVAS)[0]
    assert abs(columns.mean() - x) < 8
    assert abs(rows.mean() - y) < 8


@pytest.mark.parametrize(
    ("camera", "way"),
    [
        (Camera.PAN_LEFT, (0, -1)),
        (Camera.PAN_RIGHT, (0, 1)),
        (Camera.PAN_UP, (-1, 0)),
        (Camera.PAN_DOWN, (1, 0)),
    ],
)
def test_a_pan_shows_what_lies_that_way(camera: Camera, way: tuple[int, int]) -> None:
    """The last frame is the first, shifted against the camera's way."""
    clip = draw_empty(replace(SCENE, camera=camera, setting=Setting.CITY), CANVAS).astype(int)
    down, right = (round(0.9 * 0.14 * side) * one for side, one in zip(clip.shape[1:3], way, strict=True))
    moved = np.roll(clip[0], (-down, -right), axis=(0, 1))[30:-30, 40:-40]
    assert np.abs(moved - clip[-1, 30:-30, 40:-40]).mean() < 6
    assert np.abs(clip[0] - clip[-1])[30:-30, 40:-40].mean() > 10


def test_a_zoom_changes_the_size_of_everything() -> None:
    for camera, bigger in ((Camera.ZOOM_IN, True), (Camera.ZOOM_OUT, False)):
        scene = replace(SCENE, camera=camera, motion=Motion.STILL)
        grown = growth(scene, CANVAS)
        assert grown[0] == 1
        assert (grown[-1] > 1.1) == bigger == (grown[-1] > 1)
        clip, still = draw_clip(scene, CANVAS), draw_empty(scene, CANVAS)
        size = (np.abs(clip.astype(int) - still).sum(axis=-1) > 60).sum(axis=(1, 2))
        assert size[-1] / size[0] == pytest.approx(grown[-1] ** 2, rel=0.1)


def test_part_of_a_clip_equals_that_part_of_the_whole() -> None:
    rng = np.random.default_rng(5)
    for scene in (sample_any(rng) for _ in range(12)):
        assert (draw_clip(scene, CANVAS, 4, 3) == draw_clip(scene, CANVAS)[4:7]).all()


def test_retro_pixels_are_large_and_of_few_colours() -> None:
    frame = draw_clip(replace(SCENE, look=Look.RETRO), CANVAS, 3, 1)[0]
    assert (frame == frame[::PIXEL, ::PIXEL].repeat(PIXEL, axis=0).repeat(PIXEL, axis=1)).all()
    assert set(np.unique(frame)) <= {0, 51, 102, 153, 204, 255}


def test_looks_change_place_and_subject_alike() -> None:
    for one, other in product(Look, Look):
        if one < other:
            a, b = (draw_clip(replace(SCENE, look=look), CANVAS, 0, 1).astype(int) for look in (one, other))
            assert np.abs(a - b).mean() > 3, (one, other)


@pytest.mark.parametrize("weather", [Weather.RAIN, Weather.SNOWFALL])
def test_weather_falls_and_repeats_with_every_latent(weather: Weather) -> None:
    """So that an autoencoder of 32 x 32 pixels and eight frames sees the same everywhere."""
    scene = replace(SCENE, motion=Motion.STILL, weather=weather)
    clip = draw_clip(scene, CANVAS, 0, 2 * PERIOD + 1)
    assert (clip[0] == clip[PERIOD]).all()
    assert (clip[1] != clip[0]).any()
    space = replace(scene, subject=Subject.STAR, lane=0.0)
    fallen = draw_clip(space, CANVAS, 3, 1)[0].astype(int) - draw_empty(space, CANVAS, 3, 1)[0]
    lit = (np.abs(fallen).sum(axis=-1) > 12)[:64, 128:192]
    assert (lit[:32, :32] == lit[:32, 32:]).mean() > 0.9
    assert 0.01 < lit.mean() < 0.3


def test_space_is_always_dark_and_clear() -> None:
    rng = np.random.default_rng(0)
    space = [scene for scene in (sample_scene(rng) for _ in range(200)) if scene.setting is Setting.SPACE]
    assert {(scene.daytime, scene.weather) for scene in space} == {(Daytime.NIGHT, Weather.CLEAR)}


def test_one_in_twenty_combinations_is_held_out_and_never_sampled() -> None:
    rng = np.random.default_rng(4)
    alone = [replace(sample_any(rng), companion=None) for _ in range(4000)]
    assert sum(map(held_out, alone)) / len(alone) == pytest.approx(1 / HELD_OUT_ONE_IN, abs=0.015)
    assert not any(held_out(sample_scene(rng)) for _ in range(1000))


def test_a_companions_combination_is_held_out_too() -> None:
    rng = np.random.default_rng(6)
    kept = next(scene for scene in iter(lambda: replace(sample_any(rng), companion=None), None) if held_out(scene))
    companion = Companion(subject=kept.subject, colour=kept.colour, motion=kept.motion)
    for _ in range(20):
        first = replace(sample_scene(rng), companion=None, setting=kept.setting, look=kept.look)
        if not held_out(first):
            assert held_out(replace(first, companion=companion))
