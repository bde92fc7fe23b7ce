"""`python -m inference.pocket.judge`: what share of prompts and remixes the shipped model gets right.

Prompts are drawn at random, with every attribute said, and are not picked. Prints a table, or JSON with `--json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from inference.pocket.judge.clips import Studio
from inference.pocket.judge.reading import Reading, read
from inference.pocket.judge.remix import Verdict, compare, summary
from inference.pocket.training.sheet import stack, strip
from inference.pocket.world.captions import ALL, describe, describe_ja
from inference.pocket.world.scene import Colour, Look, Scene, sample_scene
from inference.presets import load_presets
from inference.types import Size

#: Seeds of the prompts' random numbers: not those of any training stage.
_SEED = 20_26
#: What is read, in the table's order.
ATTRIBUTES = ("colour", "subject", "motion", "setting", "daytime", "look")
REMIXED = "a red ball rising over the sea"
COLOURS = (Colour.BLUE, Colour.GREEN, Colour.YELLOW)
#: Every this many prompts one is Japanese.
_JAPANESE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One prompt and which attributes came out right."""

    prompt: str
    japanese: bool
    right: dict[str, bool]


def asked(count: int) -> Iterator[tuple[Scene, str, bool]]:
    """`count` scenes with a caption that says everything, and whether it is Japanese."""
    rng = np.random.default_rng(_SEED)
    for number in range(count):
        scene, japanese = sample_scene(rng), number % _JAPANESE == _JAPANESE - 1
        # What is understood without saying so is not said: a storybook by day.
        said = replace(ALL, look=scene.look is not Look.STORYBOOK)
        yield scene, (describe_ja if japanese else describe)(scene, rng, said), japanese


def score(scene: Scene, seen: Reading) -> dict[str, bool]:
    """Which attributes are right."""
    return {name: getattr(seen, name) == getattr(scene, name) for name in ATTRIBUTES}


def judge_prompts(studio: Studio, count: int, sheet: Path | None) -> list[Score]:
    """Render and read `count` prompts; the seed is the prompt's number."""
    scores, strips = [], []
    for seed, (scene, prompt, japanese) in enumerate(asked(count)):
        video = studio.generate(prompt, seed).video
        scores.append(Score(prompt=prompt, japanese=japanese, right=score(scene, read(video))))
        if sheet:
            words = f"{scene.colour} {scene.subject} {scene.motion} {scene.setting} {scene.daytime} {scene.look}"
            strips.append(strip(video, f"{seed}: {words}{' (JA)' if japanese else ''}"))
    if sheet:
        stack(strips, columns=3).save(sheet)
    return scores


def judge_remixes(studio: Studio, seeds: int, strength: float | None) -> list[Verdict]:
    """`REMIXED` at every seed, remixed to every one of `COLOURS`."""
    verdicts = []
    for seed in range(seeds):
        parent = studio.generate(REMIXED, seed)
        known = parent.video, read(parent.video)
        for colour in COLOURS:
            child = studio.remix(parent, f"{REMIXED}. make it {colour.value}", seed, strength)
            verdicts.append(compare(seed, colour, known, child.video))
    return verdicts


def shares(scores: list[Score]) -> dict[str, float]:
    """The share that is right, by attribute."""
    return {name: float(np.mean([s.right[name] for s in scores])) for name in ATTRIBUTES} if scores else {}


def main() -> None:
    """Judge, and print."""
    parser = argparse.ArgumentParser(prog="python -m inference.pocket.judge", description=__doc__)
    parser.add_argument("--prompts", type=int, default=100, help="how many")
    parser.add_argument("--remixes", type=int, default=20, help="seeds, each remixed to three colours")
    parser.add_argument("--strength", type=float, help="of remixes; the preset's own where not given")
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of the prompts here (PNG)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    studio = Studio(load_presets().get("pocket"), Size(width=224, height=128), args.frames)
    scores = judge_prompts(studio, args.prompts, args.sheet)
    found = {
        "prompts": len(scores),
        "all": shares(scores),
        "english": shares([s for s in scores if not s.japanese]),
        "japanese": shares([s for s in scores if s.japanese]),
        "remix": summary(judge_remixes(studio, args.remixes, args.strength)) if args.remixes else {},
        "wrong": [
            f"{s.prompt}: {', '.join(n for n, r in s.right.items() if not r)}"
            for s in scores
            if not all(s.right.values())
        ],
    }
    print(json.dumps(found, ensure_ascii=False, indent=1) if args.json else _table(found))


def _table(found: dict[str, object]) -> str:
    lines = [f"{found['prompts']} prompts"]
    for part in ("all", "english", "japanese", "remix"):
        values = found[part]
        assert isinstance(values, dict)
        lines.append(f"{part:9}" + "  ".join(f"{name} {value:.3g}" for name, value in values.items()))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
