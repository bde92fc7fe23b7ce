"""One judging: which clips are made, and what is found of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inference.pocket.judge import joints
from inference.pocket.judge.clips import Studio
from inference.pocket.judge.joints import Joint, extension_joint, loop_seam
from inference.pocket.judge.prompts import Asked, sample_held_out
from inference.pocket.judge.reading import read
from inference.pocket.judge.remix import ATTRIBUTES, KINDS, Verdict, compare, right
from inference.pocket.judge.remix import summary as verdicts_summary
from inference.pocket.training.sheet import stack, strip
from inference.pocket.world.captions import describe, describe_ja, usual
from inference.pocket.world.orders import Order
from inference.pocket.world.sampling import Rng, pick
from inference.pocket.world.scene import Camera, Colour, Motion, Scene, Setting

_SEED = 20_27
#: Every this many remixes one is Japanese.
_JAPANESE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One prompt and which attributes came out right."""

    asked: Asked
    right: dict[str, bool]


def judge_prompts(studio: Studio, prompts: Iterable[Asked], sheet: Path | None) -> list[Score]:
    """Render and read them; the seed is the prompt's number."""
    scores, strips = [], []
    for seed, asked in enumerate(prompts):
        video = studio.generate(asked.prompt, seed).video
        scores.append(Score(asked=asked, right=right(asked.scene, read(video, studio.fps))))
        if sheet:
            wrong = ", ".join(name for name, good in scores[-1].right.items() if not good)
            strips.append(strip(video, f"{seed}: {asked.prompt}" + (f" (not {wrong})" if wrong else "")))
    if sheet:
        stack(strips, columns=3).save(sheet)
    return scores


def shares(scores: Sequence[Score]) -> dict[str, float]:
    """The share that is right, by attribute."""
    return {name: float(np.mean([s.right[name] for s in scores])) for name in ATTRIBUTES} if scores else {}


def plain(rng: Rng, scenes: Sequence[Scene]) -> Scene:
    """One of `scenes`, seen by a camera that does not move, outside space, where it can be any time of day."""
    scene = pick(rng, scenes)
    setting = Setting.SEA if scene.setting is Setting.SPACE else scene.setting
    return replace(scene, camera=Camera.STATIC, setting=setting)


def instruction(kind: str, after: Scene, rng: Rng) -> Order:
    """One that changes `kind` and leads to `after`, a scene by `plain`; from any other, held out or not."""
    made = KINDS[kind](after, rng)
    assert made is not None, f"{kind} cannot be changed in {after}"
    return made


def judge_remixes(studio: Studio, scenes: Sequence[Scene], count: int, strength: float | None) -> Iterator[Verdict]:
    """`count` instructions of every kind in turn, each a remix of a clip of its own; the seed is its number."""
    rng = np.random.default_rng(_SEED)
    for seed in range(count):
        kind = list(KINDS)[seed % len(KINDS)]
        after = plain(rng, scenes)
        made = instruction(kind, after, rng)
        japanese = seed % _JAPANESE == _JAPANESE - 1
        prompt = (describe_ja if japanese else describe)(made.before, rng, usual(made.before))
        parent = studio.generate(prompt, seed)
        told = made.japanese if japanese else made.english
        child = studio.remix(parent, f"{prompt}. {told}", seed, strength)
        before, now = ((clip.video, read(clip.video, studio.fps)) for clip in (parent, child))
        yield compare(kind, after, before, now)


def judge_words(studio: Studio, scenes: Sequence[Scene], count: int) -> Iterator[Verdict]:
    """The same seed and prompt but for the colour: it must change the subject, and little else."""
    rng = np.random.default_rng(_SEED + 1)
    for seed in range(count):
        scene = plain(rng, scenes)
        other = replace(scene, colour=pick(rng, [c for c in Colour if c is not scene.colour]))
        # The same random numbers, and so the same wording.
        prompts = [describe(s, np.random.default_rng(seed), usual(s)) for s in (scene, other)]
        clips = [studio.generate(prompt, seed).video for prompt in prompts]
        before, after = ((clip, read(clip, studio.fps)) for clip in clips)
        yield compare("colour", other, before, after)


def judge_loops(studio: Studio, scenes: Sequence[Scene], count: int) -> Iterator[Joint]:
    """A frame out of a clip, given as the first and the last of another."""
    rng = np.random.default_rng(_SEED + 2)
    for seed in range(count):
        scene = plain(rng, scenes)
        prompt = describe(scene, rng, usual(scene))
        frame = studio.generate(prompt, seed).video[:1]
        yield loop_seam(frame, studio.between(prompt, seed, {0: frame, studio.frames - 1: frame}).video)


def judge_extensions(studio: Studio, scenes: Sequence[Scene], count: int) -> Iterator[Joint]:
    """The end of a clip, given as the beginning of another."""
    rng = np.random.default_rng(_SEED + 3)
    for seed in range(count):
        scene = plain(rng, scenes)
        prompt = describe(scene, rng, usual(scene))
        tail = studio.generate(prompt, seed).video[-studio.piece :]
        yield extension_joint(tail, studio.between(prompt, seed, {0: tail}).video)


def sampled_scenes(count: int) -> list[Scene]:
    """Held-out scenes beyond the list's, that move."""
    rng = np.random.default_rng(_SEED + 4)
    return [s for s in (sample_held_out(rng) for _ in range(count)) if s.motion is not Motion.STILL]


def found(
    scores: Sequence[Score], verdicts: Sequence[Verdict], worded: Sequence[Verdict], seams: dict[str, list[Joint]]
) -> dict[str, object]:
    """Everything, as JSON-able numbers and words."""
    return {
        "prompts": len(scores),
        "all": shares(scores),
        "english": shares([s for s in scores if not s.asked.japanese]),
        "japanese": shares([s for s in scores if s.asked.japanese]),
        "remixes": verdicts_summary(verdicts) if verdicts else {},
        "another colour word": verdicts_summary(worded) if worded else {},
        **{name: joints.summary(some) for name, some in seams.items() if some},
        "wrong": [
            f"{s.asked.prompt}: {', '.join(n for n, good in s.right.items() if not good)}"
            for s in scores
            if not all(s.right.values())
        ],
    }
