"""Instructions that turn one scene into another, and captions that end in some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from inference.pocket.world import words, words_ja
from inference.pocket.world.captions import article, describe, describe_ja, move, move_ja, thing, thing_ja
from inference.pocket.world.sampling import Rng, held_out, pick, sample_companion, sample_scene
from inference.pocket.world.scene import (
    Camera,
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
    second,
    weather_of,
)

#: Share of Japanese among captions.
JAPANESE = 0.25
#: Share of captions that end in an instruction, and of those with a second one.
INSTRUCTED = 0.6
TWICE = 0.2
#: How often an instruction comes in the other language than its prompt.
_OTHER_LANGUAGE = 0.07
#: How often colour and motion of what is added are said.
_COLOURED, _MOVING = 0.7, 0.5

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The scene before an instruction, and the instruction in both languages."""

    before: Scene
    english: str
    japanese: str


Change = Callable[[Scene, Rng], Order | None]


def _other(rng: Rng, values: list[V], now: V) -> V:
    return pick(rng, [value for value in values if value != now])


def recolour(scene: Scene, rng: Rng) -> Order | None:
    """Of the first subject; by name where there are two."""
    before = replace(scene, colour=_other(rng, list(Colour), scene.colour))
    colour, noun = pick(rng, words.COLOURS[scene.colour]), pick(rng, words.NOUNS[scene.subject])
    ja = words_ja.COLOURS[scene.colour][1] + "して"
    if scene.companion is not None or rng.uniform() < 0.15:
        if scene.companion is not None and scene.companion.subject is scene.subject:
            return None
        named = pick(rng, words.NAMED_ORDERS).format(noun=noun, colour=colour)
        return Order(before=before, english=named, japanese=f"{pick(rng, words_ja.NOUNS[scene.subject])}を{ja}")
    return Order(before=before, english=pick(rng, words.COLOUR_ORDERS).format(x=colour), japanese=ja)


def _resubject(scene: Scene, rng: Rng) -> Order | None:
    if scene.companion is not None:
        return None
    before = replace(scene, subject=_other(rng, list(Subject), scene.subject))
    noun = article(pick(rng, words.NOUNS[scene.subject]))
    ja = pick(rng, words_ja.SUBJECT_ORDERS).format(x=pick(rng, words_ja.NOUNS[scene.subject]))
    return Order(before=before, english=pick(rng, words.SUBJECT_ORDERS).format(x=noun), japanese=ja)


def redirect(scene: Scene, rng: Rng) -> Order | None:
    """Another motion."""
    if scene.companion is not None:
        return None
    before = replace(scene, motion=_other(rng, list(Motion), scene.motion))
    english = pick(rng, words.MOTION_ORDERS).format(x=move(scene, rng, 0))
    return Order(before=before, english=english, japanese=move_ja(scene, rng) + "ようにして")


def move_elsewhere(scene: Scene, rng: Rng) -> Order | None:
    """Another setting."""
    setting = _other(rng, list(Setting), scene.setting)
    before = replace(
        scene,
        setting=setting,
        daytime=light_of(setting, scene.daytime),
        weather=weather_of(setting, scene.weather),
    )
    english = pick(rng, words.PLACE_ORDERS).format(x=pick(rng, words.PLACES[scene.setting]))
    return Order(before=before, english=english, japanese=pick(rng, words_ja.PLACES[scene.setting]) + "にして")


def relight(scene: Scene, rng: Rng) -> Order | None:
    """Another time of day."""
    if scene.setting is Setting.SPACE:
        return None
    before = replace(scene, daytime=_other(rng, list(Daytime), scene.daytime))
    phrase = pick(rng, (*words.TIMES[scene.daytime], scene.daytime.value))
    english = pick(rng, words.TIME_ORDERS).format(x=phrase)
    return Order(before=before, english=english, japanese=pick(rng, words_ja.TIMES[scene.daytime]) + "にして")


def restyle(scene: Scene, rng: Rng) -> Order | None:
    """Another look."""
    before = replace(scene, look=_other(rng, list(Look), scene.look))
    english = pick(rng, words.LOOK_ORDERS).format(x=pick(rng, words.LOOKS[scene.look]))
    return Order(before=before, english=english, japanese=pick(rng, words_ja.LOOKS[scene.look]) + "にして")


def _change_weather(scene: Scene, rng: Rng) -> Order | None:
    possible = [w for w in Weather if w is not scene.weather and weather_of(scene.setting, w) is w]
    if not possible:
        return None
    return Order(
        before=replace(scene, weather=pick(rng, possible)),
        english=pick(rng, words.WEATHER_ORDERS[scene.weather]),
        japanese=pick(rng, words_ja.WEATHER_ORDERS[scene.weather]),
    )


