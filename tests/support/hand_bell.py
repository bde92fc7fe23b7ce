"""A bell that the test rings."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class HandBell:
    """Implements Bell."""

    is_listening: bool = True
    acts: list[Callable[[str], None]] = field(default_factory=list)

    def on_ring(self, act: Callable[[str], None]) -> None:
        self.acts.append(act)

    def ring(self, status: str) -> None:
        for act in self.acts:
            act(status)
