"""The page's words: `texts/en.json` and `texts/ja.json` hold the same keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("en", "ja")


@dataclass(frozen=True, slots=True)
class Words:
    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values)

    def counted(self, noun: str, count: int) -> str:
        """`1 clip`, `2 clips`."""
        return self(f"{noun}-1" if count == 1 else f"{noun}-n", count=count)

    def duration(self, seconds: float) -> str:
        """In the two largest units: `1 h 05 min`, `12 s`."""
        whole = round(seconds)
        if whole < 60:
            return self("seconds", seconds=f"{seconds:.1f}" if 0 < seconds < 10 else whole)
        minutes, rest = divmod(whole, 60)
        if minutes < 60:
            return self("minutes", minutes=minutes, seconds=f"{rest:02}")
        hours, minutes = divmod(minutes, 60)
        return self("hours", hours=hours, minutes=f"{minutes:02}")


def words_for(request: web.Request) -> Words:
    """In the language that the address names, else the first of the browser's that is spoken here."""
    accepted = request.headers.get("Accept-Language", "").split(",")
    asked = [request.query.get("lang", ""), *(tag.partition(";")[0].strip() for tag in accepted)]
    spoken = (tag[:2].lower() for tag in asked if tag[:2].lower() in LANGUAGES)
    return words(next(spoken, LANGUAGES[0]))


@cache
def words(language: str) -> Words:
    return Words(language, json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")))
