"""The judge's prompts: combinations that no training has seen, in both languages; a list that is committed.

`python -m inference.pocket.judge.prompts` writes it anew. Changing it makes scores incomparable: only do so when
the world changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from inference.pocket.world.captions import describe, describe_ja, usual
from inference.pocket.world.sampling import Rng, held_out, sample_any
from inference.pocket.world.scene import Scene
from inference.vocabulary import load_vocabulary

LIST = Path(__file__).with_name("held_out.jsonl")
#: Scenes in the list, each with a prompt in either language; and the seed of their random numbers.
SCENES, _SEED = 300, 20_26


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One prompt and what a clip of it shall show."""

    scene: Scene
    prompt: str
    japanese: bool


def sample_held_out(rng: Rng) -> Scene:
    """A scene with one subject that is never trained on."""
    while True:
        scene = replace(sample_any(rng), companion=None)
        if held_out(scene):
            return scene


def known_prompts(folder: Path, count: int) -> list[Asked]:
    """Prompts of the part of the world that the model in `folder` knows, in words it knows; held out too."""
    vocabulary = load_vocabulary(folder)
    assert vocabulary is not None, f"{folder} says nowhere what it knows"
    world = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))["world"]
    rng, found = np.random.default_rng(_SEED + 1), list[Asked]()
    while len(found) < count:
        scene = replace(sample_any(rng), companion=None)
        known = all(getattr(scene, name) in values for name, values in world.items() if isinstance(values, list))
        if known and held_out(scene):
            tell, japanese = (describe_ja, True) if len(found) % 2 else (describe, False)
            prompt = tell(scene, rng, usual(scene))
            if not vocabulary.unknown(prompt):
                found.append(Asked(scene=scene, prompt=prompt, japanese=japanese))
    return found


def lines(scenes: int = SCENES) -> Iterator[str]:
    """The list, line by line."""
    rng = np.random.default_rng(_SEED)
    for _ in range(scenes):
        scene = sample_held_out(rng)
        # What is understood without saying so is not said.
        said = usual(scene)
        told = {"en": describe(scene, rng, said), "ja": describe_ja(scene, rng, said)}
        yield json.dumps({**told, "scene": asdict(scene)}, ensure_ascii=False)


def _scene(values: dict[str, Any]) -> Scene:
    kinds = get_type_hints(Scene)
    enums = {f.name: kinds[f.name] for f in fields(Scene) if isinstance(kinds[f.name], type)}
    return Scene(**{k: enums[k](v) if k in enums and issubclass(enums[k], StrEnum) else v for k, v in values.items()})


def held_out_prompts() -> list[Asked]:
    """The committed list: English and Japanese in turn, so that any beginning of it has as many of both."""
    found = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        scene = _scene(values["scene"])
        found += [Asked(scene=scene, prompt=values[code], japanese=code == "ja") for code in ("en", "ja")]
    return found


if __name__ == "__main__":
    LIST.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
