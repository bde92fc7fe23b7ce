"""Who may talk to the page's server: the page itself, on this machine, and nothing another site could forge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_here(host: str, allowed: Collection[str]) -> bool:
    """Whether a Host header names loopback or an allowed name (a foreign one means DNS rebinding)."""
    name = (urlsplit(f"//{host}").hostname or "").lower()
    if name == "localhost" or name in allowed:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_same_origin(request: web.Request) -> bool:
    """Whether the browser says that our own page asks; requests that change something must come from it."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.host
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def guard(allowed_hosts: Collection[str]) -> Middleware:
    """A middleware that turns strangers away and marks every answer with the content policy."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_here(request.host, allowed_hosts):
            raise web.HTTPMisdirectedRequest(text="This host name is not served here.")
        if request.method not in ("GET", "HEAD") and not is_same_origin(request):
            raise web.HTTPForbidden(text="Only the playground's own page may ask this.")
        return await handler(request)

    return middleware


async def mark(_request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: streams and errors carry the headers too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
