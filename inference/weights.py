"""Whether a model's weights are at hand: looked for without torch, and without asking the hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""What relative sources are relative to."""

DOCTOR = "threadreel doctor"
"""Says what is missing where no download can mend it."""

CONFIG = "transformer/config.json"


def how_to_fetch(source: str, *, transformer: str = "", config: str = "") -> str:
    """The command that brings what is missing; empty where all is at hand.

    `source` is a hub id or a folder of a whole pipeline; `transformer` a file that takes the place of the pipeline's
    own, as `OWNER/REPOSITORY/FILE` or a path; `config` a hub id or folder with that transformer's configuration.
    """
    commands = [_for_pipeline(source, without="transformer" if transformer else "")]
    if transformer:
        commands.append(_for_transformer(transformer, config))
    needed = [command for command in commands if command]
    return DOCTOR if DOCTOR in needed else " && ".join(needed)


def _for_pipeline(source: str, *, without: str) -> str:
    if any(_is_whole(folder, without) for folder in _folders(source)):
        return ""
    if not _is_hub_id(source):
        return DOCTOR
    return f"hf download {source}" + (f" --exclude '{without}/*'" if without else "")


def _for_transformer(file: str, config: str) -> str:
    repository, name = "/".join(file.split("/")[:2]), "/".join(file.split("/")[2:])
    is_here = (ROOT / file).is_file() or any((folder / name).is_file() for folder in _snapshots(repository))
    is_described = any((folder / CONFIG).is_file() for folder in _folders(config))
    if is_here and is_described:
        return ""
    if not (_is_hub_id(repository) and _is_hub_id(config)):
        return DOCTOR
    if repository == config:
        return f"hf download {repository} {name} {CONFIG}"
    return f"hf download {repository} {name} && hf download {config} {CONFIG}"


def _is_whole(folder: Path, without: str) -> bool:
    """Every part that the index names is there, a model's with its weights: a broken download has gaps."""
    try:
        parts = json.loads((folder / "model_index.json").read_bytes())
    except (OSError, ValueError):
        return False
    named = [name for name, kind in parts.items() if isinstance(kind, list) and kind[0] and name != without]
    return all(_has_its_files(folder / name) for name in named)


def _has_its_files(part: Path) -> bool:
    names = {file.name for file in part.iterdir()} if part.is_dir() else set()
    has_weights = any(name.endswith((".safetensors", ".bin")) for name in names)
    return bool(names) and (has_weights or "config.json" not in names)


def _folders(source: str) -> Iterator[Path]:
    """Where a source can lie: in its own folder, or in the hub's cache."""
    yield ROOT / source
    yield from _snapshots(source)


def _snapshots(repository: str) -> Iterator[Path]:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = Path(os.environ.get("HF_HOME", cache / "huggingface"))
    hub = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    yield from (hub / f"models--{repository.replace('/', '--')}").glob("snapshots/*")


def _is_hub_id(source: str) -> bool:
    return source.count("/") == 1 and not source.startswith((".", "/", "~")) and not (ROOT / source).is_dir()
