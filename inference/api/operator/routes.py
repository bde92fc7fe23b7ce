"""Who may see the page, and what is answered. What it shows comes from the service, which asks once more who may."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from inference.api.context import KEYS, OPERATIONS
from inference.api.keys import KeyRole
from inference.api.operator import page
from inference.api.operator.session import Sessions
from inference.api.operator.words import Words, words_for
from inference.errors import NotAllowed, ServiceUnavailable
from inference.types import Identity, Place, Requester
from inference.wire import PAGE

STATIC = Path(__file__).with_name("static")
FILES = {"operator.css": "text/css", "operator.js": "text/javascript", "mark.svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, browsers send these forms with the origin `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
OPERATOR = Requester(identity=Identity("api:operator"), display_name="operator", place=Place(platform="api"))
SESSIONS = web.AppKey("sessions", Sessions)
_log = structlog.get_logger(__name__)


def add_page(app: web.Application) -> None:
    """To an application that has its keys and operations."""
    app[SESSIONS] = Sessions(app[KEYS])
    app.add_routes(
        [
            web.get(PAGE, show),
            web.get(f"{PAGE}/board", show_board),
            web.get(f"{PAGE}/enter", enter),
            web.post(f"{PAGE}/login", login),
            web.post(f"{PAGE}/logout", logout),
            web.get(f"{PAGE}/static/{{name}}", static),
        ]
    )


async def show(request: web.Request) -> web.Response:
    words = words_for(request)
    if not request.app[SESSIONS].is_open(request):
        return _html(page.login(words), status=401)
    return _html(page.page(words, await _board(request, words)))


async def show_board(request: web.Request) -> web.Response:
    """What the page fetches to bring itself up to date; 401 where it must ask for the key again."""
    if not request.app[SESSIONS].is_open(request):
        return _html("", status=401)
    words = words_for(request)
    try:
        seen = await request.app[OPERATIONS].overview(OPERATOR)
    except ServiceUnavailable:
        return _html("", status=503)
    return _html(page.board(seen, words))


async def _board(request: web.Request, words: Words) -> str:
    try:
        return page.board(await request.app[OPERATIONS].overview(OPERATOR), words)
    except ServiceUnavailable:
        return page.away(words)


async def enter(request: web.Request) -> web.Response:
    """By a link of `threadreel admin page`. Whatever it was, the address that stays names no pass."""
    response = _see_other(words_for(request))
    if request.app[SESSIONS].admits(request.query.get("pass", "")):
        request.app[SESSIONS].open(request, response)
    else:
        _log.warning("operator page: a link was refused")
    return response


async def login(request: web.Request) -> web.Response:
    _require_own_page(request)
    words = words_for(request)
    given = (await request.post()).get("key", "")
    key = given.strip() if isinstance(given, str) else ""
    if request.app[KEYS].role_of(key) is not KeyRole.OPERATOR:
        _log.warning("operator page: a key was refused", remote=request.remote)
        return _html(page.login(words, refused=True), status=403)
    response = _see_other(words)
    request.app[SESSIONS].open(request, response)
    return response


async def logout(request: web.Request) -> web.Response:
    _require_own_page(request)
    response = _see_other(words_for(request))
    request.app[SESSIONS].close(request, response)
    return response


async def static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in FILES:
        raise web.HTTPNotFound
    text = (STATIC / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=FILES[name], headers=HEADERS | {"Cache-Control": "no-cache"})


def _require_own_page(request: web.Request) -> None:
    """Raises NotAllowed: no other page, of another port of this machine either, sends these forms."""
    origin = request.headers.get("Origin")
    own = origin is None or urlsplit(origin).netloc == request.host
    if not own or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowed(action="send", who="the operator's own page")


def _see_other(words: Words) -> web.Response:
    return web.Response(status=303, headers=HEADERS | {"Location": f"{PAGE}?lang={words.language}"})


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)
