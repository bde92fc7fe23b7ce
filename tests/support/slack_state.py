"""What a small Slack knows: people, conversations, messages, files and views."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]
TEAM, APP, BOT, BOT_USER = "T1", "A1", "B1", "UBOT"
CHANNEL, PRIVATE, FOREIGN, SHARED = "C1", "G1", "C9", "C7"
ANN, BOB, KEI = "U1", "U2", "U3"
BOT_TOKEN, APP_TOKEN, SECRET, CONFIG_TOKEN = "xoxb-1", "xapp-1", "shhh", "xoxe.xoxp-1"
WORKSPACE = "https://acme.slack.com"


@dataclass
class Conversation:
    id: str
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    #: By ts, in order.
    messages: dict[str, Payload] = field(default_factory=dict)

    @property
    def is_direct(self) -> bool:
        return self.id.startswith("D")


@dataclass
class Call:
    method: str
    args: Payload
    at: float


@dataclass
class Refusal:
    """Ordered by a test: the next call of a method ends so."""

    error: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: The call is carried out, and then the connection breaks.
    drops: bool = False


@dataclass
class World:
    """Tests read it, and change it to make trouble."""

    scopes: set[str] = field(default_factory=set)
    #: What the app is, as those who configure it see it.
    manifest: Payload = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    users: dict[str, Payload] = field(default_factory=dict)
    groups: list[Payload] = field(default_factory=list)
    files: dict[str, Payload] = field(default_factory=dict)
    #: Bytes by file.
    contents: dict[str, bytes] = field(default_factory=dict)
    views: dict[str, Payload] = field(default_factory=dict)
    #: Home tabs by user.
    homes: dict[str, Payload] = field(default_factory=dict)
    #: What was said to one alone, in order.
    ephemerals: list[Payload] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    refusals: dict[str, deque[Refusal]] = field(default_factory=dict)
    #: Calls that Slack would never take: unknown arguments, blocks beyond the limits, missing scopes.
    complaints: list[str] = field(default_factory=list)
    #: What members were shown because nobody acknowledged in three seconds.
    timeouts: list[str] = field(default_factory=list)
    #: Changes that were refused because there were too many.
    throttled: int = 0
    #: Whether files can be attached to a message that stands already.
    attaches: bool = False
    #: Seconds until Slack shows a file that it took.
    share_delay: float = 0.05
    #: Whether files that have a description are taken and never shown, as Slack has done.
    loses_described: bool = False
    #: Bytes that a file may have.
    file_limit: int = 1 << 30
    _last: int = 0
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.users = {
            ANN: person("ann", "en-US"),
            BOB: person("bob", "en-GB"),
            KEI: person("kei", "ja-JP"),
            BOT_USER: person("threadreel", "en-US"),
        }
        everyone = {ANN, BOB, KEI}
        self.conversations = {
            CHANNEL: Conversation(CHANNEL, everyone | {BOT_USER}),
            PRIVATE: Conversation(PRIVATE, everyone | {BOT_USER}),
            SHARED: Conversation(SHARED, everyone | {BOT_USER, "W9"}),
            FOREIGN: Conversation(FOREIGN, set(everyone)),
            "DXX": Conversation("DXX", {ANN, BOB}),
        }

    def number(self) -> int:
        return next(self._ids)

    def ts(self) -> str:
        """Of now, and never the same twice."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def refuse(self, method: str, error: str = "", *, times: int = 1, **more: Any) -> None:
        """The next calls of the method end with this error."""
        status = 429 if error == "ratelimited" else more.pop("status", 200)
        headers = {"Retry-After": str(more.pop("after", 1))} if status == 429 else {}
        refusal = Refusal(error=error, status=status, headers=headers, **more)
        self.refusals.setdefault(method, deque()).extend([refusal] * times)

    def direct(self, user: str) -> Conversation:
        """The bot's direct messages with this user."""
        key = f"D{user[1:]}"
        return self.conversations.setdefault(key, Conversation(key, {user, BOT_USER}))

    def post(self, channel: str, **message: Any) -> Payload:
        conversation = self.conversations[channel]
        ts = self.ts()
        conversation.messages[ts] = {"type": "message", "ts": ts, **message}
        root = message.get("thread_ts")
        if root and root in conversation.messages:
            conversation.messages[root]["thread_ts"] = root
        return conversation.messages[ts]

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]


def person(name: str, locale: str) -> Payload:
    return {"name": name, "real_name": name.title(), "profile": {"display_name": name}, "locale": locale}


def words_of(message: Payload) -> str:
    """All that a message, a view or an answer says."""
    return "\n".join([str(message.get("text", "")), *_texts(message.get("blocks") or [])])


def buttons_of(message: Payload) -> list[Payload]:
    rows = [block for block in message.get("blocks") or [] if block["type"] == "actions"]
    return [element for row in rows for element in row["elements"] if element["type"] == "button"]


def labels_of(message: Payload) -> list[str]:
    """Without their emoji."""
    return [button["text"]["text"].split(" ", 1)[-1] for button in buttons_of(message)]


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for item in part for text in _texts(item)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "channel":
        return [f"<#{part['channel_id']}>"]
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    nested = [part.get(name) for name in ("text", "elements", "fields", "label", "element", "accessory", "hint")]
    joined = [] if part.get("type") != "rich_text_section" else ["".join(_texts(part["elements"]))]
    return joined or own + [text for item in nested if not isinstance(item, str) for text in _texts(item)]
