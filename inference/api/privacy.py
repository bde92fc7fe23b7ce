"""Privacy as it is, for `inference.client`."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from inference.api.bodies import checked
from inference.api.content import answer, as_attachment
from inference.api.context import PRIVACY, requester_of
from inference.wire import NATIVE


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    max_bytes: Annotated[int | None, Field(gt=0)] = None


def routes() -> list[web.RouteDef]:
    return [web.get(f"{NATIVE}/data", own_data), web.delete(f"{NATIVE}/data", forget)]


async def own_data(request: web.Request) -> web.StreamResponse:
    """A zip; another one each time, so that it is no use to anybody's cache."""
    wanted = checked(_Wanted, request.query)
    async with request.app[PRIVACY].own_data(requester_of(request), wanted.max_bytes) as opened:
        return await answer(request, opened, None, as_attachment(opened, None))


async def forget(request: web.Request) -> web.Response:
    await request.app[PRIVACY].forget(requester_of(request))
    return web.Response(status=204)
