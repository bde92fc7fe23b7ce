"""Single values as people write them: `5秒`, `９：１６`, `854×480`, `90%`. Each refusal says what is allowed.

`InvalidValue.allowed` holds the name of a text (`allowed-…` in `bot/texts`), for the words depend on the reader.
"""

from __future__ import annotations

import math
import re
import unicodedata

from inference.errors import InvalidValue
from inference.types import AspectRatio, JobId, Size

MAX_SEED = 2**31 - 1
STRENGTHS = {"subtle": 0.9, "mild": 0.97, "strong": 1.0}
"""Starting sigmas. On the usual schedules most of the picture is decided above 0.9, so the useful range is high."""
STRENGTH_WORDS = STRENGTHS | {"弱": 0.9, "弱め": 0.9, "中": 0.97, "普通": 0.97, "強": 1.0, "強め": 1.0}
ASPECT_WORDS = {
    "landscape": AspectRatio.LANDSCAPE,
    "wide": AspectRatio.LANDSCAPE,
    "横": AspectRatio.LANDSCAPE,
    "横長": AspectRatio.LANDSCAPE,
    "portrait": AspectRatio.PORTRAIT,
    "tall": AspectRatio.PORTRAIT,
    "縦": AspectRatio.PORTRAIT,
    "縦長": AspectRatio.PORTRAIT,
    "square": AspectRatio.SQUARE,
    "正方形": AspectRatio.SQUARE,
}
LANGUAGES = {
    "en": "en", "english": "en", "英語": "en", "en-us": "en", "en-gb": "en",
    "ja": "ja", "japanese": "ja", "日本語": "ja", "ja-jp": "ja",
}  # fmt: skip
NEWEST = JobId("newest")
"""The member's own newest clip, wherever it was made."""
NEWEST_WORDS = frozenset({"newest", "latest", "last", "最新", "最後"})
YES = frozenset({"", "true", "yes", "on", "1", "はい"})
NO = frozenset({"false", "no", "off", "0", "いいえ"})


def plain(text: str) -> str:
    """Full-width letters and digits as ASCII, lower case, without quotes around."""
    return unicodedata.normalize("NFKC", text).strip().strip("\"'“”「」").strip().lower()


def seconds(name: str, text: str) -> float:
    """A number of seconds; what the tier and the model allow, 0 or not, is for the service to say."""
    number = _number(re.sub(r"(seconds?|secs?|s|秒間?)$", "", plain(text)).strip())
    if number is None or not 0 <= number < 10_000:
        raise InvalidValue(name=name, value=text, allowed="allowed-seconds")
    return number


def size(name: str, text: str) -> int | Size:
    """A short side (`480p`, `720`, `4k` not) or an exact size (`854x480`)."""
    value = plain(text)
    if match := re.fullmatch(r"(\d{2,5})p?", value):
        return int(match[1])
    if match := re.fullmatch(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})", value):
        return Size(width=int(match[1]), height=int(match[2]))
    raise InvalidValue(name=name, value=text, allowed="allowed-size")


def aspect(name: str, text: str) -> AspectRatio:
    value = plain(text)
    ratio = re.sub(r"\s*[x×/]\s*", ":", value)
    if ratio in set(AspectRatio):
        return AspectRatio(ratio)
    if value in ASPECT_WORDS:
        return ASPECT_WORDS[value]
    raise InvalidValue(name=name, value=text, allowed="allowed-aspect")


def seed(name: str, text: str) -> int:
    value = plain(text)
    if not re.fullmatch(r"\d{1,10}", value) or int(value) > MAX_SEED:
        raise InvalidValue(name=name, value=text, allowed="allowed-seed")
    return int(value)


def strength(name: str, text: str) -> float:
    """A word, a percentage, or a starting sigma in (0, 1]."""
    value = plain(text)
    if value in STRENGTH_WORDS:
        return STRENGTH_WORDS[value]
    number = _number(value.removesuffix("%"))
    if number is not None and value.endswith("%"):
        number /= 100
    if number is None or not 0 < number <= 1:
        raise InvalidValue(name=name, value=text, allowed="allowed-strength")
    return number


def language(name: str, text: str) -> str:
    value = plain(text)
    if value not in LANGUAGES:
        raise InvalidValue(name=name, value=text, allowed="allowed-language")
    return LANGUAGES[value]


def switch(name: str, text: str) -> bool:
    value = plain(text)
    if value not in YES | NO:
        raise InvalidValue(name=name, value=text, allowed="allowed-switch")
    return value in YES


def clip(name: str, text: str) -> JobId:
    """NEWEST, or one id, with or without a `#` or back ticks around it. Whether it exists is for the service to say."""
    if plain(text) in NEWEST_WORDS:
        return NEWEST
    value = text.strip().strip("`#<>\"'「」").strip()
    if not re.fullmatch(r"[\w-]{1,64}", value, re.ASCII):
        raise InvalidValue(name=name, value=text, allowed="allowed-clip")
    return JobId(value)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
