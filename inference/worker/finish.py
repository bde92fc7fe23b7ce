"""How an attempt ended, as the queue is told: a clip on its shelf, or why there is none."""

from __future__ import annotations

from datetime import UTC, datetime

from inference.errors import EngineError, JobCancelled, LeaseLost, RenderFailed, RequestRejected, ServiceUnavailable
from inference.protocols import Cancelled, ClipShelf, Failed, GivenBack, Outcome
from inference.types import Again, Clip, Generate, Job, JobFailure, JobId, Made, Remix
from inference.worker.reins import MustStop, Untended


async def clip_of(job: Job, *, made: Made, video_bytes: int, seconds_taken: float, shelf: ClipShelf) -> Clip:
    """The finished clip of `job` as it was measured, placed in its parent's family."""
    recipe = job.recipe
    parent = _parent(job)
    return Clip(
        id=job.id,
        member=job.member,
        author=job.requester.display_name or job.requester.identity,
        parent=parent,
        root=job.id if parent is None else await _root(parent, shelf),
        text=_text(job),
        recipe=recipe,
        size=made.size,
        native_size=recipe.native_size,
        num_frames=made.num_frames,
        fps=made.fps,
        seed=recipe.seed,
        preset=recipe.preset,
        private=job.operation.private,
        place=job.requester.place,
        video_bytes=video_bytes,
        created_at=datetime.now(UTC),
        seconds_taken=round(seconds_taken, 3),
    )


def outcome_of(error: Exception) -> Outcome | None:
    """What ended the attempt, for the job's row; None where the job is no longer ours.

    A member is told a code and its fields. `detail` is for the operator: it stands in the log only.
    """
    match error:
        case LeaseLost():
            return None
        case JobCancelled():
            return Cancelled()
        case MustStop():
            return GivenBack()
        case EngineError():
            return Failed(failure=_failure(error), retry=error.retryable)
        case RequestRejected() | ServiceUnavailable():
            return Failed(failure=_failure(error), retry=isinstance(error, ServiceUnavailable))
        case _:
            return Failed(failure=_failure(RenderFailed()), retry=isinstance(error, Untended))


def _failure(error: EngineError | RequestRejected | ServiceUnavailable) -> JobFailure:
    told = {name: value for name, value in error.values().items() if name != "detail"}
    return JobFailure(code=error.code, fields=told)


def _parent(job: Job) -> JobId | None:
    match job.operation:
        case Remix(parent=parent) | Again(parent=parent):
            return parent
        case Generate():
            return None


async def _root(parent: JobId, shelf: ClipShelf) -> JobId:
    """The family's first clip; the parent itself where it was deleted while its child was made."""
    clip = await shelf.get(parent)
    return parent if clip is None else clip.root


def _text(job: Job) -> str:
    match job.operation:
        case Generate(prompt=prompt):
            return prompt
        case Remix(instruction=instruction, prompt=prompt):
            return instruction or prompt or ""
        case Again():
            return ""
