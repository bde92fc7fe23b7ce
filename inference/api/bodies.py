"""Request bodies: JSON, forms and multipart, read within bounds and checked by a pydantic model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from inference.api.context import SETTINGS
from inference.errors import InvalidValue, UploadTooLarge
from inference.types import Upload

MAX_FIELDS = 32
MAX_FIELD_BYTES = 256 * 1024
"""Of all text fields together; the longest prompt in UTF-8 is far below."""

_CHUNK = 64 * 1024
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Fields by name, and the file, if one was sent."""

    fields: Mapping[str, Any]
    upload: Upload | None = None


def checked(model: type[Model], fields: Mapping[str, Any]) -> Model:
    """The fields as the model wants them. Raises InvalidValue naming the first wrong one."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        refuse(error)


def refuse(error: ValidationError, whole: str = "body") -> NoReturn:
    """Say pydantic's first finding in our own error; `whole` names what has no field."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"]) or whole
    value = "" if first["type"] == "missing" else str(first["input"])[:80]
    allowed = "no such field" if first["type"] == "extra_forbidden" else first["msg"]
    raise InvalidValue(name=name, value=value, allowed=allowed) from error


async def read_body(request: web.Request, file_field: str) -> Body:
    """The body, whatever its kind. Raises InvalidValue, or UploadTooLarge before more than the limit was read."""
    kind = request.content_type
    if kind == "application/json":
        return Body(fields=await read_json(request))
    if kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        try:
            return await (_multipart(request, file_field) if kind.startswith("multipart") else _form(request))
        except ValueError as error:  # what aiohttp says of a malformed body
            raise InvalidValue(name="body", value=kind, allowed="a well-formed form") from error
    raise InvalidValue(name="Content-Type", value=kind[:40], allowed="application/json or multipart/form-data")


async def read_json(request: web.Request) -> dict[str, Any]:
    """A JSON object. Raises InvalidValue for anything else."""
    text = await _bounded(request.content, _json_limit(request), request.content_length)
    try:
        value = from_json(text, allow_inf_nan=False)  # stricter than the standard library's: no half characters
    except ValueError as error:
        shown = text[:40].decode(errors="replace")
        raise InvalidValue(name="body", value=shown, allowed="well-formed JSON") from error
    if not isinstance(value, dict):
        raise InvalidValue(name="body", value=str(value)[:40], allowed="a JSON object")
    return value


def _json_limit(request: web.Request) -> int:
    """Room for the largest upload as a base64 data URL."""
    return request.app[SETTINGS].max_upload_bytes * 4 // 3 + MAX_FIELD_BYTES


async def _form(request: web.Request) -> Body:
    return Body(fields=dict(await request.post()))


async def _multipart(request: web.Request, file_field: str) -> Body:
    fields: dict[str, Any] = {}
    upload: Upload | None = None
    room = MAX_FIELD_BYTES
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        name = _name_of(part)
        if len(fields) >= MAX_FIELDS or name in fields or (upload and name == file_field):
            raise InvalidValue(name=name[:40], value="", allowed=f"each field once, {MAX_FIELDS} at most")
        assert isinstance(part, BodyPartReader)
        if name == file_field and part.filename is not None:
            data = await _bounded_part(part, request.app[SETTINGS].max_upload_bytes, request.content_length)
            upload = Upload(data=data, filename=part.filename[:200])
        else:
            text = await _bounded_part(part, room, request.content_length)
            room -= len(text)
            fields[name] = text.decode("utf-8")
    return Body(fields=fields, upload=upload)


def _name_of(part: MultipartReader | BodyPartReader) -> str:
    if isinstance(part, MultipartReader) or not part.name:
        raise InvalidValue(name="body", value="multipart", allowed="named parts, not nested ones")
    return part.name


async def _bounded_part(part: BodyPartReader, limit: int, announced: int | None) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        data += chunk
        _check_size(len(data), limit, announced)
    return bytes(data)


async def _bounded(content: Any, limit: int, announced: int | None) -> bytes:
    data = bytearray()
    async for chunk in content.iter_chunked(_CHUNK):
        data += chunk
        _check_size(len(data), limit, announced)
    return bytes(data)


def _check_size(read: int, limit: int, announced: int | None) -> None:
    if read > limit:
        raise UploadTooLarge(size=max(read, announced or 0), limit=limit)
