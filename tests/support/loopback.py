"""A small Discord on loopback: gateway and API as far as the bot goes, with the rules that simcord does not model.

File sizes, nonces, expired tokens, five follow-ups, rate limits, and a gateway that drops and resumes.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.loopback_world import (
    ANN,
    APPLICATION,
    BOT,
    CHANNEL,
    DM,
    GROUP,
    GUILD,
    Payload,
    application,
    guild,
    now,
    place,
    thread_payload,
    user,
)

EPOCH_MS = 1_420_070_400_000
FOLLOW_UPS = 5
MESSAGE_CONTENT = 1 << 15
"""The intent's bit."""


@dataclass
class Fault:
    method: str
    path: str
    status: int
    body: Payload
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Loopback:
    """What the server knows, and what was asked of it."""

    file_limit: int = 10 * 1024 * 1024
    #: By id, in order of sending.
    messages: dict[int, Payload] = field(default_factory=dict)
    #: A forum's, by id.
    posts: dict[int, Payload] = field(default_factory=dict)
    answers: dict[str, Payload] = field(default_factory=dict)
    #: When each interaction was acknowledged and answered, by token, on the monotonic clock.
    acknowledged: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    expired: set[str] = field(default_factory=set)
    #: Tokens of interactions where the bot is no member: at most five follow-ups.
    follow_ups: dict[str, int] = field(default_factory=dict)
    identified: int = 0
    #: Which shard of how many each connection said to be, in their order.
    shards: list[tuple[int, int]] = field(default_factory=list)
    #: Whether the portal lets the bot read messages; whoever asks for it all the same is sent away.
    allows_content: bool = True
    #: How many shards it advises.
    advises: int = 1
    #: Called with the method and the message when one was sent or edited, before that is answered.
    took: Callable[[str, Payload], None] | None = None
    resumed: int = 0
    url: str = ""
    _nonces: dict[tuple[int, str], int] = field(default_factory=dict)
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _sequence: int = 0
    _last_id: int = 0

    def fail(self, method: str, path: str, status: int, code: int = 0, **more: Any) -> None:
        headers = more.pop("headers", {})
        body = {"code": code, "message": "no", **more}
        self.faults.append(Fault(method=method, path=path, status=status, body=body, headers=headers))

    def snowflake(self, age: float = 0.0) -> int:
        """An id of `age` seconds ago."""
        made = (int((time.time() - age) * 1000) - EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, made) if not age else self._last_id
        return self._last_id if not age else made

    # --- The gateway ---

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}})
        async for message in socket:
            said = json.loads(message.data)
            if said["op"] == 1:
                await socket.send_json({"op": 11})
            elif said["op"] == 2:
                if said["d"]["intents"] & MESSAGE_CONTENT and not self.allows_content:
                    await socket.close(code=4014)
                    break
                self.identified += 1
                shard, count = said["d"].get("shard", (0, 1))
                self.shards.append((shard, count))
                await self._welcome(socket, shard, count)
            elif said["op"] == 6:
                self.resumed += 1
                self._sockets.append(socket)
                await self._dispatch(socket, "RESUMED", {})
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, shard: int, count: int) -> None:
        is_home = (GUILD >> 22) % count == shard
        guilds = [{"id": str(GUILD), "unavailable": True}] if is_home else []
        await self._dispatch(socket, "READY", self._ready() | {"guilds": guilds, "shard": [shard, count]})
        if is_home:
            self._sockets.append(socket)
            await self._dispatch(socket, "GUILD_CREATE", guild())

    async def tell(self, event: str, payload: Payload) -> None:
        """To the newest connection that serves the server."""
        await self._dispatch(self._sockets[-1], event, payload)

    async def drop(self) -> None:
        """The connection breaks, and may be resumed."""
        await self._sockets[-1].close(code=4000)

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.close()

    async def _dispatch(self, socket: web.WebSocketResponse, event: str, payload: Payload) -> None:
        self._sequence += 1
        await socket.send_json({"op": 0, "t": event, "s": self._sequence, "d": payload})

    def _ready(self) -> Payload:
        return {
            "v": 10,
            "user": user(BOT, bot=True),
            "session_id": "s",
            "resume_gateway_url": self.url.replace("http", "ws") + "/gateway",
            "application": {"id": str(APPLICATION), "flags": 0},
        }

    # --- What members do ---

    async def command(
        self, name: str, *, installed_by_user: bool = False, channel: int = CHANNEL, **options: Any
    ) -> str:
        """A slash command of Ann's; its token. In the group the bot is always what she brought along.

        An option that is a dict is an attachment.
        """
        files = {value["id"]: value for value in options.values() if isinstance(value, dict)}
        given = {key: value["id"] if isinstance(value, dict) else value for key, value in options.items()}
        kinds = {str: 3, int: 4, bool: 5, float: 10, dict: 11}
        data = {
            "id": "1",
            "name": name,
            "type": 1,
            "options": [
                {"name": key, "type": kinds[type(options[key])], "value": value} for key, value in given.items()
            ],
            "resolved": {"attachments": files},
        }
        return await self._interact(data, channel, brought=installed_by_user or channel == GROUP)

    def attachment(self, name: str) -> Payload:
        """An image that lies in this Discord's files as `name`; see `files`."""
        where = f"{self.url}/attachments/{name}"
        told = {"filename": name, "size": 1000, "content_type": "image/png", "url": where, "proxy_url": where}
        return {"id": str(self.snowflake()), **told}

    async def files(self, request: web.Request) -> web.StreamResponse:
        """What members attached: `hangs.png` never comes, and of others nothing is there today."""
        if request.match_info["name"] == "hangs.png":
            await asyncio.Event().wait()
        return web.Response(status=504)

    async def menu(self, name: str, message: Payload, *, installed_by_user: bool = False) -> str:
        """Ann chooses from the menu on a message; the interaction's token."""
        resolved = {"messages": {message["id"]: message}}
        data = {"id": "2", "name": name, "type": 3, "target_id": message["id"], "resolved": resolved}
        return await self._interact(data, CHANNEL, brought=installed_by_user)

    async def _interact(self, data: Payload, channel: int, *, brought: bool) -> str:
        id_ = self.snowflake()
        token = f"token{id_}"
        if brought:
            self.follow_ups[token] = 0
        said = self._interaction(id_, token, data, brought) | place(channel, brought=brought)
        await self.tell("INTERACTION_CREATE", said)
        return token

    def _interaction(self, id_: int, token: str, data: Payload, brought: bool) -> Payload:
        return {
            "id": str(id_),
            "application_id": str(APPLICATION),
            "type": 2,
            "token": token,
            "version": 1,
            "data": data,
            "locale": "ja" if brought else "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "app_permissions": str((1 << 53) - 1),
            "attachment_size_limit": self.file_limit,
        }

    # --- The API ---

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        self.asked.append((request.method, path))
        fault = next((f for f in self.faults if f.method == request.method and fnmatch.fnmatch(path, f.path)), None)
        if fault is not None:
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
            return _json(fault.body, fault.status, fault.headers)
        payload, files = await _read(request)
        if sum(len(data) for _, data in files) > self.file_limit:
            return _json({"code": 40005, "message": "Request entity too large"}, 413)
        return await self._route(request.method, path.strip("/").split("/"), payload, files)

    async def _route(  # noqa: C901  # one line a route
        self, method: str, parts: list[str], payload: Payload, files: list[tuple[str, bytes]]
    ) -> web.StreamResponse:
        match method, parts:
            case "GET", ["users", "@me"]:
                return _json(user(BOT, bot=True))
            case "GET", ["oauth2", "applications", "@me"]:
                return _json(application(reads=self.allows_content))
            case "GET", ["users", "@me", "guilds"]:
                return _json(
                    [{"id": str(GUILD), "name": "g", "features": [], "permissions": "0", "owner": False, "icon": None}]
                )
            case "GET", ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
                address = self.url.replace("http", "ws") + "/gateway"
                return _json({"url": address, "shards": self.advises, "session_start_limit": limit})
            case "PUT", ["applications", _, "commands"]:
                return _json([])
            case "POST", ["interactions", _, token, "callback"]:
                return self._callback(token, payload)
            case (("PATCH" | "POST"), ["webhooks", _, token, *rest]):
                return self._webhook(token, rest, payload, files)
            case "POST", ["users", "@me", "channels"]:
                return _json({"id": str(DM), "type": 1, "recipients": [user(ANN)], "last_message_id": None})
            case "GET", ["channels", channel]:
                found = next((known for known in guild()["channels"] if known["id"] == channel), None)
                return _json(found) if found else _json({"code": 10003, "message": "Unknown Channel"}, 404)
            case "GET", ["channels", channel, "messages"]:
                return _json([m for m in reversed(self.messages.values()) if m["channel_id"] == channel])
            case "POST", ["channels", channel, "threads"]:
                return self._new_post(int(channel), payload)
            case "POST", ["channels", channel, "messages"]:
                return self._send(int(channel), payload, files)
            case "PATCH", ["channels", _, "messages", message]:
                return self._edit(int(message), payload, files)
            case "DELETE", ["channels", _, "messages", message]:
                self.messages.pop(int(message), None)
                return web.Response(status=204)
        return _json({"code": 0, "message": f"not here: {method} {'/'.join(parts)}"}, 404)

    def _callback(self, token: str, payload: Payload) -> web.StreamResponse:
        self.answers[token] = dict(payload)
        self.acknowledged[token] = time.monotonic()
        return _json({"interaction": {"id": "1", "type": 2}, "resource": {"type": payload["type"]}})

    def _webhook(
        self, token: str, rest: list[str], payload: Payload, files: list[tuple[str, bytes]]
    ) -> web.StreamResponse:
        if token in self.expired:
            return _json({"code": 50027, "message": "Invalid Webhook Token"}, 401)
        if rest == ["messages", "@original"]:
            self.answers[token] |= payload
            self.answered[token] = time.monotonic()
            return _json(self._message(CHANNEL, self.snowflake(), payload, files))
        if rest:
            return self._edit(int(rest[1]), payload, files)
        if token in self.follow_ups:
            self.follow_ups[token] += 1
            if self.follow_ups[token] > FOLLOW_UPS:
                return _json({"code": 40094, "message": "follow-up limit"}, 400)
        return self._send(CHANNEL, payload, files)

    def _send(self, channel: int, payload: Payload, files: list[tuple[str, bytes]]) -> web.StreamResponse:
        nonce = payload.get("nonce")
        if nonce and payload.get("enforce_nonce") and (channel, nonce) in self._nonces:
            return _json(self.messages[self._nonces[channel, nonce]])
        id_ = self.snowflake()
        self.messages[id_] = self._message(channel, id_, payload, files)
        if nonce:
            self._nonces[channel, nonce] = id_
        return self._taken("POST", self.messages[id_])

    def _new_post(self, forum: int, payload: Payload) -> web.StreamResponse:
        id_ = self.snowflake()
        post = thread_payload(id_, forum) | {"name": payload["name"], "applied_tags": payload.get("applied_tags", [])}
        self.posts[id_] = post
        return _json(post | {"message": self._message(id_, id_, payload["message"], [])})

    def _edit(self, id_: int, payload: Payload, files: list[tuple[str, bytes]]) -> web.StreamResponse:
        if id_ not in self.messages:
            return _json({"code": 10008, "message": "Unknown Message"}, 404)
        kept = self.messages[id_]["attachments"] if "attachments" not in payload else []
        changed = self._message(int(self.messages[id_]["channel_id"]), id_, payload, files)
        changed["attachments"] = [*kept, *changed["attachments"]]
        self.messages[id_] = changed | {"edited_timestamp": now()}
        return self._taken("PATCH", self.messages[id_])

    def _taken(self, method: str, message: Payload) -> web.StreamResponse:
        if self.took is not None:
            self.took(method, message)
        return _json(message)

    def _message(self, channel: int, id_: int, payload: Payload, files: list[tuple[str, bytes]]) -> Payload:
        described = {str(a["id"]): a.get("description") for a in payload.get("attachments") or []}
        return {
            "id": str(id_),
            "channel_id": str(channel),
            "author": user(BOT, bot=True),
            "content": payload.get("content") or "",
            "components": payload.get("components") or [],
            "flags": payload.get("flags", 0),
            "attachments": [
                {
                    "id": str(n),
                    "filename": name,
                    "size": len(data),
                    "url": "https://cdn.example/x",
                    "proxy_url": "https://cdn.example/x",
                    "description": described.get(str(n)),
                }
                for n, (name, data) in enumerate(files)
            ],
            "timestamp": now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "embeds": [],
            "pinned": False,
            "type": 0,
            "allowed_mentions": payload.get("allowed_mentions"),
        }

    # --- Looking ---

    async def until(self, look: Any, patience: float = 20.0) -> Any:
        async with asyncio.timeout(patience):
            while not (seen := look()):
                await asyncio.sleep(0.02)
            return seen

    def with_clip(self) -> list[Payload]:
        return [m for m in self.messages.values() if any(a["filename"].endswith(".mp4") for a in m["attachments"])]


@asynccontextmanager
async def open_loopback() -> AsyncIterator[Loopback]:
    there = Loopback()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/gateway", there.gateway)
    app.router.add_get("/gateway/", there.gateway)
    app.router.add_get("/attachments/{name}", there.files)
    app.router.add_route("*", "/api/v10/{path:.*}", there.serve)
    async with TestServer(app) as server:
        there.url = str(server.make_url("")).rstrip("/")
        yield there
        await there.close()


async def _read(request: web.Request) -> tuple[Payload, list[tuple[str, bytes]]]:
    if request.content_type != "multipart/form-data":
        body = await request.read()
        value = json.loads(body) if body else {}
        return (value if isinstance(value, dict) else {}), []
    payload, files = {}, []
    form = await request.post()
    for part in form.values():
        if isinstance(part, web.FileField):
            files.append((part.filename, part.file.read()))
            part.file.close()
        else:
            payload = json.loads(str(part))
    return payload.get("data", payload) if "data" in payload else payload, files


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """discord.py wants exactly this content type."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
