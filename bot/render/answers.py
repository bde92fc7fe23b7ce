"""What is said at once to the one who asked: the price, and how long it takes."""

from __future__ import annotations

from bot.render.words import duration, rest
from bot.texts import Texts
from inference.types import Job


def accepted_text(job: Job, texts: Texts) -> str:
    """`Uses 1 of 50 this month · about 40 s · 2 ahead of you`."""
    if job.status.is_final:
        return texts("answer-known")
    charge = job.charge
    parts = [
        texts("answer-charged", clips=charge.clips, used=charge.used, limit=charge.limit)
        if charge.clips
        else texts("answer-free")
    ]
    if job.estimate is not None:
        seconds = job.estimate.wait_seconds + job.estimate.render_seconds
        if job.estimate.is_worker_starting:
            parts.append(texts("answer-takes-starting", duration=duration(seconds, texts)))
        else:
            parts.append(rest(seconds, texts, "answer-takes"))
        parts.append(texts("answer-ahead", ahead=job.estimate.ahead))
    return " · ".join(parts)
