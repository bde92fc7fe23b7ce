"""What Slack refuses: unknown arguments, missing scopes, and blocks beyond Block Kit's limits."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from slack_sdk.web.async_client import AsyncWebClient

MANIFEST = Path(__file__).parents[2] / "deploy" / "slack" / "manifest.yaml"
HISTORY = {"C": "channels:history", "G": "groups:history", "D": "im:history"}
SCOPES: Mapping[str, str] = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.getPermalink": "",
    "conversations.history": "history",
    "conversations.replies": "history",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.info": "files:read",
    "files.list": "files:read",
    "users.info": "users:read",
    "usergroups.list": "usergroups:read",
    "assistant.threads.setStatus": "chat:write",
    "views.open": "",
    "views.update": "",
    "views.publish": "",
    "auth.test": "",
    "bots.info": "users:read",
    "apps.manifest.export": "",
    "apps.connections.open": "connections:write",
    "oauth.v2.access": "",
}
"""A bot's scope for each method that exists here."""
MOST_CHARACTERS = 13_200
"""In all blocks of a message together."""
ELEMENTS = {
    "actions": {"button", "static_select", "overflow", "external_select", "conversations_select"},
    "input": {"plain_text_input", "static_select", "checkboxes", "file_input", "users_select", "conversations_select"},
    "section": {"button", "static_select", "image", "overflow", "external_select"},
}
BLOCKS = {"section", "context", "actions", "divider", "header", "image", "rich_text"}


@cache
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return loaded


def manifest_scopes() -> frozenset[str]:
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


@cache
def arguments(method: str) -> frozenset[str] | None:
    """Those that slack-sdk's method has; None where it has no such method."""
    found = getattr(AsyncWebClient, method.replace(".", "_"), None)
    if found is None:
        return None
    named = inspect.signature(found).parameters.values()
    return frozenset(p.name for p in named if p.kind in {p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD}) - {"self"}


def required_scope(method: str, args: Mapping[str, Any]) -> str:
    """Empty where none is needed."""
    scope = SCOPES[method]
    return HISTORY[str(args.get("channel", "C"))[0]] if scope == "history" else scope


def pictures(blocks: object) -> Iterator[str]:
    """Ids of the files that the blocks show."""
    if isinstance(blocks, list):
        for item in blocks:
            yield from pictures(item)
    elif isinstance(blocks, dict):
        if isinstance(blocks.get("slack_file"), dict):
            yield str(blocks["slack_file"].get("id"))
        yield from pictures([value for name, value in blocks.items() if name != "slack_file"])


def problems(blocks: object, *, surface: str) -> list[str]:
    """What Slack would call invalid_blocks for; `surface` is `message`, `modal` or `home`."""
    if not isinstance(blocks, list):
        return ["blocks are no list"]
    found = list(_problems(blocks, surface))
    limit = 50 if surface == "message" else 100
    if len(blocks) > limit:
        found.append(f"{len(blocks)} blocks")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append("a block_id twice")
    if sum(map(len, _words(blocks))) > MOST_CHARACTERS:
        found.append("msg_blocks_too_long")
    return found


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _words(item)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _words(value)


def view_problems(view: Mapping[str, Any]) -> list[str]:
    found = problems(view.get("blocks"), surface=view.get("type", ""))
    known = {"type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id"}
    found += [f"view.{name}" for name in view if name not in known | {"clear_on_close", "notify_on_close"}]
    if view.get("type") == "modal":
        found += _text(view.get("title"), 24, "title")
        has_input = any(block["type"] == "input" for block in view.get("blocks") or ())
        if has_input:
            found += _text(view.get("submit"), 24, "submit")
        if "close" in view:
            found += _text(view["close"], 24, "close")
    if len(view.get("private_metadata") or "") > 3000:
        found.append("private_metadata too long")
    if len(view.get("callback_id") or "") > 255:
        found.append("callback_id too long")
    return found


def _problems(blocks: list[Any], surface: str) -> Iterator[str]:
    actions: set[str] = set()
    for block in blocks:
        kind = block.get("type")
        allowed = BLOCKS if surface == "message" else BLOCKS | {"input"}
        if kind not in allowed:
            yield f"{kind} in a {surface}"
            continue
        if len(block.get("block_id") or "") > 255:
            yield "block_id too long"
        yield from CHECKS[kind](block)
        for element in _interactive(block):
            action = element.get("action_id")
            key = f"{block.get('block_id')}/{action}" if kind == "input" else str(action)
            if key in actions:
                yield f"action_id {action} twice"
            actions.add(key)


