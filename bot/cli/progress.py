"""A progress bar on a terminal; elsewhere a line for each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.cli.outcome import err, texts
from bot.render.job import job_card
from bot.texts import Texts
from inference.types import Job, JobStatus, Stage


def _lines(words: Texts) -> Callable[[Job], None]:
    """Says each stage once, as it begins."""
    said: list[Stage | JobStatus] = []

    def watch(job: Job) -> None:
        at = job.progress.stage if job.progress else job.status
        bar = job_card(job, words).progress
        if bar is not None and at not in said:
            said.append(at)
            err.print(" · ".join(part for part in (bar.label, bar.eta) if part), markup=False)

    return watch


@contextmanager
def shown() -> Iterator[Callable[[Job], None]]:
    """A function that shows the job as it is now, in the words of the chat's card."""
    if not err.is_terminal:
        yield _lines(texts())
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
