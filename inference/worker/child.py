"""What a worker's process does about its parent and its signals."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading

BEHIND_OTHERS = 5
"""Niceness of the rendering threads: where they render on the CPU, an acknowledgement goes first."""

PR_SET_PDEATHSIG = 1
"""Linux, prctl(2): the signal that this process gets when its parent dies."""


def die_with_parent(stdin: int) -> None:
    """Never outlive the supervisor, however it dies: nobody would free our lease or end us.

    `stdin` is a pipe whose other end only the supervisor holds. The kernel's own signal comes on top where there is
    one, for the watching thread cannot run while native code holds the interpreter.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_die_at_end, args=(stdin,), name="parent-watch", daemon=True).start()


def _die_at_end(stdin: int) -> None:
    while os.read(stdin, 64):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def step_behind() -> None:
    """Let this thread, and those that it will start, run behind all that answers people.

    Not the whole process: its other threads hold the database's lock at times, and whoever holds that must go first.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND_OTHERS)


def stop_on_signals(*signals: signal.Signals) -> asyncio.Event:
    """An event that these signals set, instead of ending the process."""
    stop = asyncio.Event()
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