def _interactive(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "actions":
        return list(block["elements"])
    single = block.get("element") or block.get("accessory")
    return [single] if single and single["type"] != "image" else []


def _section(block: Mapping[str, Any]) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "an empty section"
    if block.get("text"):
        yield from _text(block["text"], 3000, "section")
    fields = block.get("fields") or []
    if len(fields) > 10:
        yield "too many fields"
    for field in fields:
        yield from _text(field, 2000, "field")
    if block.get("accessory"):
        yield from _element(block["accessory"], "section")


def _context(block: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 10:
        yield "elements of a context"
    for element in block["elements"]:
        yield from _image(element) if element["type"] == "image" else _text(element, 3000, "context")


def _actions(block: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 25:
        yield "elements of actions"
    for element in block["elements"]:
        yield from _element(element, "actions")


def _input(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(block["label"], 2000, "label")
    yield from _element(block["element"], "input")


def _header(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(block["text"], 150, "header")


def _image(block: Mapping[str, Any]) -> Iterator[str]:
    if not block.get("alt_text") or len(block["alt_text"]) > 2000:
        yield "alt_text"
    if ("image_url" in block) == ("slack_file" in block):
        yield "an image of nothing, or of two things"
    if "slack_file" in block and len(set(block["slack_file"]) & {"id", "url"}) != 1:
        yield "slack_file"


def _rich(block: Mapping[str, Any]) -> Iterator[str]:
    kinds = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for section in block["elements"]:
        if section["type"] not in kinds:
            yield f"{section['type']} in rich_text"
        for part in section["elements"]:
            if part["type"] not in {"text", "channel"}:
                yield f"{part['type']} in a section of rich_text"
            if part["type"] == "text" and not part.get("text"):
                yield "an empty text in rich_text"
            unknown = set(part.get("style") or {}) - {"bold", "italic", "strike", "code", "underline"}
            if unknown:
                yield f"style {unknown}"


def _divider(_block: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


CHECKS = {
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "header": _header,
    "image": _image,
    "rich_text": _rich,
    "divider": _divider,
}


def _element(element: Mapping[str, Any], block: str) -> Iterator[str]:
    kind = element["type"]
    if kind not in ELEMENTS[block]:
        yield f"{kind} in {block}"
    if kind != "image" and not 1 <= len(element.get("action_id") or "") <= 255:
        yield f"action_id of {kind}"
    yield from PARTS.get(kind, _nothing)(element)


def _nothing(_element: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


def _button(element: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(element["text"], 75, "button")
    if len(element.get("value") or "") > 2000:
        yield "value of a button"
    if element.get("style") not in {None, "primary", "danger"}:
        yield "style of a button"
    if confirm := element.get("confirm"):
        for part, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text(confirm.get(part), limit, f"confirm.{part}")


def _text_input(element: Mapping[str, Any]) -> Iterator[str]:
    if len(element.get("initial_value") or "") > min(3000, element.get("max_length") or 3000):
        yield "initial_value too long"
    if (element.get("max_length") or 1) > 3000:
        yield "max_length"
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, "placeholder")


def _file_input(element: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= element.get("max_files", 10) <= 10:
        yield "max_files"


def _options(element: Mapping[str, Any]) -> Iterator[str]:
    limit = 100 if element["type"] == "static_select" else 10
    options = element.get("options") or []
    if not 1 <= len(options) <= limit:
        yield f"{len(options)} options"
    for option in options:
        yield from _text(option["text"], 75, "option")
        if not 1 <= len(option["value"]) <= 150:
            yield "value of an option"
        if option.get("description"):
            yield from _text(option["description"], 75, "description")
    initial = element.get("initial_option")
    if initial is not None and initial not in options:
        yield "initial_option is none of the options"


def _text(text: Any, limit: int, what: str) -> list[str]:
    if not isinstance(text, dict) or text.get("type") not in {"plain_text", "mrkdwn"}:
        return [f"{what} is no text"]
    if not 1 <= len(text.get("text") or "") <= limit:
        return [f"{what} has {len(text.get('text') or '')} characters"]
    return []


PARTS = {
    "button": _button,
    "static_select": _options,
    "checkboxes": _options,
    "radio_buttons": _options,
    "image": _image,
    "plain_text_input": _text_input,
    "file_input": _file_input,
}
