"""What a model of this world knows, as data: it is written beside the weights, for those who must not draw or train."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from inference.pocket.world import words, words_ja
from inference.pocket.world.scene import (
    Camera,
    Colour,
    Daytime,
    Look,
    Motion,
    Setting,
    Speed,
    Subject,
    Weather,
)

_KINDS = {
    "subject": Subject,
    "colour": Colour,
    "motion": Motion,
    "setting": Setting,
    "daytime": Daytime,
    "weather": Weather,
    "camera": Camera,
    "speed": Speed,
    "look": Look,
}
_ENGLISH = re.compile(r"[a-z0-9][a-z0-9'-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every word of the captions."""

    #: Single words in lower case, sorted.
    english: tuple[str, ...]
    #: Whole phrases, sorted: Japanese has no spaces.
    japanese: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As it is written: the world's kinds, and the words."""
        world = {name: [str(value) for value in kind] for name, kind in _KINDS.items()}
        return {
            "world": {**world, "companion": True},
            "words": {"en": list(self.english), "ja": list(self.japanese)},
        }


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.format(x=" ", noun=" ", colour=" ")
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _tables(module: ModuleType) -> Iterator[str]:
    for name in dir(module):
        if name.isupper():
            yield from _texts(getattr(module, name))


@functools.cache
def vocabulary() -> Vocabulary:
    """Of the word lists."""
    said = [*_tables(words), "a an and the is to", *Daytime, *Motion]
    english = {word for text in said for word in _ENGLISH.findall(text.lower())}
    japanese = {text.strip() for text in _tables(words_ja)} - {""}
    return Vocabulary(english=tuple(sorted(english)), japanese=tuple(sorted(japanese)))
