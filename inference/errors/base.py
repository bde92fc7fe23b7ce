"""The root of the tree, and what every error can do."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

FieldValue = str | int | float


@dataclass(eq=False)
class ThreadreelError(Exception):
    """Something went wrong in threadreel."""

    code: ClassVar[str] = "error"
    template: ClassVar[str] = "Something went wrong."

    def __str__(self) -> str:
        return self.template.format(**self.values())

    def values(self) -> dict[str, FieldValue]:
        """The error's fields, JSON-able."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(eq=False, kw_only=True)
class RequestRejected(ThreadreelError):
    """The request was refused at admission: it cost nothing and queued nothing."""

    code: ClassVar[str] = "rejected"
    template: ClassVar[str] = "The request was refused."
