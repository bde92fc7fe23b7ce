"""What managers lower in their server or in a channel: as they choose it, and as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.commands import values as read
from bot.render.words import number
from bot.texts import Texts
from inference.errors import InvalidValue
from inference.types import Ceiling

DEFAULT = "default"
TAKEN_BACK = frozenset({"0", DEFAULT})
SIZES = ("480p", "720p", "1080p")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "seconds": ("2", "3", "5", "10", "20"),
    "size": SIZES,
    "clips": ("5", "10", "20", "50", "100"),
    "jobs": ("1", "2", "4"),
    "watermark": ("yes",),
}
"""What a form offers, by the name of the limit."""


def _size(name: str, text: str) -> int:
    size = read.size(name, text)
    if not isinstance(size, int):
        raise InvalidValue(name=name, value=text, allowed="allowed-size")
    return size


def _whole(name: str, text: str) -> int:
    if not text.isdecimal():
        raise InvalidValue(name=name, value=text, allowed="allowed-whole")
    return int(text)


_FIELDS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "seconds": ("max_seconds", read.seconds),
    "size": ("max_resolution", _size),
    "clips": ("clips_per_month", _whole),
    "jobs": ("max_jobs", _whole),
    "watermark": ("watermark", read.switch),
}


def lowered(own: Ceiling, asked: Mapping[str, str]) -> Ceiling:
    """`own` with what was chosen; 0 or `default` takes one back. Raises InvalidValue."""
    changes = {}
    for name, text in asked.items():
        field, reader = _FIELDS[name]
        changes[field] = None if text in TAKEN_BACK else reader(name, text)
    return replace(own, **changes)


def shown(ceiling: Ceiling, texts: Texts) -> str:
    """In one line; empty where nothing is lowered."""
    said = {
        "seconds": None if ceiling.max_seconds is None else number(ceiling.max_seconds),
        "size": ceiling.max_resolution,
        "clips": ceiling.clips_per_month,
        "jobs": ceiling.max_jobs,
    }
    parts = [texts(f"lowered-{name}", most=str(most)) for name, most in said.items() if most is not None]
    if ceiling.watermark:
        parts.append(texts("lowered-watermark"))
    return " · ".join(parts)
