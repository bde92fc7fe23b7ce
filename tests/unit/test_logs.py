"""What the logs show, and what they must not."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

FAILING = """
import structlog
from inference.logs import configure_logs

def fail(password):
    raise ValueError("no")

configure_logs(process="test")
try:
    fail("hunter2 in a local variable")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def test_a_traceback_on_a_terminal_shows_no_local_variables() -> None:
    ours, theirs = os.openpty()
    subprocess.run([sys.executable, "-c", FAILING], stderr=theirs, check=True)
    os.close(theirs)
    told = b""
    with suppress(OSError):  # the end of a terminal that nobody holds any more
        while part := os.read(ours, 4096):
            told += part
    os.close(ours)
    assert b"ValueError" in told
    assert b"local variable" not in told
