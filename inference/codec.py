"""Values of `inference.types` to JSON and back: the one serialisation, for HTTP and for stored columns alike.

pydantic reads the standard library's dataclasses as they are, so the types need no decoration.
An `Upload` has no JSON form: over HTTP it travels as a part of its own, and before anything is saved it is a stored
blob.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def to_json(type_: Any, value: object) -> str:
    """JSON text of `value`, which is of `type_` (a union too)."""
    return _adapter(type_).dump_json(value).decode()


def from_json(type_: Any, text: str | bytes) -> Any:
    """The value that `to_json` wrote. Raises pydantic's ValidationError on anything else."""
    return _adapter(type_).validate_json(text)


def to_plain(type_: Any, value: object) -> Any:
    """Like `to_json`, as plain dicts, lists and scalars."""
    return _adapter(type_).dump_python(value, mode="json")


def from_plain(type_: Any, value: object) -> Any:
    """The value that `to_plain` wrote. Raises pydantic's ValidationError on anything else."""
    return _adapter(type_).validate_python(value)
