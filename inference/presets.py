"""Presets: what each model is and can do, read from `presets.toml` without torch."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inference.errors import UnknownPreset
from inference.types import AspectRatio, OperationKind, Size

PRESETS_FILE = Path(__file__).with_name("presets.toml")
ALIASES = frozenset({"sora-2", "sora-2-pro"})
"""OpenAI's model names: each means the default preset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRule:
    """Frame counts that the model makes: `step * k + 1`, within bounds."""

    step: int
    min: int
    max: int

    def nearest(self, frames: float) -> int:
        """The allowed count nearest to `frames` from above, so that a clip is never shorter than asked (capped at max)."""
        k = math.ceil((frames - 1) / self.step)
        return max(self.min, min(self.max, k * self.step + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One model and its rules. Values come from `presets.toml`; units are in the names."""

    name: str
    title: str
    #: Engine family: `ltx`.
    family: str
    #: Hub id, or a folder relative to the repository's root or absolute.
    source: str
    license: str
    fps: int
    frames: FrameRule
    #: Fixed native sizes by shape (a model trained at one scale), or empty: the delivered size rounded to `size_multiple`.
    native_sizes: Mapping[AspectRatio, Size]
    size_multiple: int
    #: Short side in pixels; larger deliveries are scaled up from it.
    max_native_short_side: int
    operations: frozenset[OperationKind]
    steps: int
    guidance: float
    #: Schedule of a distilled model, each 0 to 1000, first 1000; empty: the scheduler's own for `steps`.
    timesteps: tuple[float, ...]
    #: Default starting sigma of a remix.
    remix_strength: float
    #: Peak seconds per million (native pixel x frame x step) on a modest device: only until something was measured.
    seconds_per_megapixel_step: float
    #: Limit of the text encoder, in tokens.
    max_prompt_tokens: int
    sound: bool

    @property
    def max_seconds(self) -> float:
        """Longest clip in whole frames, rounded down to a tenth of a second."""
        return math.floor((self.frames.max - 1) / self.fps * 10) / 10

    @property
    def min_seconds(self) -> float:
        return math.ceil((self.frames.min - 1) / self.fps * 10) / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetTable:
    """All presets by name; the first in the file is the default unless settings say otherwise."""

    presets: Mapping[str, Preset]
    default: str

    def get(self, name: str | None) -> Preset:
        """Raises UnknownPreset, naming the known ones."""
        wanted = self.default if name is None or name in ALIASES else name
        if wanted not in self.presets:
            raise UnknownPreset(preset=wanted, known=", ".join(self.presets))
        return self.presets[wanted]

    def capable_of(self, operation: OperationKind) -> tuple[str, ...]:
        return tuple(name for name, preset in self.presets.items() if operation in preset.operations)


def load_presets(path: Path = PRESETS_FILE, default: str | None = None) -> PresetTable:
    """Read a preset table. Raises ValueError naming preset and field where the file is wrong."""
    with path.open("rb") as file:
        rows = tomllib.load(file)
    presets = {name: _preset(name, row) for name, row in rows.items()}
    return PresetTable(presets=presets, default=default or next(iter(presets)))


def _preset(name: str, row: dict[str, object]) -> Preset:
    try:
        return Preset(**_fields(name, row))  # type: ignore[arg-type]  # the TOML's fields are checked by name here
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"presets: [{name}]: {error}") from error


def _fields(name: str, row: dict[str, object]) -> dict[str, object]:
    values = dict(row)
    sizes = values.pop("native_sizes", {})
    assert isinstance(sizes, dict)
    return values | {
        "name": name,
        "frames": FrameRule(**values["frames"]),  # type: ignore[arg-type]
        "native_sizes": {AspectRatio(shape): Size(width=w, height=h) for shape, (w, h) in sizes.items()},
        "operations": frozenset(OperationKind(o) for o in values["operations"]),  # type: ignore[attr-defined]
        "timesteps": tuple(values.get("timesteps", ())),  # type: ignore[arg-type]
    }
