"""Several identities, one member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """Typed by the same person elsewhere it makes one member of two. It works once, and for a while."""

    code: str = field(repr=False)
    expires_at: datetime
