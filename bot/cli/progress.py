"""A progress bar on a terminal; silence elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.cli.outcome import err, texts
from bot.render.job import job_card
from inference.types import Job


@contextmanager
def shown() -> Iterator[Callable[[Job], None]]:
    """A function that shows the job as it is now, in the words of the chat's card."""
    if not err.is_terminal:
        yield lambda _job: None
        return
    words = texts()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[eta]}"))
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=1.0, eta="")

        def watch(job: Job) -> None:
            bar = job_card(job, words).progress
            if bar is not None:
                bars.update(task, description=bar.label, completed=bar.fraction, eta=bar.eta)

        yield watch
