"""Scenes in words.

Whatever a caption leaves out is left open, but for what people take for granted: no time of day means day, no weather
clear, no camera one that stands, no speed the usual, no look a realistic one.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.pocket.world import words, words_ja
from inference.pocket.world.sampling import Rng, pick
from inference.pocket.world.scene import Camera, Daytime, Look, Motion, Scene, Setting, Speed, Weather, second

#: Chances that a caption leaves something open.
_NO_COLOUR, _NO_MOTION, _NO_PLACE, _NO_STILLNESS = 0.04, 0.05, 0.05, 0.4
#: Chance that a caption says what would be understood anyway.
_SAY_USUAL = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a caption mentions."""

    colour: bool
    motion: bool
    place: bool
    time: bool
    look: bool
    weather: bool
    camera: bool


#: Everything, so that a caption leaves nothing open.
ALL = Said(colour=True, motion=True, place=True, time=True, look=True, weather=True, camera=True)


def usual(scene: Scene) -> Said:
    """Everything but what is understood without a word."""
    space = scene.setting is Setting.SPACE
    return Said(
        colour=True,
        motion=True,
        place=True,
        time=scene.daytime is not Daytime.DAY and not space,
        look=scene.look is not Look.REALISTIC,
        weather=scene.weather is not Weather.CLEAR,
        camera=scene.camera is not Camera.STATIC,
    )


def _what_to_say(scene: Scene, rng: Rng) -> Said:
    silent = _NO_STILLNESS if scene.motion is Motion.STILL else _NO_MOTION
    needed, space = usual(scene), scene.setting is Setting.SPACE
    return Said(
        colour=bool(rng.uniform() > _NO_COLOUR),
        motion=bool(rng.uniform() > silent),
        place=bool(rng.uniform() > _NO_PLACE),
        time=needed.time or (not space and bool(rng.uniform() < _SAY_USUAL)),
        look=needed.look or bool(rng.uniform() < _SAY_USUAL),
        weather=needed.weather or (not space and bool(rng.uniform() < _SAY_USUAL / 3)),
        camera=needed.camera or bool(rng.uniform() < _SAY_USUAL / 3),
    )


def article(phrase: str) -> str:
    """With "a" or "an"."""
    return ("an " if phrase[0] in "aeio8" else "a ") + phrase


def _join(*phrases: str) -> str:
    return " ".join(phrase for phrase in phrases if phrase)


def move(scene: Scene, rng: Rng, tense: int) -> str:
    """How it moves, and how fast: participle (0) or third person (1), at times with the subject's own verb."""
    sideways = scene.motion in (Motion.LEFT, Motion.RIGHT)
    if sideways and scene.subject in words.OWN_VERBS and rng.uniform() < 0.4:
        way = scene.motion.value if rng.uniform() < 0.5 else f"to the {scene.motion.value}"
        text = f"{words.OWN_VERBS[scene.subject][tense]} {way}"
    else:
        text = pick(rng, words.MOVES[scene.motion])[tense]
    if scene.speed is Speed.NORMAL or scene.motion is Motion.STILL:
        return text
    adverb = pick(rng, words.ADVERBS[scene.speed])
    return f"{text} {adverb}" if adverb == "fast" or rng.uniform() < 0.5 else f"{adverb} {text}"


def thing(scene: Scene, rng: Rng, coloured: bool = True) -> str:
    """The subject, without an article."""
    colour = pick(rng, words.COLOURS[scene.colour]) if coloured else ""
    return _join(colour, pick(rng, words.NOUNS[scene.subject]))


def _others(scene: Scene, rng: Rng) -> str:
    """The companion and what it does."""
    other = second(scene)
    if other is None:
        return ""
    return f"and {_join(article(thing(other, rng)), move(other, rng, 0))}"


def describe(scene: Scene, rng: Rng, said: Said | None = None) -> str:
    """One English caption, of `said` or of what people mostly say."""
    said = said or _what_to_say(scene, rng)
    noun = pick(rng, words.NOUNS[scene.subject])
    colour = pick(rng, words.COLOURS[scene.colour]) if said.colour else ""
    place = pick(rng, words.PLACES[scene.setting]) if said.place else ""
    time = pick(rng, words.TIMES[scene.daytime]) if said.time else ""
    air = pick(rng, words.AIRS[scene.weather]) if said.weather else ""
    moves = move(scene, rng, int(rng.uniform() < 0.4)) if said.motion else ""
    others, form = _others(scene, rng), rng.uniform()
    it = article(_join(colour, noun))
    if form < 0.62 or others:
        text = _join(it, moves, others, place, time, air)
    elif form < 0.72 and place:
        text = f"{place}, {_join(it, moves, time, air)}"
    elif form < 0.82 and colour:
        text = f"{_join(article(noun), moves, place, time, air)}, {colour}"
    elif form < 0.92:
        text = ", ".join(part for part in (_join(colour, noun), moves, place, time, air) if part)
    else:
        text = _join("the", colour, noun, moves, place, time, air)
    if said.camera:
        text = f"{text}, {pick(rng, words.SHOTS[scene.camera])}"
    if not said.look:
        return text
    look = pick(rng, words.LOOKS[scene.look])
    return f"{text}, {look}" if rng.uniform() < 0.7 else f"{look}, {text}"


def move_ja(scene: Scene, rng: Rng) -> str:
    """How it moves, and how fast, before a noun."""
    text = pick(rng, words_ja.MOVES[scene.motion])
    if scene.speed is Speed.NORMAL or scene.motion is Motion.STILL:
        return text
    return pick(rng, words_ja.ADVERBS[scene.speed]) + text


def thing_ja(scene: Scene, rng: Rng, coloured: bool = True) -> str:
    """The subject."""
    return (words_ja.COLOURS[scene.colour][0] if coloured else "") + pick(rng, words_ja.NOUNS[scene.subject])


def describe_ja(scene: Scene, rng: Rng, said: Said | None = None) -> str:
    """One Japanese caption."""
    said = said or _what_to_say(scene, rng)
    it, moves = thing_ja(scene, rng, said.colour), move_ja(scene, rng) if said.motion else ""
    place = pick(rng, words_ja.PLACES[scene.setting]) if said.place else ""
    time = pick(rng, words_ja.TIMES[scene.daytime]) + "の" if said.time else ""
    air = pick(rng, words_ja.AIRS[scene.weather]) if said.weather else ""
    where = f"{air}{time}{place}" + ("を" if moves else "の") if place else air + time
    other, form = second(scene), rng.uniform()
    if other is not None:
        text = f"{where}{moves}{it}と、{move_ja(other, rng)}{thing_ja(other, rng)}"
    elif form < 0.6 or not moves:
        text = f"{where}{moves}{it}"
    elif form < 0.85:
        text = f"{it}が{where}{moves}"
    else:
        text = "、".join(part for part in (it, moves, air + time + place) if part)
    if said.camera:
        text = f"{text}、{pick(rng, words_ja.SHOTS[scene.camera])}"
    if not said.look:
        return text
    look = pick(rng, words_ja.LOOKS[scene.look])
    return f"{text}、{look}" if rng.uniform() < 0.6 else f"{look}、{text}"
