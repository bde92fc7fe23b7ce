"""The model card: what a run made, from what, at which cost, and how well the judge found it."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import torch

from inference.pocket.training import run
from inference.pocket.training.config import FPS, LENGTHS, SHAPES, SPACE, TIME, Training
from inference.pocket.training.export import assemble, folder_of
from inference.pocket.world.sampling import HELD_OUT_ONE_IN
from inference.pocket.world.vocabulary import vocabulary

_TEMPLATE = Path(__file__).with_name("card.md")


def write_card(config: Training, scores: dict[str, Any]) -> Path:
    """README.md beside the run's finished model; `scores` is what `python -m inference.pocket.judge --json` printed."""
    card = folder_of(config) / "README.md"
    card.write_text(_TEMPLATE.read_text(encoding="utf-8").format(**_facts(config, scores)), encoding="utf-8")
    return card


def _facts(config: Training, scores: dict[str, Any]) -> dict[str, str]:
    pipeline, world = assemble(config), vocabulary().to_json()["world"]
    parts = {name: getattr(pipeline, name) for name in ("vae", "transformer", "text_encoder")}
    millions = {f"{name}_millions": f"{part.num_parameters() / 1e6:.1f} M" for name, part in parts.items()}
    total = sum(part.num_parameters() for part in parts.values())
    frames = [count for count, _ in LENGTHS if count > 1]
    return {
        **millions,
        "millions": f"{total / 1e6:.1f}",
        "megabytes": f"{sum(f.stat().st_size for f in folder_of(config).rglob('*') if f.is_file()) / 1e6:.0f}",
        "sizes": ", ".join(f"{width}x{height}" for width, height, _ in SHAPES),
        "fps": str(FPS),
        "frames": f"{TIME}k+1 frames from {min(frames)} to {max(frames)}",
        "space": str(SPACE),
        "time": str(TIME),
        "tokens": str(pipeline.tokenizer.vocab_size),
        "world": "\n".join(f"- {name}: {', '.join(v)}" for name, v in world.items() if isinstance(v, list)),
        "held_out": f"{100 / HELD_OUT_ONE_IN:.0f}%",
        "hardware": _hardware(),
        "stages": "\n".join(_stage(config, name) for name in ("vae", "transformer")),
        "scores": _scores(scores),
    }


def _hardware() -> str:
    if torch.cuda.is_available():
        return f"one {torch.cuda.get_device_name()}, bf16"
    return f"{torch.get_num_threads()} CPU threads ({platform.processor() or platform.machine()}), fp32"


def _stage(config: Training, name: str) -> str:
    saved = run.Checkpoint(config.folder / f"{name}.pt").load() or {"step": 0, "spent": 0.0}
    return f"- {name}: {saved['step']:,} steps, {saved['spent'] / 3600:.1f} hours"


def _scores(found: dict[str, Any]) -> str:
    lines = [f"Of {found['prompts']} held-out prompts:", ""]
    for part, values in found.items():
        if isinstance(values, dict) and values:
            told = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
            lines.append(f"- {part}: {told}")
    return "\n".join(lines)


def load_scores(file: Path) -> dict[str, Any]:
    """What the judge printed."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
