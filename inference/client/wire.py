"""Speaking HTTP with the service: one request, its answer as a value, its refusal as our error."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import aiohttp
from aiohttp.http_exceptions import LineTooLong
from pydantic import ValidationError
from yarl import URL

from inference.codec import from_json
from inference.errors import NotFound, ServiceUnavailable, ThreadreelError, from_code
from inference.types import JobId, Requester
from inference.wire import CONTEXT_HEADER, MEMBER_HEADER, encode_requester

ANSWER = aiohttp.ClientTimeout(total=60, sock_connect=5)
PLOT = aiohttp.ClientTimeout(total=120, sock_connect=5)
"""The first plot of a service waits for its library."""
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
T = TypeVar("T")


class Wire:
    """Requests to the server at `base_url` (its root or its `/v1`).

    An async context manager. A `session` that is handed in stays open; it must not carry a base URL of its own.
    """

    def __init__(self, base_url: str, key: str, *, session: aiohttp.ClientSession | None = None) -> None:
        self._root = URL(base_url.rstrip("/").removesuffix("/v1"))
        self._key = key
        self._session = session
        self._owns_session = session is None

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, type_: type[T], method: str, path: str, **options: Any) -> T:
        """One request, and its answer as a value of `type_`."""
        async with self.response(method, path, timeout=ANSWER, **options) as response:
            return cast(T, from_json(type_, await response.read()))

    async def tell(self, method: str, path: str, **options: Any) -> None:
        """One request whose answer has no body."""
        async with self.response(method, path, timeout=ANSWER, **options):
            pass

    @asynccontextmanager
    async def response(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The one place that speaks HTTP: refusals become our errors, everything else ServiceUnavailable."""
        assert self._session is not None, "use `async with Client(...)`"
        authorized = {"Authorization": f"Bearer {self._key}", **(headers or {})}
        url = self._root.joinpath(path.lstrip("/"), encoded=True)
        try:
            async with self._session.request(method, url, headers=authorized, **options) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    raise _error(response.status, await response.read())
                yield response
        except (aiohttp.ClientError, LineTooLong, TimeoutError, ConnectionError) as error:
            raise ServiceUnavailable(detail=str(error) or type(error).__name__) from error
        except ValidationError as error:
            raise ServiceUnavailable(detail="the server's answer was not understood") from error


def acting(requester: Requester) -> dict[str, str]:
    return {MEMBER_HEADER: requester.identity, CONTEXT_HEADER: encode_requester(requester)}


def part(job: JobId, what: str = "job") -> str:
    """The id as one part of a path. Raises NotFound for what can be none, such as `..`, which would lead elsewhere."""
    if not _ID.fullmatch(job):
        raise NotFound(what=what, id=job)
    return job


def _error(status: int, body: bytes) -> ThreadreelError:
    """The error that the envelope describes; ServiceUnavailable where it is none of ours."""
    try:
        told = json.loads(body)["error"]
        error = from_code(told["code"], told["details"])
    except (ValueError, KeyError, TypeError):
        return ServiceUnavailable(detail=f"the server answered {status}")
    return ServiceUnavailable(detail=told["message"]) if type(error) is ThreadreelError else error
