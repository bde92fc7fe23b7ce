"""Which words of a prompt a small model has never seen. Large models know the world and ship no word list. No torch."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.presets import Preset
from inference.tokens import ROOT

FILE = "vocabulary.json"
"""In the model's folder: `{"words": {"en": [words], "ja": [phrases]}}`."""

_WORD = re.compile(r"[^\W\d_](?:['’-]?[^\W\d_])*")  # people's apostrophes
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々ー]+")
#: What of Japanese bears meaning by itself: endings and particles are hiragana.
_CHARACTERS, _KATAKANA = re.compile(r"[\u3400-\u9fff々]+"), re.compile(r"[\u30a1-\u30faー]{2,}")
#: Of a prompt, so many unknown words are named.
_NAMED = 4
#: Said in prompts without showing anything of their own.
_PLAIN = frozenset(
    """
    about above across after all along also among and another any are around away back beautiful before behind below
    beside between big bit but camera clear clip colorful colourful cute down each every film for from great has have
    her here his how into its just large like little lovely make more most move moving near new nice not now off one
    only onto other our out over past picture please pretty put scene she show shows side small some style such than
    that the their them then there these they thing this those through too towards two under until upon very video
    view was way were what when where which while who whole will with without you your
    """.split()  # noqa: SIM905  # as a list it would be a page
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """A model's words."""

    english: frozenset[str]
    #: Longest first.
    japanese: tuple[str, ...]

    def unknown(self, text: str) -> tuple[str, ...]:
        """The words of `text` that mean nothing to the model, as written, in their order, a few at most."""
        flat = unicodedata.normalize("NFKC", text)
        found = [*self._unknown_words(_JAPANESE.sub(" ", flat)), *self._unknown_phrases(flat)]
        return tuple(dict.fromkeys(found))[:_NAMED]

    def _unknown_words(self, text: str) -> Iterator[str]:
        for word in _WORD.findall(text):
            parts = re.split(r"['’-]", word.lower())
            if word.lower() not in self.english and not all(
                len(part) < 3 or self._knows(part) for part in parts
            ):  # "of", "s"
                yield word

    def _knows(self, word: str) -> bool:
        return any(stem in self.english or stem in _PLAIN for stem in _stems(word))

    def _unknown_phrases(self, text: str) -> Iterator[str]:
        known = "".join(self.japanese)
        for run in _JAPANESE.findall(text):
            rest = run
            for phrase in self.japanese:
                rest = rest.replace(phrase, " ")
            yield from (word for word in _CHARACTERS.findall(rest) if not set(word) <= set(known))
            yield from (word for word in _KATAKANA.findall(rest) if word not in known)


def _stems(word: str) -> Iterator[str]:
    """A word without the endings that change nothing here: plurals, and the other forms of verbs."""
    yield word
    for ending, instead in (("s", ""), ("es", ""), ("ies", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending) + instead


@functools.lru_cache(maxsize=32)
def load_vocabulary(folder: Path) -> Vocabulary | None:
    """Of the model in `folder`; None where it ships none."""
    try:
        words = json.loads((folder / FILE).read_text(encoding="utf-8"))["words"]
    except FileNotFoundError:
        return None
    japanese = sorted(words["ja"], key=len, reverse=True)
    return Vocabulary(english=frozenset(words["en"]), japanese=tuple(japanese))


def unknown_words(preset: Preset, text: str) -> tuple[str, ...]:
    """Of `text`; none for a model that ships no word list."""
    vocabulary = load_vocabulary(ROOT / preset.source)
    return () if vocabulary is None else vocabulary.unknown(text)
