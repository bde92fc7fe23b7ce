"""The command line: `threadreel`. Standard output holds results, standard error everything else.

Exit code 0; 2 for a wrong command line or a refused request; 1 for a failure.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

LEFT = "Cancelled. Nothing was charged."
LEFT_JSON = f'{{"status": "cancelled", "error": {{"code": "cancelled", "message": "{LEFT}"}}}}'


def main() -> None:
    """Entry point of the `threadreel` script."""
    # Loading takes seconds, and an exception may get lost in an import: until then Ctrl-C ends the process at once.
    signal.signal(signal.SIGINT, _leave)
    from bot.cli.app import app  # noqa: PLC0415  # loaded here so that importing the package stays cheap

    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Nothing was begun yet, so there is nothing to clean up."""
    os.write(2, f"{LEFT}\n".encode())
    if "--json" in sys.argv:
        os.write(1, f"{LEFT_JSON}\n".encode())
    os._exit(1)
