"""How a running job ends: status, clip, ledger and outbox in one transaction, under the fence."""

from __future__ import annotations

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from inference.codec import to_json
from inference.errors import LeaseLost, NotFound
from inference.protocols import Cancelled, Claim, Failed, GivenBack, Outcome, Succeeded
from inference.types import Clip, Job, JobFailure, JobId, JobStatus, Recipe
from storage.database import Database, affected
from storage.queue import give_up
from storage.rows import fetch_job, load_jobs
from storage.tables import ClipBlobRow, ClipRow, JobRow, TimingRow
from storage.transitions import move

NEWEST_WEIGHT = 0.3
"""Weight of the newest measurement in the moving average of device seconds."""


async def settle(database: Database, claim: Claim, outcome: Outcome, max_attempts: int) -> None:
    """See `inference.protocols.JobQueue.settle`."""
    async with database.write() as connection:
        job = await fetch_job(connection, claim.job.id)
        if job is None or job.status != JobStatus.RUNNING or job.fence != claim.fence:
            raise LeaseLost(job=claim.job.id)
        now = await database.time(connection)
        match outcome:
            case Succeeded():
                await move(connection, job, JobStatus.SUCCEEDED, now)
                await _shelve(connection, outcome, now)
                await _average(connection, job.preset, outcome)
            case Failed(failure=failure, retry=True):
                await give_up(connection, job, now, failure, max_attempts)
            case Failed(failure=failure):
                await move(connection, job, JobStatus.FAILED, now, failure=to_json(JobFailure, failure))
            case GivenBack() if not job.cancel_requested:
                await move(connection, job, JobStatus.QUEUED, now, attempt=job.attempt - 1)
            case Cancelled() | GivenBack():
                await move(connection, job, JobStatus.CANCELLED, now)


async def request_cancel(database: Database, job_id: JobId) -> Job:
    """See `inference.protocols.JobBook.request_cancel`."""
    async with database.write() as connection:
        job = await fetch_job(connection, job_id)
        if job is None:
            raise NotFound(what="job", id=job_id)
        if job.status == JobStatus.QUEUED:
            now = await database.time(connection)
            await move(connection, job, JobStatus.CANCELLED, now, cancel_requested=True)
        elif job.status == JobStatus.RUNNING:
            flag = update(JobRow).where(col(JobRow.id) == job_id).values(cancel_requested=True)
            await connection.execute(flag)
        after = await fetch_job(connection, job_id)
        assert after is not None
        return (await load_jobs(connection, [after]))[0]


async def _shelve(connection: AsyncConnection, outcome: Succeeded, now: float) -> None:
    """Insert the clip and the names of its blobs."""
    await connection.execute(insert(ClipRow).values(_clip_row(outcome.clip, now).model_dump()))
    rows = [{"clip_id": outcome.clip.id, "name": name, "blob": blob} for name, blob in outcome.blobs.items()]
    if rows:
        await connection.execute(insert(ClipBlobRow), rows)


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


async def _average(connection: AsyncConnection, preset: str, outcome: Succeeded) -> None:
    """Let the measurement into the moving average of its preset and shape."""
    measured = outcome.device_seconds
    moved = (
        update(TimingRow)
        .where(col(TimingRow.preset) == preset, col(TimingRow.shape) == outcome.shape_key)
        .values(
            seconds=col(TimingRow.seconds) + NEWEST_WEIGHT * (measured - col(TimingRow.seconds)),
            samples=col(TimingRow.samples) + 1,
        )
    )
    if not await affected(connection, moved):
        first = insert(TimingRow).values(preset=preset, shape=outcome.shape_key, seconds=measured, samples=1)
        await connection.execute(first)
