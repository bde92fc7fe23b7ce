"""Small pieces of text that several cards share."""

from __future__ import annotations

from bot.texts import Texts
from inference.types import Again, Estimate, Generate, Job, Operation, Remix, Stage

SHORT = 80


MOMENT = 1.5
"""Seconds under which a number says no more than that it is soon."""


def duration(seconds: float, texts: Texts) -> str:
    """`40 s`, `3 min 20 s`, `1 h 5 min`: everywhere in one form."""
    whole = max(1, round(seconds))
    if whole < 60:
        return texts("duration-seconds", seconds=whole)
    if whole < 3600:
        return texts("duration-minutes", minutes=whole // 60, seconds=whole % 60)
    return texts("duration-hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def rest(seconds: float | None, texts: Texts, key: str = "job-eta") -> str:
    """`about 40 s left`; `a moment left` where it is soon or not known. `key` names another such pair of messages."""
    if seconds is None or seconds < MOMENT:
        return texts(f"{key}-moment")
    return texts(key, duration=duration(seconds, texts))


def waiting(estimate: Estimate, texts: Texts) -> tuple[str, str]:
    """A queued job's place, and when its clip is there."""
    seconds = estimate.wait_seconds + estimate.render_seconds
    if estimate.is_worker_starting:
        return texts("job-starting"), texts("job-eta-starting", duration=duration(seconds, texts))
    return texts("job-queued", ahead=estimate.ahead), rest(seconds, texts)


def short(text: str, limit: int = SHORT) -> str:
    """The text on one line, cut where it is longer than `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def number(value: float) -> str:
    """`2` for 2.0, `2.5` for 2.5, `2.1` for 2.0833."""
    return f"{value:.1f}".removesuffix(".0")


def megabytes(length: int, *, up: bool = False) -> str:
    """`5 MB`, `0.1 MB`: to a tenth, downwards unless `up`."""
    tenths = -(-length * 10 // 2**20) if up else length * 10 // 2**20
    return f"{number(tenths / 10)} MB"


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
