"""Errors over a wire: by their code and values."""

from __future__ import annotations

from dataclasses import fields

from inference.errors.base import FieldValue, ThreadreelError


def _all_classes(root: type[ThreadreelError]) -> list[type[ThreadreelError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _all_classes(child))]


def from_code(code: str, values: dict[str, FieldValue]) -> ThreadreelError:
    """The error that `code` and `values()` describe; `ThreadreelError` where this version knows no such code."""
    by_code = {cls.code: cls for cls in _all_classes(ThreadreelError)}
    cls = by_code.get(code, ThreadreelError)
    known = {f.name for f in fields(cls)}
    try:
        return cls(**{name: value for name, value in values.items() if name in known})
    except TypeError:
        return ThreadreelError()
