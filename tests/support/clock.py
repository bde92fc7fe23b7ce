"""A clock that tests move, in place of the database's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass
class Clock:
    """It starts in the middle of a month."""

    seconds: float = datetime(2026, 11, 15, 12, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds

    def set(self, moment: datetime) -> None:
        self.seconds = moment.timestamp()