def _move_camera(scene: Scene, rng: Rng) -> Order | None:
    before = replace(scene, camera=_other(rng, list(Camera), scene.camera))
    english = pick(rng, words.SHOT_ORDERS).format(x=pick(rng, words.SHOTS[scene.camera]))
    return Order(before=before, english=english, japanese=pick(rng, words_ja.SHOT_ORDERS[scene.camera]))


def _hurry(scene: Scene, rng: Rng) -> Order | None:
    """Slower or faster."""
    if scene.motion is Motion.STILL:
        return None
    speeds = list(Speed)
    before = _other(rng, speeds, scene.speed)
    slower = speeds.index(before) > speeds.index(scene.speed)
    english, japanese = (words.SLOWER, words_ja.SLOWER) if slower else (words.FASTER, words_ja.FASTER)
    return Order(before=replace(scene, speed=before), english=pick(rng, english), japanese=pick(rng, japanese))


def _add(scene: Scene, rng: Rng) -> Order | None:
    """The companion was not there; what it does may be left open."""
    other = second(scene)
    if other is None:
        return None
    coloured, moving = bool(rng.uniform() < _COLOURED), bool(rng.uniform() < _MOVING)
    phrase = article(thing(other, rng, coloured)) + (" " + move(other, rng, 0) if moving else "")
    ja = (move_ja(other, rng) if moving else "") + thing_ja(other, rng, coloured)
    return Order(
        before=replace(scene, companion=None),
        english=pick(rng, words.ADD_ORDERS).format(x=phrase),
        japanese=pick(rng, words_ja.ADD_ORDERS).format(x=ja),
    )


def _remove(scene: Scene, rng: Rng) -> Order | None:
    if scene.companion is not None:
        return None
    gone = sample_companion(rng)
    if gone.subject is scene.subject:
        return None
    return Order(
        before=replace(scene, companion=gone),
        english=pick(rng, words.REMOVE_ORDERS).format(x=pick(rng, words.NOUNS[gone.subject])),
        japanese=pick(rng, words_ja.REMOVE_ORDERS).format(x=pick(rng, words_ja.NOUNS[gone.subject])),
    )


def _recolour_companion(scene: Scene, rng: Rng) -> Order | None:
    other = scene.companion
    if other is None or other.subject is scene.subject:
        return None
    colour, noun = pick(rng, words.COLOURS[other.colour]), pick(rng, words.NOUNS[other.subject])
    ja = f"{pick(rng, words_ja.NOUNS[other.subject])}を{words_ja.COLOURS[other.colour][1]}して"
    return Order(
        before=replace(scene, companion=replace(other, colour=_other(rng, list(Colour), other.colour))),
        english=pick(rng, words.NAMED_ORDERS).format(noun=noun, colour=colour),
        japanese=ja,
    )


#: Recolouring more often: it is what people ask most.
_CHANGES: tuple[Change, ...] = (
    *(recolour, recolour, recolour, recolour),
    *(_resubject, redirect, move_elsewhere, relight, restyle, _hurry),
    *(_change_weather, _move_camera, _add, _add, _remove, _recolour_companion),
)


def order(scene: Scene, rng: Rng, changes: tuple[Change, ...] = _CHANGES) -> Order:
    """An instruction that leads to `scene` from another one, which is not held out either."""
    while True:
        made = pick(rng, changes)(scene, rng)
        if made is not None and not held_out(made.before):
            return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A scene in words, and the scene before the last instruction, if the words end in one."""

    text: str
    parent: Scene | None


def tell(scene: Scene, rng: Rng) -> Told:
    """`scene` in either language: as it is, or as an earlier scene and one or two instructions.

    The form is the one a remix uses: the parent's prompt, a full stop, a space, and the instruction.
    """
    japanese = bool(rng.uniform() < JAPANESE)
    orders: list[str] = []
    parent: Scene | None = None
    if rng.uniform() < INSTRUCTED:
        for _ in range(2 if rng.uniform() < TWICE else 1):
            made = order(scene, rng)
            orders.insert(0, made.japanese if japanese != (rng.uniform() < _OTHER_LANGUAGE) else made.english)
            scene = made.before
            parent = parent or scene
    first = describe_ja(scene, rng) if japanese else describe(scene, rng)
    return Told(text=". ".join([first, *orders]), parent=parent)


def caption(scene: Scene, rng: Rng) -> str:
    """One caption of `scene`."""
    return tell(scene, rng).text


def corpus(seed: int, count: int) -> list[str]:
    """`count` captions of random scenes, for the tokenizer."""
    rng = np.random.default_rng([seed, 77])
    return [caption(sample_scene(rng), rng) for _ in range(count)]
