"""Bytes on their way to a member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedClip:
    """Bytes of one rendition, and what a face needs to post them."""

    #: Read with `read(n)`; blocking, local or spooled.
    stream: BinaryIO = field(repr=False)
    length: int
    media_type: str
    filename: str
