"""`/threadreel admin …` as it is typed: `block @ann everywhere until 2027-01-01 spam`.

What is not known begins the reason, which goes on to the end. Where an act has no reason, it is refused: nothing is
ignored, and no end or reach gets lost in a reason.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.commands.build import CLIP_ID
from bot.commands.parse import QUOTES
from inference.errors import InvalidValue
from inference.types import UsageBy

NAMES = frozenset({"admin", "管理"})
ACTS = {
    "usage": "usage", "使用状況": "usage",
    "audit": "audit", "記録": "audit", "監査ログ": "audit",
    "grant": "grant", "tier": "grant", "付与": "grant",
    "revoke": "revoke", "剥奪": "revoke",
    "block": "block", "ブロック": "block",
    "unblock": "unblock", "ブロック解除": "unblock",
    "refund": "refund", "返却": "refund",
    "reset": "reset", "リセット": "reset",
}  # fmt: skip
TAKES = {
    "usage": {"member", "by", "month"},
    "audit": {"member"},
    "grant": {"member", "group", "tier", "until", "days", "everywhere", "reason"},
    "revoke": {"member", "group", "everywhere", "reason"},
    "block": {"member", "until", "days", "everywhere", "reason"},
    "unblock": {"member", "everywhere", "reason"},
    "refund": {"member", "clip", "reason"},
    "reset": {"member", "reason"},
}
KEYWORDS = {
    "member": "member", "メンバー": "member",
    "by": "by", "区切り": "by",
    "month": "month", "月": "month",
    "tier": "tier", "ティア": "tier",
    "until": "until", "期限": "until",
    "days": "days", "日数": "days",
    "clip": "clip", "クリップ": "clip",
    "everywhere": "everywhere", "全体": "everywhere",
    "reason": "reason", "理由": "reason",
}  # fmt: skip
BY = {str(by): by for by in UsageBy} | {
    "メンバー": UsageBy.MEMBER, "サーバー": UsageBy.SERVER, "月": UsageBy.MONTH, "ティア": UsageBy.TIER,
    "workspace": UsageBy.SERVER, "ワークスペース": UsageBy.SERVER,
}  # fmt: skip
ALLOWED = {"month": "allowed-month", "until": "allowed-until", "days": "allowed-whole", "clip": "allowed-clip"}
MENTION = re.compile(r"<@(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>")
GROUP = re.compile(r"<!subteam\^(?P<id>[A-Z0-9]+)(?:\|(?P<handle>[^>]*))?>")
MEMBER = re.compile(r"[UW][A-Z0-9]{2,}|(?:discord|slack|playground|api|cli):\S+")
"""A user's id, as Slack's profiles copy it, or an identity of whatever chat."""
MONTH = re.compile(r"\d{4}-\d{2}")
DAYS = re.compile(
    r"(?:for\s+)?(?P<number>\d{1,5})\s*(?:d|days?|日間?|(?P<weeks>w|weeks?|週間?))(?=\s|$)", re.IGNORECASE
)
LATE = re.compile(
    r"(?<!\S)(?:(?P<word>--\S+|everywhere|全体|until|期限)|(?P<span>for|days|日数)(?=[\s=:：]*\d))\S*", re.IGNORECASE
)
"""What is no part of a reason, unless the word `reason` says so."""
OPTION = re.compile(r"(?:--)?(?P<name>[^\W\d_]+)(?:[=:：](?P<value>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed, not yet checked against anything; empty where it was not said."""

    act: str
    #: A user's id, or an identity.
    member: str = ""
    group: str = ""
    clip: str = ""
    tier: str = ""
    by: UsageBy = UsageBy.MEMBER
    month: str = ""
    until: str = ""
    days: int | None = None
    everywhere: bool = False
    #: As Slack wrote it.
    reason: str = ""


def after_admin(text: str) -> str | None:
    """What follows `admin`; None where the line does not begin so."""
    first, rest = _first(text)
    return rest if first.removeprefix("/").lower() in NAMES else None


def read(text: str) -> Typed | None:
    """None where no act is named, or an unknown one. Raises InvalidValue."""
    first, rest = _first(text)
    act = ACTS.get(_plain(first))
    return None if act is None else _Reader(act, rest).read()


