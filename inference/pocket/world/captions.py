"""Scenes in words, and instructions that turn one scene into another.

Whatever a caption leaves out is left open, with two exceptions: no time of day means day, no look means storybook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inference.pocket.world import words
from inference.pocket.world.scene import (
    Colour,
    Daytime,
    Look,
    Motion,
    Scene,
    Setting,
    Subject,
    light_of,
    pick,
    sample_scene,
)

Rng = np.random.Generator

#: Share of Japanese among captions.
JAPANESE = 0.18
#: Share of captions that end in an instruction, and of those with a second one.
INSTRUCTED = 0.65
TWICE = 0.2
#: Chances that a caption leaves something open.
_NO_COLOUR, _NO_MOTION, _NO_PLACE, _NO_STILLNESS = 0.04, 0.05, 0.05, 0.4
#: Chances that a caption says what would be understood anyway.
_SAY_DAY, _SAY_STORYBOOK = 0.15, 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a caption mentions."""

    colour: bool
    motion: bool
    place: bool
    time: bool
    look: bool


def _what_to_say(scene: Scene, rng: Rng) -> Said:
    silent = _NO_STILLNESS if scene.motion is Motion.STILL else _NO_MOTION
    day, storybook = scene.daytime is Daytime.DAY, scene.look is Look.STORYBOOK
    return Said(
        colour=bool(rng.uniform() > _NO_COLOUR),
        motion=bool(rng.uniform() > silent),
        place=bool(rng.uniform() > _NO_PLACE),
        time=scene.setting is not Setting.SPACE and bool(rng.uniform() < (_SAY_DAY if day else 1.0)),
        look=bool(rng.uniform() < (_SAY_STORYBOOK if storybook else 1.0)),
    )


def _article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _move(scene: Scene, rng: Rng, tense: int) -> str:
    """How it moves: participle (0) or third person (1), at times with the subject's own verb."""
    sideways = scene.motion in (Motion.LEFT, Motion.RIGHT)
    if sideways and rng.uniform() < 0.4:
        way = scene.motion.value if rng.uniform() < 0.5 else f"to the {scene.motion.value}"
        return f"{words.OWN_VERBS[scene.subject][tense]} {way}"
    return pick(rng, words.MOVES[scene.motion])[tense]


def _join(*phrases: str) -> str:
    return " ".join(phrase for phrase in phrases if phrase)


#: Everything, so that a caption leaves nothing open.
ALL = Said(colour=True, motion=True, place=True, time=True, look=True)


def describe(scene: Scene, rng: Rng, said: Said | None = None) -> str:
    """One English caption, of `said` or of what people mostly say."""
    said = said or _what_to_say(scene, rng)
    noun, colour = pick(rng, words.NOUNS[scene.subject]), scene.colour.value if said.colour else ""
    place = pick(rng, words.PLACES[scene.setting]) if said.place else ""
    time = pick(rng, words.TIMES[scene.daytime]) if said.time else ""
    look = pick(rng, words.LOOKS[scene.look]) if said.look else ""
    tense = int(rng.uniform() < 0.4)
    move = _move(scene, rng, tense) if said.motion else ""
    form = rng.uniform()
    thing = _article(_join(colour, noun))
    if form < 0.62:
        text = _join(thing, move, place, time)
    elif form < 0.72 and place:
        text = f"{place}, {_join(thing, move, time)}"
    elif form < 0.82 and colour:
        text = f"{_join(_article(noun), move, place, time)}, {colour}"
    elif form < 0.92:
        text = ", ".join(part for part in (_join(colour, noun), move, place, time) if part)
    else:
        text = _join("the", colour, noun, move, place, time)
    if not look:
        return text
    return f"{text}, {look}" if rng.uniform() < 0.7 else f"{look}, {text}"


