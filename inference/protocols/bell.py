"""Whoever waits for the rows to change, to whoever hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Bell(Protocol):
    """Rings where the status of any job changed, in whichever process. Rings may be lost: it spares looks, not all."""

    @property
    def is_listening(self) -> bool:
        """False where changes are found by looking alone: no ring will come for now."""
        ...

    def on_ring(self, act: Callable[[str], None]) -> None:
        """Call `act` with the new status once the change can be read; with "" for any that were missed."""
        ...


class Silence:
    """A bell that never rings, for a database that tells nobody of changes."""

    is_listening = False

    def on_ring(self, act: Callable[[str], None]) -> None:
        """Nothing to be called for."""
