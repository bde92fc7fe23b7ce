"""Presets: what each model is and can do, read from `presets.toml` without torch."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import ValidationError

from inference import codec
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
        """The next allowed count from `frames` up, so that a clip is never shorter than asked; at most `max`."""
        k = math.ceil((frames - 1) / self.step)
        return max(self.min, min(self.max, k * self.step + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerFile:
    """A transformer that is published as one file of its original format, beside a whole pipeline of its family."""

    #: `OWNER/REPOSITORY/FILE` on the hub, or a path relative to the repository's root or absolute.
    file: str
    #: Hub id or folder whose `transformer/config.json` describes it.
    config: str


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
    #: Fixed native sizes by shape (a model trained at one scale); empty: the delivered size rounded to `size_multiple`.
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
    #: The same for decoding, per million (native pixel x frame).
    seconds_per_megapixel_decoded: float = 1.0
    #: Short side in pixels of a clip for which no size is asked, where the tier allows as much.
    usual_short_side: int = 480
    #: Limit of the text encoder, in tokens.
    max_prompt_tokens: int
    sound: bool
    #: Takes the place of the source's own transformer.
    transformer: TransformerFile | None = None
    #: Guidance where a negative prompt is given, for models that need none else; None: the usual one.
    negative_guidance: float | None = None

    @property
    def heeds_negative_prompts(self) -> bool:
        """Only guidance above 1 leads away from anything."""
        return (self.guidance if self.negative_guidance is None else self.negative_guidance) > 1

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

    def heeding_negative_prompts(self) -> tuple[str, ...]:
        return tuple(name for name, preset in self.presets.items() if preset.heeds_negative_prompts)

    def capable_of(self, operation: OperationKind) -> tuple[str, ...]:
        return tuple(name for name, preset in self.presets.items() if operation in preset.operations)


def load_presets(path: Path | None = None, default: str | None = None) -> PresetTable:
    """Read a preset table; None: the one that ships. Raises ValueError naming file, preset and field that are wrong."""
    path = path or PRESETS_FILE
    with path.open("rb") as file:
        try:
            rows = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path}: {error}") from error
    if not rows:
        raise ValueError(f"{path}: holds no preset")
    presets = {name: _preset(path, name, row) for name, row in rows.items()}
    if default is not None and default not in presets:
        raise ValueError(f"default_preset: there is no preset {default!r}; known: {', '.join(presets)}")
    return PresetTable(presets=presets, default=default or next(iter(presets)))


def _preset(path: Path, name: str, row: object) -> Preset:
    where = f"{path}: [{name}]"
    if not isinstance(row, dict):
        raise ValueError(f"{where}: must be a table")  # noqa: TRY004  # one kind of error for a wrong file
    known = {field.name for field in fields(Preset)} - {"name"}
    for key in row.keys() - known:
        raise ValueError(f"{where}.{key}: no such field; known: {', '.join(sorted(known))}")
    values = {"native_sizes": {}, "timesteps": (), **row, "name": name}
    try:
        values["native_sizes"] = {shape: {"width": w, "height": h} for shape, (w, h) in values["native_sizes"].items()}
        preset = codec.from_json(Preset, json.dumps(values, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{where}.{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{where}.native_sizes: each must be a shape with [width, height]") from error
    assert isinstance(preset, Preset)
    _check_rules(where, preset)
    return preset


def _check_rules(where: str, preset: Preset) -> None:
    """What the rest of the service takes for granted of a preset."""
    positive = (
        "fps",
        "size_multiple",
        "max_native_short_side",
        "steps",
        "seconds_per_megapixel_step",
        "seconds_per_megapixel_decoded",
        "usual_short_side",
        "max_prompt_tokens",
    )
    for name in positive:
        if not 0 < getattr(preset, name) < math.inf:
            raise ValueError(f"{where}.{name}: must be more than 0")
    if preset.usual_short_side % 2:
        raise ValueError(f"{where}.usual_short_side: must be even")
    frames = preset.frames
    if (
        frames.step < 1
        or not 1 <= frames.min <= frames.max
        or any((n - 1) % frames.step for n in (frames.min, frames.max))
    ):
        raise ValueError(f"{where}.frames: min and max must be a multiple of step and one more, min at most max")
    if preset.negative_guidance is not None and not 1 < preset.negative_guidance < math.inf:
        raise ValueError(f"{where}.negative_guidance: must be more than 1")
    if not 0 < preset.remix_strength <= 1:
        raise ValueError(f"{where}.remix_strength: must be more than 0, at most 1")
    if preset.timesteps and len(preset.timesteps) != preset.steps:
        raise ValueError(f"{where}.timesteps: must be as many as steps")
