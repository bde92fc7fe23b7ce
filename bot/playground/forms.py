"""Requests of the page as values. Nothing in a request is trusted: each part is checked and bounded here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.playground.people import CHANNELS, MEMBERS, DemoMember
from bot.texts import LANGUAGES
from inference.types import Upload

NONCE = re.compile(r"[0-9a-f-]{8,64}")
MAX_TEXT = 20_000
"""Longer than any prompt may be, so that the service can say so itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message from the page."""

    member: DemoMember
    language: str
    #: Made by the page; the same one twice is one message.
    nonce: str
    channel: str
    #: Message that opened the thread; empty in the channel itself.
    thread: str
    #: Message that is replied to; empty where none is.
    replies_to: str
    text: str
    image: Upload | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button, and what its form asked."""

    member: DemoMember
    language: str
    nonce: str
    message: str
    #: Open thread in which the button was pressed; empty in the channel itself.
    thread: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    member: DemoMember
    message: str


def member(request: web.Request) -> DemoMember:
    """Whom the page acts as: a header, or for the event stream a query, for browsers send no headers there."""
    key = request.headers.get("X-Playground-Member") or request.query.get("member", "")
    if key not in MEMBERS:
        raise web.HTTPBadRequest(text="Say which demo member asks.")
    return MEMBERS[key]


def language(request: web.Request) -> str:
    wanted = request.headers.get("X-Playground-Language") or request.query.get("language", "")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


async def message(request: web.Request) -> Said:
    """Raises HTTPBadRequest, or HTTPRequestEntityTooLarge behind the application's limit."""
    form = await request.post()
    words = {name: value for name, value in form.items() if isinstance(value, str)}
    channel = words.get("channel", "")
    nonce = words.get("nonce", "")
    if channel not in CHANNELS or not NONCE.fullmatch(nonce) or len(words.get("text", "")) > MAX_TEXT:
        raise web.HTTPBadRequest(text="This is not a message of the page.")
    return Said(
        member=member(request),
        language=language(request),
        nonce=nonce,
        channel=channel,
        thread=words.get("thread", ""),
        replies_to=words.get("reply_to", ""),
        text=words.get("text", "").strip(),
        image=_upload(form.get("image")),
    )


def _upload(part: object) -> Upload | None:
    if not isinstance(part, web.FileField):
        return None
    return Upload(data=part.file.read(), filename=part.filename)


async def press(request: web.Request) -> Pressed:
    body = await _json(request)
    fields = body.get("fields")
    return Pressed(
        member=member(request),
        language=language(request),
        nonce=_text(body, "nonce"),
        message=_text(body, "message"),
        thread=_text(body, "thread"),
        action=_text(body, "action"),
        fields={str(name): str(value) for name, value in fields.items()} if isinstance(fields, dict) else {},
    )


async def dismissal(request: web.Request) -> Dismissed:
    body = await _json(request)
    return Dismissed(member=member(request), message=_text(body, "message"))


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise web.HTTPBadRequest(text="This is not JSON.") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="This is not a request of the page.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise web.HTTPBadRequest(text=f"{name} is missing.")
    return value
