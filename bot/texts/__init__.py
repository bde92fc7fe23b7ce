"""Words for members, in Fluent: `en.ftl` and `ja.ftl` hold the same messages, and a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "ja")


class Texts:
    """The messages of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._bundle = FluentBundle([language], use_isolating=False)
        self._bundle.add_resource(_resource(language))

    def __call__(self, key: str, **values: Any) -> str:
        """The message with its values. Raises LookupError for an unknown message or a value that it misses."""
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise LookupError(f"{self.language}: {key} has no text")
        text, errors = self._bundle.format_pattern(pattern, values)
        if errors:
            raise LookupError(f"{self.language}: {key}: {errors}")
        return str(text)

    def __contains__(self, key: str) -> bool:
        return bool(self._bundle.has_message(key))


def texts_for(locale: str) -> Texts:
    """The texts nearest to a BCP 47 tag: `ja-JP` speaks Japanese, whatever is not spoken here English."""
    language = locale.replace("_", "-").split("-", maxsplit=1)[0].lower()
    return _texts(language if language in LANGUAGES else LANGUAGES[0])


@cache
def _texts(language: str) -> Texts:
    return Texts(language)


def literals() -> Iterator[str]:
    """What the messages of all languages say themselves, between their values."""
    for language in LANGUAGES:
        found = _Literals()
        found.visit(_resource(language))
        yield from found.texts


def _resource(language: str) -> ast.Resource:
    return FluentResource((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))


class _Literals(Visitor):  # type: ignore[misc]  # fluent.syntax says nothing of its types
    def __init__(self) -> None:
        self.texts: list[str] = []

    def visit_TextElement(self, node: ast.TextElement) -> None:  # noqa: N802  # fluent's word
        self.texts.append(node.value)