def describe_ja(scene: Scene, rng: Rng, said: Said | None = None) -> str:
    """One Japanese caption."""
    said = said or _what_to_say(scene, rng)
    noun = pick(rng, words.NOUNS_JA[scene.subject])
    thing = (words.COLOURS_JA[scene.colour][0] if said.colour else "") + noun
    place = pick(rng, words.PLACES_JA[scene.setting]) if said.place else ""
    time = pick(rng, words.TIMES_JA[scene.daytime]) + "の" if said.time else ""
    move = pick(rng, words.MOVES_JA[scene.motion]) if said.motion else ""
    where = f"{time}{place}" + ("を" if move else "の") if place else time
    form = rng.uniform()
    if form < 0.6 or not move:
        text = f"{where}{move}{thing}"
    elif form < 0.85:
        text = f"{thing}が{where}{move}"
    else:
        text = "、".join(part for part in (thing, move, time + place) if part)
    if not said.look:
        return text
    look = pick(rng, words.LOOKS_JA[scene.look])
    return f"{text}、{look}" if rng.uniform() < 0.6 else f"{look}、{text}"


Change = Callable[[Scene, Rng], tuple[Scene, str, str]]


def _other(rng: Rng, values: list[str], now: str) -> str:
    return pick(rng, [value for value in values if value != now])


def _recolour(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, colour=Colour(_other(rng, list(Colour), scene.colour)))
    order = pick(rng, words.COLOUR_ORDERS).format(x=scene.colour.value)
    if rng.uniform() < 0.15:
        order = f"make the {scene.subject.value} {scene.colour.value}"
    return before, order, words.COLOURS_JA[scene.colour][1] + "して"


def _resubject(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, subject=Subject(_other(rng, list(Subject), scene.subject)))
    noun = _article(pick(rng, words.NOUNS[scene.subject]))
    ja = pick(rng, words.NOUNS_JA[scene.subject]) + pick(rng, ("にして", "に変えて"))
    return before, pick(rng, words.SUBJECT_ORDERS).format(x=noun), ja


def _redirect(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, motion=Motion(_other(rng, list(Motion), scene.motion)))
    order = pick(rng, words.MOTION_ORDERS).format(x=_move(scene, rng, 0))
    return before, order, pick(rng, words.MOVES_JA[scene.motion]) + "ようにして"


def _replace_setting(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, setting=Setting(_other(rng, list(Setting), scene.setting)))
    before = replace(before, daytime=light_of(before.setting, before.daytime))
    order = pick(rng, words.PLACE_ORDERS).format(x=pick(rng, words.PLACES[scene.setting]))
    return before, order, pick(rng, words.PLACES_JA[scene.setting]) + "にして"


def _relight(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, daytime=Daytime(_other(rng, list(Daytime), scene.daytime)))
    phrase = pick(rng, (*words.TIMES[scene.daytime], scene.daytime.value))
    return before, pick(rng, words.TIME_ORDERS).format(x=phrase), pick(rng, words.TIMES_JA[scene.daytime]) + "にして"


def _restyle(scene: Scene, rng: Rng) -> tuple[Scene, str, str]:
    before = replace(scene, look=Look(_other(rng, list(Look), scene.look)))
    order = pick(rng, words.LOOK_ORDERS).format(x=pick(rng, words.LOOKS[scene.look]))
    return before, order, words.LOOKS_JA[scene.look][0] + "にして"


#: Recolouring more often: it is what people ask most.
_CHANGES: tuple[Change, ...] = (
    *(_recolour, _recolour, _recolour, _recolour),
    *(_resubject, _redirect, _replace_setting, _relight, _restyle),
)


def _order(scene: Scene, rng: Rng, japanese: bool) -> tuple[Scene, str]:
    """A scene before, and the instruction that turns it into `scene`."""
    change = pick(rng, _CHANGES)
    if change is _relight and scene.setting is Setting.SPACE:
        change = _recolour
    before, english, ja = change(scene, rng)
    return before, ja if japanese else english


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
        # Now and then an instruction comes in the other language than the prompt.
        for _ in range(2 if rng.uniform() < TWICE else 1):
            scene, order = _order(scene, rng, japanese != (rng.uniform() < 0.07))
            orders.insert(0, order)
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
