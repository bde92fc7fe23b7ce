"""Small pieces of text that several cards share."""

from __future__ import annotations

from bot.texts import Texts
from inference.types import Again, Generate, Job, Operation, Remix, Stage

SHORT = 80


def duration(seconds: float, texts: Texts) -> str:
    """`40 s`, `3 min 20 s`, `1 h 5 min`: no more exact than an estimate can be."""
    whole = max(1, round(seconds))
    if whole < 90:
        return texts("duration-seconds", seconds=whole)
    if whole < 3600:
        return texts("duration-minutes", minutes=whole // 60, seconds=whole % 60)
    return texts("duration-hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def short(text: str, limit: int = SHORT) -> str:
    """The text on one line, cut where it is longer than `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def number(value: float) -> str:
    """`2` for 2.0, `2.5` for 2.5, `2.1` for 2.0833."""
    return f"{value:.1f}".removesuffix(".0")


def written(operation: Operation) -> str:
    """What the member wrote; empty where only a button was pressed."""
    match operation:
        case Generate():
            return operation.prompt
        case Remix():
            return operation.instruction or operation.prompt or ""
        case Again():
            return ""


def title(job: Job) -> str:
    """What a job is called: what was written, else its whole prompt."""
    return written(job.operation) or job.recipe.prompt


def stage(job: Job, texts: Texts) -> str:
    """What a running job is at."""
    if job.cancel_requested:
        return texts("job-cancelling")
    if job.progress is None:
        return texts("job-retry", attempt=job.attempt) if job.attempt > 1 else texts("stage-loading")
    if job.progress.stage == Stage.DENOISING:
        return texts("stage-denoising", step=job.progress.step, total=job.progress.total)
    return texts(f"stage-{job.progress.stage}")
