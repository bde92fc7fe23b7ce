"""`python -m inference.pocket.judge`: what share of held-out prompts and of remixes a model gets right.

The prompts are the committed list's, in its order, none of them picked and no combination ever trained on; with
`--known` they are of the part of the world that the model was trained for. Prints a table, or JSON with `--json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch

from inference.pocket.judge.clips import Studio
from inference.pocket.judge.prompts import held_out_prompts, known_prompts
from inference.pocket.judge.session import (
    found,
    judge_extensions,
    judge_loops,
    judge_prompts,
    judge_remixes,
    judge_words,
    sampled_scenes,
)
from inference.pocket.world.scene import Motion
from inference.presets import FrameRule, Preset, load_presets
from inference.tokens import ROOT
from inference.types import Size

#: Seconds of a judged clip, and how many scenes remixes and joints are drawn from.
_SECONDS, _SCENES = 2, 400
#: After how many it is said how many there are so far.
_TOLD = 10

T = TypeVar("T")


def main() -> None:
    """Judge, and print."""
    parser = argparse.ArgumentParser(prog="python -m inference.pocket.judge", description=__doc__)
    parser.add_argument("--prompts", type=int, default=600, help="how many of the list's")
    parser.add_argument("--remixes", type=int, default=100, help="instructions, of five kinds in turn")
    parser.add_argument("--words", type=int, default=20, help="prompts said again with another colour")
    parser.add_argument("--joints", type=int, default=20, help="loops, and as many extensions")
    parser.add_argument("--strength", type=float, help="of remixes; the preset's own where not given")
    parser.add_argument("--model", type=Path, help="another folder than the shipped one")
    parser.add_argument("--known", action="store_true", help="only of the part of the world that the model knows")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of the prompts here (PNG)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    preset = load_presets().get("pocket")
    if args.model:
        preset = preset_of(args.model, preset)
    frames = preset.frames.nearest(_SECONDS * preset.fps + 1)
    studio = Studio(preset, Size(width=224, height=128), frames, args.device)
    prompts, scenes = held_out_prompts()[: args.prompts], sampled_scenes(_SCENES)
    if args.known:
        folder = ROOT / preset.source
        prompts = known_prompts(folder, args.prompts)
        scenes = [asked.scene for asked in known_prompts(folder, _SCENES) if asked.scene.motion is not Motion.STILL]
    result = found(
        judge_prompts(studio, counted("prompts", prompts), args.sheet),
        list(counted("remixes", judge_remixes(studio, scenes, args.remixes, args.strength))),
        list(counted("words", judge_words(studio, scenes, args.words))),
        {
            "loop seam": list(counted("loops", judge_loops(studio, scenes, args.joints))),
            "extension joint": list(counted("extensions", judge_extensions(studio, scenes, args.joints))),
        },
    )
    print(json.dumps(result, ensure_ascii=False, indent=1) if args.json else table(result))


def counted(what: str, things: Iterable[T]) -> Iterator[T]:
    """`things`, and now and then on standard error how many there were so far."""
    for number, thing in enumerate(things, 1):
        yield thing
        if number % _TOLD == 0:
            print(f"{what}: {number}", file=sys.stderr, flush=True)


def preset_of(model: Path, shipped: Preset) -> Preset:
    """How to run another folder: its frames' rule follows from its autoencoder's halvings of time."""
    halvings = json.loads((model / "vae" / "config.json").read_text(encoding="utf-8"))["spatio_temporal_scaling"]
    step = 2 ** sum(halvings)
    second = 3 * step  # three latents
    rule = FrameRule(step=step, min=second + 1, max=5 * second + 1)
    return replace(shipped, source=str(model), fps=second, frames=rule)


def table(result: dict[str, object]) -> str:
    """A line for every part."""
    lines = [f"{result['prompts']} held-out prompts"]
    for part, values in result.items():
        if isinstance(values, dict) and values:
            lines.append(f"{part:20}" + "  ".join(f"{name} {value:.3g}" for name, value in values.items()))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
