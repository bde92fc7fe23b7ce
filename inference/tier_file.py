"""The tiers' file, and the ceilings of the settings: read whole, so that every wrong field is named at once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inference.types import Ceiling, OperationKind, Tier

MIN_SHORT_SIDE = 64
MAX_SIDE = 8192
"""Pixels; beyond it a number is a mistake rather than a wish."""
MOST = 10**12
"""Of anything that is counted: no limit needs more, and every database holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """What a field may be, and how that is said."""

    allows: Callable[[Any], bool]
    said: str


def _whole(least: int, what: str = "") -> _Rule:
    said = f"a whole number{what}, at least {least}"
    return _Rule(allows=lambda value: _is_whole(value) and least <= value <= MOST, said=said)


def _seconds() -> _Rule:
    said = "a number of seconds, more than 0"
    return _Rule(allows=lambda value: _is_number(value) and 0 < value <= MOST, said=said)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_operations(value: object) -> bool:
    """Of TOML, or sorted out of a ceiling."""
    return isinstance(value, list) and bool(value) and all(name in list(OperationKind) for name in value)


RULES: Mapping[str, _Rule] = {
    "clips_per_month": _whole(0),
    "max_seconds": _seconds(),
    "story_seconds": _seconds(),
    "max_resolution": _Rule(
        allows=lambda value: _is_whole(value) and MIN_SHORT_SIDE <= value <= MAX_SIDE and value % 2 == 0,
        said=f"an even number of pixels from {MIN_SHORT_SIDE} to {MAX_SIDE}, the short side",
    ),
    "watermark": _Rule(allows=lambda value: isinstance(value, bool), said="true or false"),
    "operations": _Rule(allows=_are_operations, said=f"a list of at least one of {', '.join(OperationKind)}"),
    "max_jobs": _whole(1),
    "max_upload_bytes": _whole(1, " of bytes"),
    "max_references": _whole(0),
    "requests_per_minute": _whole(1),
    "max_schedules": _whole(0),
    "keep_days": _whole(0, " of days"),
    "keep_latents_days": _whole(0, " of days"),
    "weight": _Rule(allows=lambda value: _is_number(value) and 0 < value <= MOST, said="a number, more than 0"),
}
"""By field of `Tier`; a ceiling's fields are among them."""


def read_tiers(path: Path) -> dict[str, Tier]:
    """By name, in the order of the file. Raises ValueError: a line for every wrong field of the file."""
    with path.open("rb") as file:
        try:
            rows = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path}: {error}") from error
    if not rows:
        raise ValueError(f"{path}: holds no tier")
    wrong = [fault for name, row in rows.items() for fault in _faults_of_tier(f"{path}: [{name}]", row)]
    if wrong:
        raise ValueError("\n".join(wrong))
    return {name: Tier(name=name, **_values(row)) for name, row in rows.items()}


def read_ceilings(setting: str, rows: Mapping[str, object]) -> dict[str, Ceiling]:
    """By `PLATFORM:SERVER` or `PLATFORM:*`. Raises ValueError: a line for every wrong field."""
    known = [field.name for field in fields(Ceiling)]
    wrong = [fault for place, row in rows.items() for fault in _faults(f"{setting}.{place}", row, known, ())]
    wrong += [
        f"{setting}.{place}.watermark: is false; must be true, for a ceiling takes no watermark away"
        for place, row in rows.items()
        if isinstance(row, dict) and row.get("watermark") is False
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return {place: Ceiling(**_values(row)) for place, row in rows.items()}


def _values(row: Any) -> dict[str, Any]:
    """Of a table without faults."""
    return {
        name: frozenset(map(OperationKind, value)) if name == "operations" else value for name, value in row.items()
    }


def _faults_of_tier(where: str, row: object) -> Iterator[str]:
    known = {field.name: field.default is MISSING for field in fields(Tier) if field.name != "name"}
    faults = list(_faults(where, row, list(known), [name for name, is_needed in known.items() if is_needed]))
    yield from faults
    if isinstance(row, dict) and not faults:
        yield from _contradictions(where, row)


def _contradictions(where: str, row: dict[str, Any]) -> Iterator[str]:
    """Fields that are right by themselves, and promise what another one takes back."""
    if OperationKind.ANIMATE in row["operations"] and row.get("max_references") == 0:
        yield f"{where}.max_references: is 0, and operations names animate, which takes one; must be at least 1"
    if OperationKind.STORY in row["operations"] and row.get("story_seconds", math.inf) < row["max_seconds"]:
        yield f"{where}.story_seconds: is less than max_seconds; must be at least {row['max_seconds']:g}"


def _faults(where: str, row: object, known: list[str], needed: list[str] | tuple[()]) -> Iterator[str]:
    if not isinstance(row, dict):
        yield f"{where}: must be a table"
        return
    for name, value in row.items():
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            meant = f"; is {nearest[0]} meant?" if nearest else ""
            yield f"{where}.{name}: there is no such field{meant} Known: {', '.join(known)}"
        elif not RULES[name].allows(value):
            yield f"{where}.{name}: is {_shown(value)}; must be {RULES[name].said}"
    yield from (f"{where}.{name}: is missing; must be {RULES[name].said}" for name in needed if name not in row)


def _shown(value: object) -> str:
    """As TOML writes it, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
