"""Invocations to operations: each value read, each refusal naming the option as members know it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.commands import values as read
from bot.commands.parse import Invocation
from bot.commands.table import ValueKind
from bot.commands.zones import zone
from inference.errors import InvalidValue
from inference.types import (
    Again,
    AspectRatio,
    Generate,
    JobId,
    MediaRef,
    MemberSettings,
    Remix,
    Shape,
    Size,
    Upload,
)

READERS: Mapping[ValueKind, Callable[[str, str], Any]] = {
    ValueKind.TEXT: lambda _name, text: text,
    ValueKind.PRESET: lambda _name, text: read.plain(text),
    ValueKind.SECONDS: read.seconds,
    ValueKind.SIZE: read.size,
    ValueKind.ASPECT: read.aspect,
    ValueKind.SEED: read.seed,
    ValueKind.STRENGTH: read.strength,
    ValueKind.CLIP: read.clip,
    ValueKind.LANGUAGE: read.language,
    ValueKind.SWITCH: read.switch,
    # By the clock of whoever says it, which stands in their account.
    ValueKind.WHEN: lambda _name, text: text,
    ValueKind.SCHEDULE: lambda _name, text: text,
    ValueKind.TIMEZONE: zone,
}
CLIP_ID = re.compile(r"clip_[0-9a-f]{8,}")
"""As the service gives them out; only so can an id be told from a word."""
UNSET = frozenset({"default", "auto", "none", "既定", "なし", "標準"})
"""Words that take back one of the member's own defaults."""


def value_of(invocation: Invocation, name: str) -> Any:
    """The option's value, read; None where it was not given. Raises InvalidValue."""
    text = invocation.values.get(name)
    spec = invocation.command.option(name)
    if text is None or spec is None:
        return None
    return READERS[spec.kind](f"--{name}", text)


def generate(invocation: Invocation, image: Upload | MediaRef | None = None) -> Generate:
    """An empty prompt is left for the service to refuse, so that all faces hear the same."""
    return Generate(
        prompt=value_of(invocation, "prompt") or "",
        negative_prompt=value_of(invocation, "negative_prompt") or "",
        shape=shape(
            value_of(invocation, "seconds"), value_of(invocation, "size"), value_of(invocation, "aspect_ratio")
        ),
        seed=value_of(invocation, "seed"),
        preset=value_of(invocation, "preset"),
        image=image,
        private=bool(value_of(invocation, "private")),
    )


def shape(seconds: float | None, size: int | Size | None, aspect: AspectRatio | None) -> Shape:
    """An exact size already has a shape. Raises InvalidValue where another one is asked for beside it."""
    if not isinstance(size, Size):
        return Shape(seconds=seconds, resolution=size, aspect_ratio=aspect)
    if aspect is not None:
        raise InvalidValue(name="--aspect_ratio", value=aspect, allowed="allowed-one-of-size-and-aspect")
    return Shape(seconds=seconds, size=size)


def with_leading_clip(invocation: Invocation) -> Invocation:
    """`/remix clip_0123… make it blue`: an id that leads the words names the clip."""
    first, _, rest = invocation.values.get("prompt", "").partition(" ")
    if "clip" in invocation.values or not CLIP_ID.fullmatch(first):
        return invocation
    return replace(invocation, values=invocation.values | {"clip": first, "prompt": rest.strip()})


def remix(invocation: Invocation, parent: JobId) -> Remix:
    return Remix(
        parent=parent,
        instruction=value_of(invocation, "prompt") or "",
        strength=value_of(invocation, "strength"),
        seed=value_of(invocation, "seed"),
        private=bool(value_of(invocation, "private")),
    )


def again(invocation: Invocation, parent: JobId) -> Again:
    return Again(parent=parent, seed=value_of(invocation, "seed"), private=bool(value_of(invocation, "private")))


def settings(invocation: Invocation, now: MemberSettings) -> MemberSettings:
    """`now` with what the member changes; a word of `UNSET` takes a default back."""
    seconds = _setting(invocation, "seconds", now.seconds)
    resolution = _setting(invocation, "size", now.resolution)
    if isinstance(resolution, Size):
        raise InvalidValue(name="--size", value=str(resolution), allowed="allowed-resolution")
    return MemberSettings(
        locale=_setting(invocation, "language", now.locale),
        seconds=seconds,
        resolution=resolution,
        aspect_ratio=_setting(invocation, "aspect_ratio", now.aspect_ratio),
        timezone=_setting(invocation, "timezone", now.timezone),
    )


def _setting(invocation: Invocation, name: str, now: Any) -> Any:
    text = invocation.values.get(name)
    if text is None:
        return now
    return None if read.plain(text) in UNSET else value_of(invocation, name)
