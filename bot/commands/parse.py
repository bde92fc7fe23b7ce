"""Typed lines to commands: `/generate a red ball --ar 9:16 --seed 7`, `/生成　赤い玉　秒：５`, `make it blue`.

Words are never shell-quoted: an apostrophe is an apostrophe. A quoted value ends at its closing quote.
What looks like an option and is none is refused with the nearest known name, never ignored.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from bot.commands.errors import OptionRepeated, UnknownCommand, UnknownOption
from bot.commands.table import BY_NAME, CommandSpec, OptionSpec, ValueKind
from inference.errors import InvalidValue

FLAG = re.compile(r"(?P<dash>--|－－|——?|––?|ーー)(?P<name>[^\W\d_][\w-]*)(?:[=＝:：](?P<value>.*))?", re.DOTALL)
PAIR = re.compile(r"(?P<name>[^\W\d_][\w-]*)[:：](?P<value>.*)", re.DOTALL)
SURE_DASHES = {"--", "－－"}
"""Nothing but an option begins so. The other dashes, which keyboards make of `--`, also stand in prose."""
QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』", "'": "'"}
COMMAND = re.compile(r"\s*[/／](?P<name>[^\s:：]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A command and its values as typed or chosen, by canonical option name. Not yet checked one by one."""

    command: CommandSpec
    values: dict[str, str] = field(default_factory=dict)


def is_command(text: str) -> bool:
    """Whether the line begins with a slash and a word (`/` alone and `//` are prose)."""
    match = COMMAND.match(text)
    return match is not None and match["name"][0] not in "/／"


def parse_command(text: str) -> Invocation:
    """A line that begins with a slash. Raises UnknownCommand, UnknownOption, OptionRepeated, InvalidValue."""
    match = COMMAND.match(text)
    name = "" if match is None else match["name"].lower()
    if match is None or name not in BY_NAME:
        raise UnknownCommand(command=name, nearest=_nearest(name, BY_NAME, cutoff=0.65))
    command = BY_NAME[name]
    return Invocation(command=command, values=_Reader(command, text[match.end() :], pairs=True).read())


def parse_words(text: str, command: CommandSpec) -> Invocation:
    """A reply in plain words: only `--options` are options, for `name: value` occurs in prose."""
    return Invocation(command=command, values=_Reader(command, text, pairs=False).read())


def _nearest(name: str, known: dict[str, CommandSpec] | list[str], cutoff: float) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=cutoff)), "")


class _Reader:
    """Goes through one line once."""

    def __init__(self, command: CommandSpec, text: str, *, pairs: bool) -> None:
        self._command = command
        self._text = text
        self._pairs = pairs
        self._values: dict[str, list[str]] = {}
        self._known = [name for option in command.options for name in option.names if option.kind != ValueKind.IMAGE]

    def read(self) -> dict[str, str]:
        position, run = 0, self._command.words
        start = 0
        while token := re.compile(r"\S+").search(self._text, position):
            found = self._option(token[0])
            if found is None:
                position = token.end()
                continue
            self._take(run, self._text[start : token.start()])
            option, attached = found
            begin = token.end() - len(attached)
            position, run = self._value(option, begin, token[0])
            start = position
        self._take(run, self._text[start:])
        return {name: self._joined(name, parts) for name, parts in self._values.items()}

    def _option(self, token: str) -> tuple[OptionSpec, str] | None:
        """The option that the token names, and what of its value is attached; None for a plain word."""
        if match := FLAG.fullmatch(token):
            return self._named(match, sure=match["dash"] in SURE_DASHES)
        if self._pairs and (match := PAIR.fullmatch(token)) and not match["value"].startswith("//"):
            return self._named(match, sure=False)
        return None

    def _named(self, match: re.Match[str], *, sure: bool) -> tuple[OptionSpec, str] | None:
        name = match["name"].lower()
        option = self._command.option(name)
        if option is not None and option.kind != ValueKind.IMAGE:
            return option, match["value"] or ""
        nearest = _nearest(name, self._known, cutoff=0.7 if sure else 0.85)
        if sure or (nearest and match["value"]):
            known = ", ".join(f"--{o.names[0]}" for o in self._command.options if o.kind != ValueKind.IMAGE)
            written = self._text_before_value(match)
            raise UnknownOption(option=written, nearest=nearest and f"--{nearest}", known=known)
        return None

    @staticmethod
    def _text_before_value(match: re.Match[str]) -> str:
        return match.string[match.start() : match.end("name")]

    def _value(self, option: OptionSpec, begin: int, token: str) -> tuple[int, str]:
        """Read the option's value from `begin` on; where to go on, and which option the next words fill."""
        if option.name in self._values and not option.kind.takes_words:
            raise OptionRepeated(option=f"--{option.name}")
        if quoted := self._quoted(begin):
            self._values.setdefault(option.name, []).append(quoted[1])
            return quoted.end(), self._command.words
        if option.kind.takes_words:
            return begin, option.name
        attached = re.compile(r"\S*").match(self._text, begin)
        assert attached is not None
        if attached[0] or option.kind == ValueKind.SWITCH:
            self._values[option.name] = [attached[0]]
            return attached.end(), self._command.words
        following = re.compile(r"\s*(\S+)").match(self._text, begin)
        if following is None or self._option(following[1]) is not None:
            raise InvalidValue(name=token, value="", allowed=f"allowed-{option.kind}")
        self._values[option.name] = [following[1]]
        return following.end(), self._command.words

    def _quoted(self, begin: int) -> re.Match[str] | None:
        """A quoted text that begins here and whose closing quote ends a word."""
        opening = re.compile(r"\s*(\S)").match(self._text, begin)
        if opening is None or opening[1] not in QUOTES:
            return None
        close = re.escape(QUOTES[opening[1]])
        return re.compile(rf"([^{close}]*){close}(?=\s|$)").match(self._text, opening.end())

    def _take(self, name: str, words: str) -> None:
        words = _unwrapped(words.strip())
        if not words:
            return
        if not name:
            raise InvalidValue(name=f"/{self._command.name}", value=words, allowed="allowed-nothing")
        self._values.setdefault(name, []).append(words)

    @staticmethod
    def _joined(name: str, parts: list[str]) -> str:
        return (", " if name == "negative_prompt" else " ").join(parts)


def _unwrapped(text: str) -> str:
    """Without the pair of quotes that encloses all of it."""
    close = QUOTES.get(text[:1])
    wrapped = close is not None and len(text) > 1 and text.endswith(close) and close not in text[1:-1]
    return text[1:-1].strip() if wrapped else text
