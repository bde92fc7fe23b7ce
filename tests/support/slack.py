"""A small Slack on loopback: Web API, Socket Mode, HTTP mode, uploads and what members do in it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.slack_api import Api, Refused
from tests.support.slack_rules import SCOPES, arguments, manifest, manifest_scopes, problems, required_scope
from tests.support.slack_state import (
    APP_TOKEN,
    BOT_TOKEN,
    CONFIG_TOKEN,
    SECRET,
    Call,
    Payload,
    Refusal,
    World,
)

T = TypeVar("T")
ACK_SECONDS = 3.0
TOKENS = {
    "apps.connections.open": f"Bearer {APP_TOKEN}",
    "apps.manifest.export": f"Bearer {CONFIG_TOKEN}",
    "oauth.v2.access": "Basic ",
}
"""What a method wants that does not want the bot's token."""
URL_USES = 5
LOGIN_PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"


class Server:
    """Serves the bot, and brings it what members do."""

    def __init__(self) -> None:
        self.world = World(scopes=set(manifest_scopes()), manifest=deepcopy(manifest()))
        self.api = Api(self.world)
        self.url = ""
        #: Where HTTP mode is heard; empty in Socket Mode.
        self.events_url = ""
        #: Where the app is installed for a whole organisation: its id, which events then name instead of a workspace.
        self.organisation = ""
        #: Seconds before each further try of an event that nobody acknowledged.
        self.retry_pauses: tuple[float, ...] = (0.0, 0.05, 0.1)
        self.ack_seconds = ACK_SECONDS
        #: Seconds from each delivery to its acknowledgement, by envelope.
        self.acknowledged: dict[str, float] = {}
        self.connections = 0
        #: Addresses of sockets as they were tried, and how many of the first open nothing.
        self.tickets: list[str] = []
        self.void_tickets = 0
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[Payload | None]] = {}
        self._urls: dict[str, list[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- The Web API

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        args = await _args(request)
        self.world.calls.append(Call(method=method, args=args, at=time.monotonic()))
        ordered = self.world.refusals.get(method)
        refusal = ordered.popleft() if ordered else None
        try:
            _give_way(refusal)
            answer = self._answered(method, args, request)
        except Refused as refused:
            body = {"ok": False, "error": refused.error}
            return web.json_response(body, status=refused.status, headers=refused.headers)
        if refusal is not None and request.transport is not None:
            request.transport.abort()
        granted = {"X-OAuth-Scopes": ",".join(sorted(self.world.scopes))}
        return web.json_response({"ok": True, **answer}, headers=granted)

    def _answered(self, method: str, args: Payload, request: web.Request) -> Payload:
        known = arguments(method)
        if known is None or method not in SCOPES:
            self.world.complaints.append(f"unknown method {method}")
            raise Refused("unknown_method")
        if unknown := set(args) - known - {"token", "team_id"}:
            self.world.complaints.append(f"{method}: unknown arguments {sorted(unknown)}")
            raise Refused("invalid_arguments")
        wanted = TOKENS.get(method, f"Bearer {BOT_TOKEN}")
        if not request.headers.get("Authorization", "").startswith(wanted):
            raise Refused("invalid_auth")
        scope = required_scope(method, args)
        if scope and scope != "connections:write" and scope not in self.world.scopes:
            raise Refused("missing_scope")
        answer: Payload = getattr(self.api, method.replace(".", "_"))(args)
        return answer

    async def upload(self, request: web.Request) -> web.Response:
        data = await request.read()
        file = self.world.files[request.match_info["file"]]
        if len(data) != file["size"]:
            return web.Response(status=400, text="length mismatch")
        self.world.contents[file["id"]] = data
        return web.Response(text=f"OK - {len(data)}")

    async def download(self, request: web.Request) -> web.Response:
        """To those without a right to it: a login page, and status 200."""
        allowed = request.headers.get("Authorization") == f"Bearer {BOT_TOKEN}" and "files:read" in self.world.scopes
        if not allowed:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return web.Response(body=self.world.contents[request.match_info["file"]])

    async def respond(self, request: web.Request) -> web.Response:
        """A response_url: five answers in half an hour."""
        known = self._urls.get(request.match_info["token"])
        if known is None or known[0] >= URL_USES:
            return web.Response(status=404, text="used_url")
        known[0] += 1
        body = await request.json()
        found = problems(body["blocks"], surface="message") if "blocks" in body else []
        found += self.api.unshowable(body.get("blocks"))
        if found or not body.get("text"):
            self.world.complaints += found or ["an answer without fallback text"]
            return web.Response(status=400, text="invalid_blocks")
        self.world.ephemerals.append({**body, "user": known[1], "channel": known[2]})
        return web.Response(text="ok")

    # --- Socket Mode

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """An address lives a short while; where the network was away for longer it opens nothing any more."""
        self.tickets.append(request.query["ticket"])
        if self.tickets[-1] in self.tickets[: self.void_tickets]:
            return web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        self.connections += 1
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for message in socket:
            said = json.loads(message.data)
            waiting = self._waiting.pop(said["envelope_id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(said.get("payload") or {})
        return socket

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Slack asks for a new connection."""
        assert self._socket is not None
        await self._socket.send_json({"type": "disconnect", "reason": reason})

    async def drop(self) -> None:
        """The connection breaks without a word."""
        assert self._socket is not None
        await self._socket.close()

    # --- Delivering

    async def deliver(self, kind: str, payload: Payload, *, attempt: int = 0) -> Payload | None:
        """What was acknowledged, or None where nobody did so in time. `kind` is Socket Mode's type of envelope."""
        begun = time.monotonic()
        envelope = f"e{self.world.number()}"
        try:
            async with asyncio.timeout(self.ack_seconds):
                answer = await (
                    self._by_http(kind, payload, attempt)
                    if self.events_url
                    else self._by_socket(envelope, kind, payload, attempt)
                )
        except TimeoutError:
            self._waiting.pop(envelope, None)
            return None
        if answer is not None:
            self.acknowledged[envelope] = time.monotonic() - begun
        return answer

    async def insist(self, payload: Payload, tries: int = 3) -> bool:
        """An event, sent again as Slack does where it is not acknowledged."""
        if await self.deliver("events_api", payload) is not None:
            return True
        for attempt, pause in zip(range(1, tries + 1), self.retry_pauses, strict=False):
            await asyncio.sleep(pause)
            if await self.deliver("events_api", payload, attempt=attempt) is not None:
                return True
        return False

    async def _by_socket(self, envelope: str, kind: str, payload: Payload, attempt: int) -> Payload | None:
        waiting: asyncio.Future[Payload | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = waiting
        body = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if attempt:
            body |= {"retry_attempt": attempt, "retry_reason": "timeout"}
        assert self._socket is not None
        await self._socket.send_json(body)
        return await waiting

    async def _by_http(self, kind: str, payload: Payload, attempt: int) -> Payload | None:
        body, media = _http_body(kind, payload)
        headers = signed(body) | {"Content-Type": media}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        return await self.send(body, headers)

    async def send(self, body: str, headers: dict[str, str]) -> Payload | None:
        """One call to the bot's address; None where it was refused."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.events_url, data=body, headers=headers) as sent,
        ):
            if sent.status != 200:
                return None
            text = await sent.text()
            return json.loads(text) if text.startswith("{") else {}

    # --- Small helps

    def trigger(self, *, age: float = 0.0) -> str:
        trigger = f"t{self.world.number()}"
        self.api.triggers[trigger] = time.monotonic() - age
        return trigger

    def response_url(self, user: str, channel: str) -> str:
        token = str(self.world.number())
        self._urls[token] = [0, user, channel]
        return f"{self.url}/respond/{token}"

    async def until(self, look: Callable[[], T | None], patience: float = 20.0) -> T:
        """As soon as there is something."""
        async with asyncio.timeout(patience):
            while not (seen := look()):
                await asyncio.sleep(0.02)
            return seen

    def refuse(self, method: str, error: str = "", **more: Any) -> None:
        self.world.refuse(method, error, **more)

    async def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionError):
                await self._socket.close()


def _give_way(refusal: Refusal | None) -> None:
    if refusal is not None and not refusal.drops:
        raise Refused(refusal.error, status=refusal.status, headers=refusal.headers)


def signed(body: str, *, age: float = 0.0, secret: str = SECRET) -> dict[str, str]:
    """Slack's signature of a body that was sent `age` seconds ago."""
    stamp = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _http_body(kind: str, payload: Payload) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    pairs = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(pairs), form


async def _args(request: web.Request) -> Payload:
    args: Payload = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    elif request.can_read_body:
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return {name: _flag(value) for name, value in args.items()}


def _flag(value: Any) -> Any:
    """slack-sdk sends booleans as 1 and 0."""
    return value if value != "0" else ""


@asynccontextmanager
async def open_server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application(client_max_size=1 << 28)
    app.add_routes(
        [
            web.route("*", "/api/{method}", server.call),
            web.get("/socket", server.socket),
            web.post("/upload/{file}", server.upload),
            web.get("/files/{file}", server.download),
            web.post("/respond/{token}", server.respond),
        ]
    )
    async with TestServer(app) as served:
        server.url = str(served.make_url("/")).rstrip("/")
        server.api.url = server.url
        yield server
        await server.close()


__all__ = ["Refusal", "Server", "open_server", "signed"]
