"""Of joining accounts, and of taking them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors.base import RequestRejected


@dataclass(eq=False, kw_only=True)
class LinkCodeInvalid(RequestRejected):
    """Said alike of a code that never was, one that was used, and one that came too late."""

    code: ClassVar[str] = "link_code_invalid"
    template: ClassVar[str] = "This code is none, or it was used or has expired. Ask for a new one."


@dataclass(eq=False, kw_only=True)
class TooManyTries(RequestRejected):
    """Nobody shall guess."""

    code: ClassVar[str] = "too_many_tries"
    template: ClassVar[str] = "Too many codes were tried. Try again after {until}."

    #: ISO 8601, UTC.
    until: str


@dataclass(eq=False, kw_only=True)
class CannotLink(RequestRejected):
    code: ClassVar[str] = "cannot_link"
    template: ClassVar[str] = "These accounts cannot be linked: {reason}."

    #: `operators`, `already one` or `blocked`.
    reason: str


@dataclass(eq=False, kw_only=True)
class CannotUnlink(RequestRejected):
    code: ClassVar[str] = "cannot_unlink"
    template: ClassVar[str] = "{identity} cannot be unlinked: {reason}."

    identity: str
    #: `the only one` or `not yours`.
    reason: str
