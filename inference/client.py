"""The service's two doors over HTTP: what the faces hold where the service runs in another process.

Errors come back as the same classes that the service raises; whatever goes wrong on the way is ServiceUnavailable.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, cast

import aiohttp
import structlog
from aiohttp.http_exceptions import LineTooLong
from pydantic import ValidationError
from yarl import URL

from inference.codec import from_json, to_json, to_plain
from inference.errors import NotFound, ServiceUnavailable, ThreadreelError, from_code
from inference.protocols import OpenedClip
from inference.types import (
    Account,
    AccountChange,
    ClipLink,
    ClipPage,
    ClipQuery,
    Family,
    Generate,
    Identity,
    Job,
    JobEvent,
    JobId,
    JobPage,
    JobQuery,
    MemberStanding,
    Offer,
    Operation,
    Place,
    Policy,
    Requester,
    ServerChange,
    Upload,
    UsageRow,
    Variant,
)
from inference.wire import (
    CONTEXT_HEADER,
    IDEMPOTENCY_HEADER,
    KEEP_ALIVE_SECONDS,
    MEMBER_HEADER,
    NATIVE,
    encode_requester,
)

_ANSWER = aiohttp.ClientTimeout(total=60, sock_connect=5)
_BYTES = aiohttp.ClientTimeout(sock_connect=5, sock_read=300)
"""A smaller rendition is made before its first byte comes."""

_STREAM = aiohttp.ClientTimeout(sock_connect=5, sock_read=3 * KEEP_ALIVE_SECONDS)
_LINE_BYTES = 1024 * 1024
"""Longest event: a job with its recipe, a few prompts long."""

_CHUNK = 256 * 1024
_SPOOL_BYTES = 1024 * 1024
"""Of a rendition kept in memory; the rest goes to a temporary file."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Client:
    """All doors of the server at `base_url` (its root or its `/v1`).

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

    # --- GenerationService ---

    async def submit(
        self, operation: Operation, requester: Requester, reply_to: str = "", idempotency_key: str | None = None
    ) -> Job:
        headers = _acting(requester) | ({IDEMPOTENCY_HEADER: idempotency_key} if idempotency_key is not None else {})
        body = _submission(operation, reply_to)
        return await self._ask(Job, "POST", f"{NATIVE}/jobs", headers=headers, **body)

    async def get(self, job: JobId, requester: Requester) -> Job:
        return await self._ask(Job, "GET", f"{NATIVE}/jobs/{_part(job)}", headers=_acting(requester))

    async def cancel(self, job: JobId, requester: Requester) -> Job:
        return await self._ask(Job, "POST", f"{NATIVE}/jobs/{_part(job)}/cancel", headers=_acting(requester))

    async def mark_delivered(self, job: JobId) -> None:
        await self._tell("POST", f"{NATIVE}/jobs/{_part(job)}/delivered")

    async def events(self, after: int | None = None) -> AsyncIterator[JobEvent]:
        """See the port. A broken line is taken up again behind the last cursor, with growing pauses."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async for event in self._stream(after):
                    after = event.cursor
                    pause = _FIRST_PAUSE
                    yield event
            except ServiceUnavailable as error:
                _log.info("event stream broke", after=after, pause=pause, detail=error.detail)
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, _LONGEST_PAUSE)

    @asynccontextmanager
    async def open_clip(
        self, job: JobId, requester: Requester, variant: Variant = Variant.VIDEO, max_bytes: int | None = None
    ) -> AsyncIterator[OpenedClip]:
        query = {"variant": variant.value} | ({"max_bytes": str(max_bytes)} if max_bytes is not None else {})
        path = f"/v1/videos/{_part(job)}/content"
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            async with self._response(
                "GET", path, headers=_acting(requester), params=query, timeout=_BYTES
            ) as response:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    await asyncio.to_thread(spool.write, chunk)
                length = spool.tell()
                named = response.content_disposition
                media_type = response.content_type
            spool.seek(0)
            filename = (named.filename if named else None) or job
            yield OpenedClip(stream=cast(BinaryIO, spool), length=length, media_type=media_type, filename=filename)

    # --- ClipLinks ---

    async def link(self, clip: JobId, requester: Requester) -> ClipLink | None:
        path = f"{NATIVE}/clips/{_part(clip, 'clip')}/links"
        links = await self._ask(tuple[ClipLink, ...], "GET", path, headers=_acting(requester))
        return next(iter(links), None)

    # --- HouseRules ---

    async def policy(self, place: Place) -> Policy:
        return await self._ask(Policy, "GET", f"{NATIVE}/policy", params={"query": to_json(Place, place)})

    async def govern(self, change: ServerChange, requester: Requester) -> None:
        body = to_plain(ServerChange, change)
        await self._tell("PATCH", f"{NATIVE}/server", headers=_acting(requester), json=body)

    async def standing(self, member: Requester, requester: Requester) -> MemberStanding:
        of = {"query": to_json(Requester, member)}
        return await self._ask(MemberStanding, "GET", f"{NATIVE}/standing", headers=_acting(requester), params=of)

    # --- Library ---

    async def jobs(self, query: JobQuery, requester: Requester) -> JobPage:
        return await self._list(JobPage, "jobs", to_json(JobQuery, query), requester)

    async def clips(self, query: ClipQuery, requester: Requester) -> ClipPage:
        return await self._list(ClipPage, "clips", to_json(ClipQuery, query), requester)

    async def clip(self, clip: JobId, requester: Requester) -> Family:
        return await self._ask(Family, "GET", f"{NATIVE}/clips/{_part(clip, 'clip')}", headers=_acting(requester))

    async def delete(self, clip: JobId, requester: Requester) -> None:
        await self._tell("DELETE", f"{NATIVE}/clips/{_part(clip, 'clip')}", headers=_acting(requester))

    async def account(self, requester: Requester, identity: Identity | None = None) -> Account:
        of = {"identity": identity} if identity is not None else {}
        return await self._ask(Account, "GET", f"{NATIVE}/account", headers=_acting(requester), params=of)

    async def change_account(
        self, change: AccountChange, requester: Requester, identity: Identity | None = None
    ) -> Account:
        of = {"identity": identity} if identity is not None else {}
        body = to_plain(AccountChange, change)
        return await self._ask(Account, "PATCH", f"{NATIVE}/account", headers=_acting(requester), params=of, json=body)

    async def usage(self, requester: Requester, month: str | None = None) -> Sequence[UsageRow]:
        of = {"month": month} if month is not None else {}
        return await self._ask(tuple[UsageRow, ...], "GET", f"{NATIVE}/usage", headers=_acting(requester), params=of)

    # --- Catalogue ---

    async def offer(self) -> Offer:
        return await self._ask(Offer, "GET", f"{NATIVE}/offer")

    # --- The wire ---

    async def _list(self, type_: type[T], what: str, query: str, requester: Requester) -> T:
        return await self._ask(type_, "GET", f"{NATIVE}/{what}", headers=_acting(requester), params={"query": query})

    async def _ask(self, type_: type[T], method: str, path: str, **options: Any) -> T:
        """One request, and its answer as a value of `type_`."""
        async with self._response(method, path, timeout=_ANSWER, **options) as response:
            return cast(T, from_json(type_, await response.read()))

    async def _tell(self, method: str, path: str, **options: Any) -> None:
        """One request whose answer has no body."""
        async with self._response(method, path, timeout=_ANSWER, **options):
            pass

    async def _stream(self, after: int | None) -> AsyncIterator[JobEvent]:
        query = {"after": str(after)} if after is not None else {}
        opening = self._response("GET", f"{NATIVE}/events", params=query, timeout=_STREAM, read_bufsize=_LINE_BYTES)
        async with opening as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield from_json(JobEvent, line.removeprefix(b"data: "))

    @asynccontextmanager
    async def _response(
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


def _acting(requester: Requester) -> dict[str, str]:
    return {MEMBER_HEADER: requester.identity, CONTEXT_HEADER: encode_requester(requester)}


def _part(job: JobId, what: str = "job") -> str:
    """The id as one part of a path. Raises NotFound for what can be none, such as `..`, which would lead elsewhere."""
    if not _ID.fullmatch(job):
        raise NotFound(what=what, id=job)
    return job


def _submission(operation: Operation, reply_to: str) -> dict[str, Any]:
    """The body of a submit, as aiohttp's arguments; bytes of an upload travel as a part of their own."""
    image = operation.image if isinstance(operation, Generate) else None
    if not isinstance(image, Upload):
        return {"json": {"operation": to_plain(Operation, operation), "reply_to": reply_to}}
    assert isinstance(operation, Generate)
    bare = to_json(Operation, replace(operation, image=None))
    form = aiohttp.FormData()
    form.add_field("request", f'{{"operation": {bare}, "reply_to": {json.dumps(reply_to)}}}')
    # As a file: aiohttp warns of large bytes, which would hold up the event loop.
    form.add_field(
        "image", io.BytesIO(image.data), filename=image.filename or "upload", content_type="application/octet-stream"
    )
    return {"data": form}


def _error(status: int, body: bytes) -> ThreadreelError:
    """The error that the envelope describes; ServiceUnavailable where it is none of ours."""
    try:
        told = json.loads(body)["error"]
        error = from_code(told["code"], told["details"])
    except (ValueError, KeyError, TypeError):
        return ServiceUnavailable(detail=f"the server answered {status}")
    return ServiceUnavailable(detail=told["message"]) if type(error) is ThreadreelError else error
