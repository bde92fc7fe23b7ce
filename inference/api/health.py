"""For orchestrators and Prometheus: does it live, can it work, and how much."""

from __future__ import annotations

from aiohttp import web

from inference.api.context import METRICS, READY, WATCH
from inference.errors import ThreadreelError


def routes() -> list[web.RouteDef]:
    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


async def alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """200 where every check holds, else 503; the checks are named in the body."""
    checks = dict(await request.app[READY]()) if READY in request.app else {}
    if WATCH in request.app:
        checks["database"] = await _reachable(request)
    is_ready = all(checks.values())
    return web.json_response({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


async def _reachable(request: web.Request) -> bool:
    try:
        await request.app[WATCH].last_cursor()
    except ThreadreelError:
        return False
    return True


async def metrics(request: web.Request) -> web.Response:
    figures = request.app[METRICS]
    if WATCH in request.app:
        figures.counted(await request.app[WATCH].counts())
    return web.Response(body=figures.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
