"""How many tokens a text encoder makes of a text: counted where the tokenizer lies here, else estimated. No torch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from inference.presets import Preset, PresetTable

CountTokens = Callable[[Preset, str], int]

ROOT = Path(__file__).parents[1]
"""What a preset's relative source is relative to."""

_PIECE = re.compile(r"[A-Za-z]{1,3}|[^A-Za-z\s]")


def estimated_tokens(_preset: Preset, text: str) -> int:
    """Rather too many than too few: three letters a token, every other sign one, and one for the end.

    T5's vocabulary makes 1.3 tokens of an English word on the average, and this about 2.
    """
    return len(_PIECE.findall(text)) + 1


def token_counter(presets: PresetTable) -> CountTokens:
    """Counts as the engine does for presets whose tokenizer is a local file; all files are read now, not later.

    Raises OSError or ValueError where one cannot be read.
    """
    tokenizers = {preset.name: _tokenizer(preset) for preset in presets.presets.values()}

    def count(preset: Preset, text: str) -> int:
        tokenizer = tokenizers.get(preset.name)
        return estimated_tokens(preset, text) if tokenizer is None else len(tokenizer.encode(text).ids)

    return count


def _tokenizer(preset: Preset) -> Tokenizer | None:
    """None where the model lies elsewhere."""
    file = ROOT / preset.source / "tokenizer" / "tokenizer.json"
    if not file.is_file():
        return None
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"{file}: {error}") from error
