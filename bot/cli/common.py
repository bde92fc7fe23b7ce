"""What all commands share: where the data lies, how they print, how they run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.cli.outcome import err
from bot.settings import Settings
from inference.logs import configure_logs

T = TypeVar("T")
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Database, clips and keys (./data).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


def counted(count: int, one: str, many: str = "") -> str:
    """`1 job`, `2 jobs`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def ending(until: str | None) -> str:
    """Until when, as people say it: of midnight (UTC) the day before, which is the last one."""
    if until is None:
        return ""
    end = datetime.fromisoformat(until)
    if end.time() == time.min:
        return f" until the end of {end - timedelta(days=1):%Y-%m-%d} (UTC)"
    return f" until {end:%Y-%m-%d %H:%M} (UTC)"


def settings_for(data_dir: Path | None) -> Settings:
    return Settings() if data_dir is None else Settings(data_dir=data_dir)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    configure_logs(process="cli")
    with err.status("…") if err.is_terminal else nullcontext():
        return asyncio.run(coroutine)
