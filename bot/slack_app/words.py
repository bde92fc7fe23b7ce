"""Between Slack's way of writing and plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.commands.build import CLIP_ID
from bot.commands.table import COMMANDS
from bot.texts import literals
from inference.types import JobId

MARKED = re.compile(r"<([^<>]*)>")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
PERMALINK = re.compile(r"https://[\w.-]+/archives/(?P<channel>[A-Z0-9]+)/p(?P<whole>\d{10})(?P<part>\d{6})\S*")
CHANNEL = re.compile("\ue000([CG][A-Z0-9]+)\ue001")
"""A channel by its id, between signs that nobody writes: Slack itself shows its name."""
OWN = "generate"
"""The one command of ours that Slack knows by its own name; all others stand behind `/threadreel`."""
NAMES = "|".join(command.name for command in COMMANDS if command.name != OWN)
NAMED = re.compile(rf"(?<![\w/])/({NAMES})\b")
OURS = {literal: NAMED.sub(r"/threadreel \1", literal) for literal in literals() if NAMED.search(literal)}
"""Our own words that name commands, and how Slack has them."""
SPOKEN = re.compile("|".join(re.escape(literal) for literal in sorted(OURS, key=len, reverse=True)))


def escaped(text: str) -> str:
    """So that nothing of it is markup, names anyone or pings anyone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def channel_named(channel: str) -> str:
    """For a card's title."""
    return f"\ue000{channel}\ue001"


def plain(text: str, me: str) -> str:
    """What a member wrote, in plain words; a mention of `me` only addresses us and is left out."""
    words = MARKED.sub(lambda match: _read(match[1], me), text)
    for entity, sign in ENTITIES.items():
        words = words.replace(entity, sign)
    return words.strip()


def spoken(text: str) -> str:
    """Our own words with commands as Slack has them: `/queue` is `/threadreel queue`. Members' words stay."""
    return SPOKEN.sub(lambda ours: OURS[ours[0]], text)


def command_spoken(name: str) -> str:
    """The name of a command, as the help lists it."""
    return NAMED.sub(r"/threadreel \1", name) if NAMED.fullmatch(name) else name


def quoted(event: dict[str, Any], channel: str) -> str:
    """The ts of a message of this channel that the member quotes, by its link or by sharing it; empty where none is."""
    for match in PERMALINK.finditer(str(event.get("text", ""))):
        if match["channel"] == channel:
            return f"{match['whole']}.{match['part']}"
    for shared in _dicts(event.get("attachments")):
        if shared.get("ts") and shared.get("channel_id", channel) == channel:
            return str(shared["ts"])
    return ""


def without_links(words: str) -> str:
    """Plain words without the links by which messages are quoted."""
    return PERMALINK.sub(" ", words).strip()


def named_clip(words: str) -> tuple[JobId | None, str]:
    """The clip whose id stands among the words, and the words without it."""
    for word in words.split():
        bare = word.strip("`#.,:;()[]\"'「」、。")
        if CLIP_ID.fullmatch(bare):
            return JobId(bare), " ".join(words.replace(word, " ", 1).split())
    return None, words


def _read(inside: str, me: str) -> str:
    target, _, label = inside.partition("|")
    if target == f"@{me}":
        return " "
    if target.startswith(("@", "#", "!")):
        sign = "#" if target.startswith("#") else "@"
        return f"{sign}{(label or target[1:].removeprefix('subteam^')).lstrip('@#')}"
    return label or target


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if isinstance(value, list) else []) if isinstance(item, dict))
