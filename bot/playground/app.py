"""The playground's web server: the page, its events, and what members do on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.playground import forms
from bot.playground.board import Board
from bot.playground.chat import PlaygroundChat
from bot.playground.events import serve_events
from bot.playground.guard import guard, mark
from bot.playground.house import account_to_page, house
from bot.playground.hub import Hub
from bot.playground.intake import Intake
from bot.playground.media import serve_rendition
from bot.playground.people import CHANNELS, MEMBERS, requester
from bot.render.errors import error_text
from bot.session import ChatCore
from bot.texts import texts_for
from inference.errors import ServiceUnavailable, ThreadreelError, UploadTooLarge
from inference.protocols import GenerationService, Library
from storage.conversations import SqlConversations

PAGE = Path(__file__).with_name("page")
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
_CODES = {403: "page_foreign", 404: "page_gone", 421: "page_foreign"}
"""What the page is told of what it should not have asked; there are words for each in `bot/texts`."""
FORM_BYTES = 64 * 1024
"""Room for everything in a form but the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """What the routes work with."""

    service: GenerationService
    library: Library
    board: Board
    hub: Hub
    intake: Intake


KEY = web.AppKey("playground", Playground)


async def open_chat(conversations: SqlConversations) -> PlaygroundChat:
    """The platform with all that was said before; `bot.delivery` posts to it, `create_playground` shows it."""
    hub = Hub()
    board = Board(conversations, hub)
    await board.load()
    return PlaygroundChat(board, hub)


def create_playground(
    *,
    chat: PlaygroundChat,
    core: ChatCore,
    service: GenerationService,
    library: Library,
    allowed_hosts: Collection[str] = (),
) -> web.Application:
    """The web application; it owns no connection and may be run by any aiohttp runner."""
    app = web.Application(middlewares=[refusals, guard(allowed_hosts)], client_max_size=MAX_UPLOAD_BYTES + FORM_BYTES)
    intake = Intake(core=core, board=chat.board)
    app[KEY] = Playground(service=service, library=library, board=chat.board, hub=chat.hub, intake=intake)
    app.on_response_prepare.append(mark)
    app.on_shutdown.append(_let_go)
    app.add_routes(
        [
            web.get("/", _page),
            web.static("/static", PAGE),
            web.get("/api/house", _house),
            web.get("/api/account", _account),
            web.get("/api/events", _events),
            web.post("/api/messages", _message),
            web.post("/api/actions", _action),
            web.post("/api/dismiss", _dismiss),
            web.get("/media/{job}/{kind}", _media),
            web.get("/files/{key}", _file),
        ]
    )
    return app


async def _let_go(app: web.Application) -> None:
    app[KEY].hub.close()


@web.middleware
async def refusals(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refusals as the page shows them: a sentence in the member's language."""
    texts = texts_for(forms.language(request))
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        error: ThreadreelError = UploadTooLarge(size=request.content_length or 0, limit=MAX_UPLOAD_BYTES)
    except ThreadreelError as raised:
        error = raised
    except web.HTTPClientError as refusal:
        if not request.path.startswith("/api/"):
            raise
        code = _CODES.get(refusal.status, "page_misread")
        return web.json_response({"code": code, "message": texts(f"error-{code}")}, status=refusal.status)
    status = 503 if isinstance(error, ServiceUnavailable) else 400
    return web.json_response({"code": error.code, "message": error_text(error, texts)}, status=status)


async def _page(_request: web.Request) -> web.StreamResponse:
    html = await asyncio.to_thread((PAGE / "index.html").read_text, "utf-8")
    return web.Response(text=html, content_type="text/html", headers={"Cache-Control": "no-cache"})


async def _house(request: web.Request) -> web.StreamResponse:
    return web.json_response(house(forms.language(request), MAX_UPLOAD_BYTES))


async def _account(request: web.Request) -> web.StreamResponse:
    asks = requester(forms.member(request), next(iter(CHANNELS)), forms.language(request))
    return web.json_response(account_to_page(await request.app[KEY].library.account(asks)))


async def _events(request: web.Request) -> web.StreamResponse:
    there = request.app[KEY]
    return await serve_events(request, forms.member(request).key, there.board, there.hub)


async def _message(request: web.Request) -> web.StreamResponse:
    """What a member wrote. 202: it is taken; what comes of it arrives through the events."""
    await request.app[KEY].intake.take(await forms.message(request))
    return web.json_response({}, status=202)


async def _action(request: web.Request) -> web.StreamResponse:
    press = await forms.press(request)
    pointer = await request.app[KEY].intake.press(press)
    return web.json_response({"thread": pointer.thread or None, "answer": pointer.answer or None}, status=202)


async def _dismiss(request: web.Request) -> web.StreamResponse:
    asked = await forms.dismissal(request)
    request.app[KEY].board.dismiss(asked.member.key, asked.message)
    return web.json_response({})


async def _file(request: web.Request) -> web.StreamResponse:
    """What was handed over to one member: `/files/{key}?as=MEMBER`."""
    viewer = MEMBERS.get(request.query.get("as", ""))
    file = None if viewer is None else request.app[KEY].intake.file(request.match_info["key"], viewer)
    if file is None:
        raise web.HTTPNotFound
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return web.Response(body=file.data, content_type="application/zip", headers=headers)


async def _media(request: web.Request) -> web.StreamResponse:
    return await serve_rendition(request, request.app[KEY].service)
