"""How a running job ends: status, clip, ledger and outbox in one transaction, under the fence."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, insert, update
from sqlmodel import col

from inference.codec import from_json, to_json
from inference.errors import LeaseLost, NotFound, OverLimit
from inference.protocols import ALL_SHAPES, Cancelled, Claim, Failed, GivenBack, Outcome, Succeeded
from inference.types import Clip, Job, JobFailure, JobId, JobStatus, Made, Recipe, Terms
from storage.database import Database, affected
from storage.queue import fail, give_up
from storage.rows import fetch_job, known_job
from storage.tables import ClipBlobRow, ClipRow, JobRow, TimingRow
from storage.transitions import move

NEWEST_WEIGHT = 0.3
"""Weight of the newest measurement in the moving average of device seconds."""


async def settle(database: Database, claim: Claim, outcome: Outcome, max_attempts: int) -> JobStatus:
    """See `inference.protocols.JobQueue.settle`."""
    return await database.writing(
        lambda connection: _settle(connection, database.time(connection), claim, outcome, max_attempts)
    )


def _settle(connection: Connection, now: float, claim: Claim, outcome: Outcome, max_attempts: int) -> JobStatus:
    job = fetch_job(connection, claim.job.id)
    if job is None or job.status != JobStatus.RUNNING or job.fence != claim.fence:
        raise LeaseLost(job=claim.job.id)
    if isinstance(outcome, Succeeded) and not job.cancel_requested:
        outcome = _within_terms(job, outcome)
    match outcome:
        case Succeeded() if job.cancel_requested:
            # Done before the wish was seen; whoever wished was told that nothing is charged, and that holds.
            _learn(connection, job.preset, outcome)
            return move(connection, job, JobStatus.CANCELLED, now)
        case Succeeded():
            _learn(connection, job.preset, outcome)
            ended = move(connection, job, JobStatus.SUCCEEDED, now)
            _shelve(connection, job, outcome, now)
            return ended
        case Failed(failure=failure, retry=True):
            return give_up(connection, job, now, failure, max_attempts)
        case Failed(failure=failure):
            return fail(connection, job, now, failure)
        case GivenBack() if not job.cancel_requested:
            return move(connection, job, JobStatus.QUEUED, now, attempt=job.attempt - 1)
        case Cancelled() | GivenBack():
            return move(connection, job, JobStatus.CANCELLED, now)


def _within_terms(job: JobRow, outcome: Succeeded) -> Succeeded | Failed:
    """The last look at a clip before anybody gets it: here, for every worker's result passes through."""
    if job.terms is None:
        return outcome
    clip = outcome.clip
    made = Made(size=clip.size, num_frames=clip.num_frames, fps=clip.fps, watermark=outcome.marked)
    terms: Terms = from_json(Terms, job.terms)
    what = terms.breach(made)
    if not what:
        return outcome
    error = OverLimit(what=what)
    return Failed(failure=JobFailure(code=error.code, fields={"what": what}))


async def request_cancel(database: Database, job_id: JobId) -> Job:
    """See `inference.protocols.JobBook.request_cancel`."""
    return await database.writing(lambda connection: _cancel(connection, database.time(connection), job_id))


def _cancel(connection: Connection, now: float, job_id: JobId) -> Job:
    job = fetch_job(connection, job_id)
    if job is None:
        raise NotFound(what="job", id=job_id)
    if job.status == JobStatus.QUEUED:
        move(connection, job, JobStatus.CANCELLED, now, cancel_requested=True)
    elif job.status == JobStatus.RUNNING:
        connection.execute(update(JobRow).where(col(JobRow.id) == job_id).values(cancel_requested=True))
    return known_job(connection, job_id)


def _shelve(connection: Connection, job: JobRow, outcome: Succeeded, now: float) -> None:
    """Insert the clip, for whoever the job belongs to by now, and the names of its blobs."""
    # What it was made of may have been forgotten since the worker was told what that was called.
    recipe = replace(outcome.clip.recipe, origin=from_json(Recipe, job.recipe).origin)
    clip = _clip_row(replace(outcome.clip, recipe=recipe), now).model_dump() | {"member_id": job.member_id}
    connection.execute(insert(ClipRow).values(clip))
    rows = [{"clip_id": outcome.clip.id, "name": name, "blob": blob} for name, blob in outcome.blobs.items()]
    if rows:
        connection.execute(insert(ClipBlobRow), rows)


def _clip_row(clip: Clip, now: float) -> ClipRow:
    """`now` is the database's: clips are listed by one clock, whatever the workers' say."""
    return ClipRow(
        id=clip.id,
        member_id=clip.member,
        author=clip.author,
        parent_id=clip.parent,
        root_id=clip.root,
        text=clip.text,
        prompt=clip.recipe.prompt,
        recipe=to_json(Recipe, clip.recipe),
        width=clip.size.width,
        height=clip.size.height,
        native_width=clip.native_size.width,
        native_height=clip.native_size.height,
        num_frames=clip.num_frames,
        fps=clip.fps,
        seed=clip.seed,
        preset=clip.preset,
        private=clip.private,
        platform=clip.place.platform,
        workspace=clip.place.workspace,
        channel=clip.place.channel,
        video_bytes=clip.video_bytes,
        created_at=now,
        seconds_taken=clip.seconds_taken,
    )


def _learn(connection: Connection, preset: str, outcome: Succeeded) -> None:
    """Let the measurement into the moving averages of its preset: of this shape, and of all."""
    _average(connection, preset, outcome.shape_key, outcome.device_seconds)
    if outcome.predicted_seconds > 0:
        _average(connection, preset, ALL_SHAPES, outcome.device_seconds / outcome.predicted_seconds)


def _average(connection: Connection, preset: str, shape: str, measured: float) -> None:
    moved = (
        update(TimingRow)
        .where(col(TimingRow.preset) == preset, col(TimingRow.shape) == shape)
        .values(
            seconds=col(TimingRow.seconds) + NEWEST_WEIGHT * (measured - col(TimingRow.seconds)),
            samples=col(TimingRow.samples) + 1,
        )
    )
    if not affected(connection, moved):
        first = insert(TimingRow).values(preset=preset, shape=shape, seconds=measured, samples=1)
        connection.execute(first)
