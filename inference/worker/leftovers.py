"""What dead attempts leave behind, and how it goes."""

from __future__ import annotations

import asyncio

from inference.protocols import BlobStore, Claim, ClipShelf
from inference.types import JobId


def blob_prefix(claim: Claim) -> str:
    """Under which an attempt stores its blobs: a stale attempt can never overwrite its successor's."""
    return f"{claim.job.id}/{claim.fence}/"


async def clear(prefix: str, shelf: ClipShelf, blobs: BlobStore) -> None:
    """Delete what this attempt and those before it stored and no clip needs. Idempotent.

    Asks the shelf which attempt made the clip, so that it is right also where a commit's answer was lost.
    """
    job, fence = prefix.rstrip("/").split("/")
    video = await shelf.blob(JobId(job), "video")
    kept = "" if video is None else video.blob.rpartition("/")[0] + "/"
    await asyncio.to_thread(_clear, blobs, job, int(fence), kept)


def _clear(blobs: BlobStore, job: str, fence: int, kept: str) -> None:
    for name in blobs.names(f"{job}/"):
        attempt = name.split("/")[1]
        if not attempt.isdigit() or int(attempt) > fence:
            continue  # an upload belongs to the job, a higher fence to a living worker
        # A finished clip has a poster, and nothing else would ever delete its preview.
        if not (kept and name.startswith(kept)) or name.endswith("/preview.webp"):
            blobs.delete(name)
