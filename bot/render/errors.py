"""Errors in the member's words. A limit is named with what is used, when it resets and which tier lifts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.commands.errors import OptionRepeated, UnknownOption
from bot.render.flags import flagged
from bot.render.words import megabytes
from bot.texts import Texts
from inference.errors import (
    LimitExceeded,
    MemberBlocked,
    MemberSuspended,
    NotAllowed,
    QuotaExceeded,
    ThreadreelError,
    TooManyTries,
    UploadBytesExceeded,
    from_code,
)
from inference.types import JobFailure

TRANSLATED_FIELDS = ("what", "action", "who", "operation", "capability", "reason", "unit", "presets", "accepted")
"""Fields whose values are words of ours rather than the member's."""

ALLOWED = tuple(
    (re.compile(pattern), key)
    for pattern, key in {
        r"(?P<low>[\d.]+) to (?P<high>[\d.]+)": "allowed-range",
        r"more than 0, at most 1": "allowed-strength",
        r"the preset (?P<preset>\S+) makes (?P<low>[\d.]+) to (?P<high>[\d.]+) seconds": "allowed-preset-seconds",
        r"the preset (?P<preset>\S+) makes (?P<shapes>.+)": "allowed-preset-shapes",
        r"the preset (?P<preset>\S+) reads at most (?P<count>\d+) tokens": "allowed-preset-tokens",
        r"up to (?P<high>[\d.]+) seconds": "allowed-up-to-seconds",
        r"up to (?P<high>[\d.]+)": "allowed-up-to",
        r"a language tag such as en or ja": "allowed-language",
        r"it is (queued|running); cancel it first": "allowed-cancel-first",
        r"an even number of pixels from (?P<low>\d+), .*": "allowed-even-short-side",
        r"even sides from (?P<low>\d+) to (?P<high>\d+) pixels": "allowed-even-sides",
        r"a shape near (?P<shapes>.+), which the preset (?P<preset>\S+) makes": "allowed-near-shape",
        r"sides of at most (?P<ratio>[\d.]+) to 1": "allowed-widest",
        r"a size, or a resolution and a shape, not both": "allowed-one-of-size-and-aspect",
        r"(?P<today>\S+), today, or later": "allowed-from-today",
        r"a time that is still to come": "allowed-to-come",
        r"a time to come, at most a year from now": "allowed-within-a-year",
        r"at least an hour between two runs": "allowed-hourly",
        r"a line that comes true some day": "allowed-some-day",
        r"five fields as in crontab: .+": "allowed-cron",
        r"a day of the month or a day of the week, and \* for the other": "allowed-one-kind-of-day",
        r"an IANA name such as .+": "allowed-timezone",
        r"no image: words alone can be asked for in advance": "allowed-words-alone",
        r"one of (?P<tiers>.+)": "allowed-tier",
        r"1 to (?P<high>\d+) characters, told to the member": "allowed-reason-told",
        r"why, in a few words": "allowed-reason-needed",
        r"up to (?P<high>\d+) characters": "allowed-characters",
        r"the end of (what is given|a tier), with its time zone": "allowed-end",
        r"a time to come, with its zone": "allowed-to-come",
        r"a month as YYYY-MM": "allowed-month",
    }.items()
)
"""What the service says is allowed, as texts. Anything else is shown as the service said it."""


def error_text(error: ThreadreelError, texts: Texts, flags: Texts | None = None) -> str:
    """One or two sentences; never a detail that is meant for logs.

    Options are named as in `flags`: the command line's are English whatever it speaks.
    """
    values = _values(error, texts, flags or texts)
    sentence = texts(_key(error), **values)
    if isinstance(error, LimitExceeded) and error.in_server:
        sentence += texts("error-lowered-here")
    if isinstance(error, LimitExceeded) and error.lifted_by:
        return sentence + texts("error-lifted", tier=error.lifted_by)
    if isinstance(error, MemberBlocked):
        return " ".join((sentence, *_managers_words(error, texts)))
    return sentence


def _managers_words(error: MemberBlocked, texts: Texts) -> Iterator[str]:
    if error.until:
        yield texts("error-blocked-until", until=datetime.fromisoformat(error.until))
    if error.reason:
        yield texts("error-blocked-reason", reason=error.reason)


def failure_text(failure: JobFailure, texts: Texts) -> str:
    """Why a job failed."""
    return error_text(from_code(failure.code, failure.fields), texts)


def _key(error: ThreadreelError) -> str:
    if isinstance(error, NotAllowed) and error.who == "an operator":
        return "error-operators_only"
    fields = error.values()
    if fields.get("nearest"):
        return f"error-{error.code}-nearest"
    if "allowed" in fields and fields.get("value") == "":
        return "error-missing-value"
    return f"error-{error.code}"


def _values(error: ThreadreelError, texts: Texts, flags: Texts) -> dict[str, Any]:
    values: dict[str, Any] = {name: _shown(value) for name, value in error.values().items()}
    for name in TRANSLATED_FIELDS:
        if name in values:
            values[name] = _word(str(values[name]), texts)
    if "allowed" in values:
        if values["name"] == "resolution" and str(values["value"]).isdecimal():
            values["value"] = f"{values['value']}p"
        values["name"] = _name(str(values["name"]), texts, flags)
        values["allowed"] = _allowed(str(values["allowed"]), texts)
    if isinstance(error, UnknownOption):
        values["known"] = ", ".join(flagged(name, flags) for name in error.known.split(", "))
    if isinstance(error, OptionRepeated):
        values["option"] = flagged(error.option, flags)
    if "status" in values:
        values["status"] = texts(f"status-{values['status']}")
    return values | _measures(error)


def _measures(error: ThreadreelError) -> dict[str, Any]:
    """Times and sizes, which are shown otherwise than they are told."""
    match error:
        case QuotaExceeded():
            return {"resets": datetime.fromisoformat(error.resets_at)}
        case MemberSuspended() | TooManyTries():
            return {"until": datetime.fromisoformat(error.until)}
        case UploadBytesExceeded():
            # Rounded apart, so that a file that is too large by one byte does not look as if it were not.
            return {"limit": megabytes(error.limit), "asked": megabytes(error.asked, up=True)}
        case _:
            return {}


def _shown(value: object) -> object:
    """Long values are cut: an error is a sentence, not an echo. Whole floats lose their point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return f"{value[:60]}…" if isinstance(value, str) and len(value) > 200 else value


def _name(name: str, texts: Texts, flags: Texts) -> str:
    """What a refused value was for: an option as it is typed; the prompt, which is no option to most, by its word."""
    return _word(name, texts) if name in {"prompt", "negative prompt"} else _word(flagged(name, flags), texts)


def _word(word: str, texts: Texts) -> str:
    key = "word-" + re.sub(r"[^a-z]+", "-", word.lower())
    return texts(key) if key in texts else word


def _allowed(sentence: str, texts: Texts) -> str:
    if sentence.startswith("allowed-") and sentence in texts:
        return texts(sentence)
    for pattern, key in ALLOWED:
        if match := pattern.fullmatch(sentence):
            return texts(key, **match.groupdict())
    return sentence