class _Reader:
    """Goes through one line once."""

    def __init__(self, act: str, text: str) -> None:
        self._act = act
        self._rest = text
        self._takes = TAKES[act]
        self._said: dict[str, str] = {}

    def read(self) -> Typed:
        while self._rest and "reason" not in self._said:
            self._word()
        said = self._said
        by = _plain(said.get("by", UsageBy.MEMBER))
        if by not in BY:
            raise InvalidValue(name="by", value=said["by"], allowed=", ".join(UsageBy))
        if not said.get("days", "1").isdecimal():
            raise InvalidValue(name="days", value=said["days"], allowed="allowed-whole")
        return Typed(
            act=self._act,
            member=said.get("member", ""),
            group=said.get("group", ""),
            clip=said.get("clip", ""),
            tier=said.get("tier", ""),
            by=BY[by],
            month=said.get("month", ""),
            until=said.get("until", ""),
            days=int(said["days"]) if "days" in said else None,
            everywhere="everywhere" in said,
            reason=said.get("reason", ""),
        )

    def _word(self) -> None:
        """What the next word says, and what belongs to it."""
        if "days" in self._takes and (match := DAYS.match(self._rest)):
            days = int(match["number"]) * (7 if match["weeks"] else 1)
            self._take("days", str(days), self._rest[match.end() :].lstrip())
            return
        word, rest = _first(self._rest)
        key, value = _option(word)
        if key in self._takes:
            self._option(key, value, rest)
        elif word.startswith("--"):
            known = ", ".join(f"--{name}" for name in KEYWORDS if name in self._takes)
            raise InvalidValue(name=f"admin {self._act}", value=word, allowed=known)
        elif kind := self._kind(word):
            self._take(kind, _id(word), rest)
        elif "reason" in self._takes:
            self._check_reason(self._rest)
            self._take("reason", self._rest, "")
        else:
            raise InvalidValue(name=f"admin {self._act}", value=word, allowed=f"allowed-admin-{self._act}")

    def _option(self, key: str, value: str, rest: str) -> None:
        if key == "everywhere":
            self._take(key, "yes", rest)
        elif key == "reason":
            self._take(key, f"{value} {rest}".strip(), "")
        else:
            if not value:
                value, rest = _first(rest)
            if not value:
                raise InvalidValue(name=key, value="", allowed=ALLOWED.get(key, f"allowed-admin-{key}"))
            self._take(key, _id(value), rest)

    def _kind(self, word: str) -> str:
        """What a word is that names nothing; empty where it is only a word."""
        if GROUP.fullmatch(word):
            return "group" if "group" in self._takes else ""
        if MENTION.fullmatch(word) or ("member" not in self._said and MEMBER.fullmatch(word)):
            return "member"
        if word.startswith("@") and "member" not in self._said and "group" not in self._said:
            raise InvalidValue(name="member", value=word, allowed="allowed-admin-member")
        if "clip" in self._takes and CLIP_ID.fullmatch(_id(word)):
            return "clip"
        if "month" in self._takes and MONTH.fullmatch(word):
            return "month"
        return "tier" if "tier" in self._takes and "tier" not in self._said else ""

    def _check_reason(self, reason: str) -> None:
        """Raises InvalidValue where something stands in it that was meant to be none of it."""
        for match in LATE.finditer(reason):
            word = match["word"] or ""
            key = "days" if match["span"] else _option(word)[0]
            if key in self._takes or word.startswith("--"):
                raise InvalidValue(name=f"admin {self._act}", value=match[0], allowed="allowed-admin-before-reason")

    def _take(self, kind: str, value: str, rest: str) -> None:
        if kind in self._said or ({kind, *self._said} >= {"member", "group"}):
            raise InvalidValue(name=kind, value=value, allowed="allowed-admin-once")
        self._said[kind] = _unquoted(value) if kind == "reason" else value
        self._rest = rest


def _first(text: str) -> tuple[str, str]:
    word, _, rest = " ".join(text.split()).partition(" ")
    return word, rest


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip("\"'“”「」").lower()


def _option(word: str) -> tuple[str, str]:
    """The keyword that a word is, and the value that hangs on it."""
    match = OPTION.fullmatch(word)
    if match is None:
        return "", ""
    return KEYWORDS.get(_plain(match["name"]), ""), match["value"] or ""


def _id(word: str) -> str:
    """Of whom or what the word names; other words as they are."""
    match = MENTION.fullmatch(word) or GROUP.fullmatch(word)
    return match["id"] if match else word.strip("`\"'“”「」")


def _unquoted(text: str) -> str:
    close = QUOTES.get(text[:1])
    return text[1:-1] if close is not None and len(text) > 1 and text.endswith(close) else text
