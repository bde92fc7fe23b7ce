"""Processes of ours, and what tests want to know of those that they did not start themselves."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


def alive(pid: int) -> bool:
    """Neither gone nor a zombie that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@asynccontextmanager
async def running(*arguments: object, **environment: str) -> AsyncIterator[Process]:
    """`python -m ARGUMENTS`, ended with the block."""
    command = [sys.executable, "-m", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment, stdout=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
