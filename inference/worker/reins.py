"""How the loop stops the thread that renders."""

from __future__ import annotations

import threading

from inference.engines.port import Interrupted


class MustStop(Interrupted):
    """The worker was told to stop; the job goes back to the queue."""


class Untended(Interrupted):
    """The loop can no longer keep this job's lease; another attempt may."""


class Reins:
    """Held by the loop, felt by the rendering thread: the first `pull` is raised at its next `check`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: Exception | None = None

    def pull(self, reason: Exception) -> None:
        """Ask the rendering thread to stop with `reason`. Later pulls change nothing."""
        with self._lock:
            self._reason = self._reason or reason

    def check(self) -> None:
        """Raises what was pulled. Called between steps, decoded batches and stored files."""
        if self._reason is not None:
            raise self._reason
