"""A job as OpenAI's Video object, with our own figures under `threadreel`.

Field names as in `openai.types.Video` (openai-python 3.54).
"""

from __future__ import annotations

from typing import Any

from inference.api.refusals import public_message
from inference.codec import to_plain
from inference.errors import JobCancelled, from_code
from inference.types import Again, Charge, Estimate, Generate, Job, JobStatus, Progress, Recipe, Remix

STATUS = {
    JobStatus.QUEUED: "queued",
    JobStatus.RUNNING: "in_progress",
    JobStatus.SUCCEEDED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "failed",
}


def video(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "object": "video",
        "model": job.recipe.preset,
        "status": STATUS[job.status],
        "progress": _percent(job),
        "created_at": int(job.created_at.timestamp()),
        "completed_at": int(job.finished_at.timestamp()) if job.finished_at and job.clip else None,
        "expires_at": None,
        "prompt": _words(job),
        "remixed_from_video_id": None if isinstance(job.operation, Generate) else job.operation.parent,
        "seconds": _seconds(job.recipe),
        "size": str(job.recipe.size),
        "error": _error(job),
        "threadreel": _extras(job),
    }


def deleted(job: str) -> dict[str, Any]:
    return {"id": job, "object": "video.deleted", "deleted": True}


def page(jobs: tuple[Job, ...], *, has_more: bool) -> dict[str, Any]:
    """One page of OpenAI's cursor pagination."""
    return {
        "object": "list",
        "data": [video(job) for job in jobs],
        "first_id": jobs[0].id if jobs else None,
        "last_id": jobs[-1].id if jobs else None,
        "has_more": has_more,
    }


def _percent(job: Job) -> int:
    if job.status is JobStatus.SUCCEEDED:
        return 100
    return int(job.progress.fraction * 100) if job.progress else 0


def _words(job: Job) -> str:
    """What was asked with this very job: the instruction of a remix, not the whole rendered prompt."""
    match job.operation:
        case Generate(prompt=words):
            return words
        case Remix(instruction=instruction, prompt=prompt):
            return instruction or prompt or ""
        case Again():
            return job.recipe.prompt


def _seconds(recipe: Recipe) -> str:
    """Whole seconds where the clip is one within a frame, as OpenAI writes them."""
    whole = round(recipe.seconds)
    is_whole = whole > 0 and abs(recipe.seconds - whole) * recipe.fps <= 1
    return str(whole) if is_whole else f"{recipe.seconds:.2f}"


def _error(job: Job) -> dict[str, Any] | None:
    if job.status is JobStatus.CANCELLED:
        return {"code": JobCancelled.code, "message": str(JobCancelled())}
    if job.failure is None:
        return None
    error = from_code(job.failure.code, job.failure.fields)
    return {"code": job.failure.code, "message": public_message(error)}


def _extras(job: Job) -> dict[str, Any]:
    """What the Videos API has no word for, in ours."""
    return {
        "status": job.status.value,
        "tier": job.tier,
        "seed": job.recipe.seed,
        "fps": job.recipe.fps,
        "frames": job.recipe.num_frames,
        "native_size": str(job.recipe.native_size),
        "prompt": job.recipe.prompt,
        "attempt": job.attempt,
        "charge": to_plain(Charge, job.charge),
        "estimate": to_plain(Estimate, job.estimate) if job.estimate else None,
        "progress": to_plain(Progress, job.progress) if job.progress else None,
    }
