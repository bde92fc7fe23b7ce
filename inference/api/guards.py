"""Middlewares, outermost first: every failure in the envelope, only known hosts, only known keys."""

from __future__ import annotations

import re

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from inference.api import refusals
from inference.api.context import CALLER, KEYS, METRICS, SETTINGS, Caller
from inference.api.keys import KeyRole
from inference.errors import InvalidValue, NotAllowed, ThreadreelError, Unauthorized
from inference.types import OPERATORS, Identity, Place, Requester
from inference.wire import CONTEXT_HEADER, MEMBER_HEADER, PAGE, SHARED, decode_requester

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Read by orchestrators under any address and without a key; they hold counts only."""

_IDENTITY = re.compile(r"[a-z]+:[^\s\ud800-\udfff]{1,200}")
_log = structlog.get_logger(__name__)


def _is_open(path: str) -> bool:
    """Whether no key is asked for: a link to a clip bears its own leave, under whatever address it is reached."""
    return path in PROBES or path.startswith(f"{SHARED}/")


def _is_page(path: str) -> bool:
    """The operator's page asks for the key itself, by a form, and takes a cookie for it then."""
    return path == PAGE or path.startswith(f"{PAGE}/")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Translate every failure, count refusals, and let no traceback out."""
    try:
        return await handler(request)
    except ThreadreelError as error:
        response = refusals.refusal(error)
        if response.status >= 500:
            _log.error("request failed", path=request.path, code=error.code, exc_info=error)
        request.app[METRICS].refused(error.code)
        return response
    except web.HTTPException as error:
        return refusals.of_http(error)
    except ConnectionResetError:
        raise  # the other side has gone; there is nobody to answer
    except Exception:  # noqa: BLE001  # the last line of defence: whatever it is, it ends in the log and the envelope
        _log.exception("request crashed", path=request.path)
        return refusals.envelope(status=500, message="Something went wrong.", code="internal_error")


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse foreign Host and Origin headers: no web page shall reach a local server through a visitor's browser."""
    if _is_open(request.path):
        return await handler(request)
    allowed = LOOPBACK.union(request.app[SETTINGS].allowed_hosts)
    origin = request.headers.get("Origin")
    named = [f"http://{request.host}", *([origin] if origin is not None else [])]
    if any(_host_of(url) not in allowed for url in named):
        raise NotAllowed(action="call", who="the hosts in api.allowed_hosts")
    return await handler(request)


def _host_of(url: str) -> str | None:
    try:
        return URL(url).host
    except ValueError:
        return None


@web.middleware
async def check_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the caller by their key. Raises Unauthorized; NotAllowed where the key may not act for whom it names."""
    if _is_open(request.path) or _is_page(request.path):
        return await handler(request)
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    role = request.app[KEYS].role_of(key.strip()) if scheme.lower() == "bearer" else None
    if role is None:
        raise Unauthorized
    request[CALLER] = Caller(role=role, requester=_requester(request, role))
    return await handler(request)


def _requester(request: web.Request, role: KeyRole) -> Requester | None:
    named = request.headers.get(MEMBER_HEADER)
    context = request.headers.get(CONTEXT_HEADER)
    if named is None and context is None:
        return _as_itself(Identity("api:operator")) if role is KeyRole.OPERATOR else None
    if named is None or not _IDENTITY.fullmatch(named):
        raise InvalidValue(name=MEMBER_HEADER, value=(named or "")[:40], allowed="an identity such as discord:USER")
    requester = _as_itself(Identity(named)) if context is None else decode_requester(context)
    if requester.identity != named:
        raise InvalidValue(
            name=CONTEXT_HEADER, value=requester.identity[:40], allowed=f"the same identity as {MEMBER_HEADER}"
        )
    if (role is KeyRole.OPERATOR) is not (requester.identity in OPERATORS):
        holder = "a bot's key" if role is KeyRole.OPERATOR else "an operator's key"
        raise NotAllowed(action=f"name {named[:40]} for", who=holder)
    return requester


def _as_itself(identity: Identity) -> Requester:
    platform, _, name = identity.partition(":")
    return Requester(identity=identity, display_name=name, place=Place(platform=platform))
