"""What the logs show, and what they must not."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress

import pytest

from inference.logs import is_no_departure

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


@pytest.mark.parametrize(
    ("error", "is_told"), [(ConnectionResetError("Cannot write to closing transport"), False), (ValueError("no"), True)]
)
def test_a_viewer_who_leaves_is_no_error(error: Exception, is_told: bool) -> None:
    raised = (type(error), error, None)
    record = logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, "Error handling request", None, raised)
    assert is_no_departure(record) is is_told
