"""What a process that `threadreel up` started does when `up` dies without a word: it ends too.

Workers have a stricter one, `inference.worker.child.die_with_parent`: they may be killed at any moment.
"""

from __future__ import annotations

import os
import signal
import threading

GRACE_SECONDS = 10.0


def end_with_parent(stdin: int) -> None:
    """`stdin` is a pipe whose other end only the parent holds.

    When it ends, this process is asked to stop, then killed.
    """
    threading.Thread(target=_watch, args=(stdin,), name="lifeline", daemon=True).start()


def _watch(stdin: int) -> None:
    while os.read(stdin, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
