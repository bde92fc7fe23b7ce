"""`generate` and `remix`: one clip into one file."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.cli.outcome import CommandFailed
from bot.cli.studio import ME, studio
from bot.settings import Settings
from inference.client import Client
from inference.errors import InvalidValue, JobCancelled, NotFound, ServiceUnavailable, ThreadreelError, from_code
from inference.types import Clip, Generate, Job, JobId, JobStatus, Operation, Upload

POLL_SECONDS = 0.25
CANCEL_SECONDS = 10.0
"""How long a cancelled job is waited for."""
TRIES = 5
"""Services that may go away under a command: one that another command had started for itself."""

Watch = Callable[[Job], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    clip: Clip
    path: Path

    def as_json(self) -> dict[str, Any]:
        clip = self.clip
        return {
            "id": clip.id,
            "status": JobStatus.SUCCEEDED.value,
            "path": str(self.path),
            "prompt": clip.recipe.prompt,
            "seed": clip.seed,
            "width": clip.size.width,
            "height": clip.size.height,
            "frames": clip.num_frames,
            "fps": clip.fps,
            "seconds": round(clip.seconds, 3),
            "native_size": str(clip.native_size),
            "preset": clip.preset,
            "parent": clip.parent,
            "seconds_taken": round(clip.seconds_taken, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One clip to fetch. The key makes all attempts at it one job."""

    settings: Settings
    operation: Operation
    output: Path
    watch: Watch
    key: str = field(default_factory=lambda: f"cli:{uuid4().hex}")


async def make(errand: Errand) -> Made:
    """Ask, wait, and write the file whole or not at all. The file is tried before anything is asked or charged."""
    with atomic(errand.output) as draft:
        for _ in range(TRIES - 1):
            try:
                return await _attempt(errand, draft)
            except ServiceUnavailable:
                await asyncio.sleep(POLL_SECONDS)
        return await _attempt(errand, draft)


async def _attempt(errand: Errand, draft: Path) -> Made:
    founds = isinstance(errand.operation, Generate)  # all else is done to a clip that is there
    async with studio(errand.settings, workers=True, founds=founds) as client:
        job = await _submitted(client, errand)
        job = await _ended(client, job, errand.watch)
        if job.clip is None:
            raise _failure(job)
        async with client.open_clip(job.id, ME) as opened:
            await asyncio.to_thread(_copy, opened.stream, draft)
        return Made(clip=job.clip, path=errand.output)


async def _submitted(client: Client, errand: Errand) -> Job:
    """The job, admitted. Being interrupted meanwhile waits for the answer: what was asked for may be on its way."""
    asking = asyncio.ensure_future(client.submit(errand.operation, ME, "", errand.key))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        with suppress(TimeoutError, ThreadreelError):
            async with asyncio.timeout(CANCEL_SECONDS):
                await _cancelled(client, (await asking).id)
        raise


async def _ended(client: Client, job: Job, watch: Watch) -> Job:
    """Wait for the end; being interrupted cancels the job."""
    try:
        while not job.status.is_final:
            watch(job)
            await asyncio.sleep(POLL_SECONDS)
            job = await client.get(job.id, ME)
    except asyncio.CancelledError:
        await _cancelled(client, job.id)
        raise
    watch(job)
    return job


async def _cancelled(client: Client, id: JobId) -> None:  # noqa: A002  # a job's
    with suppress(TimeoutError, ThreadreelError):  # we are ending anyway, and the service ends the job without us too
        async with asyncio.timeout(CANCEL_SECONDS):
            job = await client.cancel(id, ME)
            while not job.status.is_final:
                await asyncio.sleep(POLL_SECONDS)
                job = await client.get(id, ME)


def _failure(job: Job) -> Exception:
    if job.status == JobStatus.CANCELLED:
        return JobCancelled()
    if job.failure is None:
        return NotFound(what="clip", id=job.id)  # made, and deleted before we fetched it
    return from_code(job.failure.code, job.failure.fields)


# --- Files -----------------------------------------------------------------------------------------


@contextmanager
def atomic(output: Path) -> Iterator[Path]:
    """A draft beside `output` that takes its place at the block's end. Raises InvalidValue at once where it cannot."""
    if output.is_dir():
        raise InvalidValue(name="-o", value=str(output), allowed="allowed-file")
    try:
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.", suffix=".draft")
    except OSError as error:
        raise InvalidValue(name="-o", value=str(output), allowed="allowed-file") from error
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o666 & ~_umask())
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)


def upload(image: Path) -> Upload:
    """The file's bytes. Raises InvalidValue where it cannot be read; what is in it is for the service to judge."""
    try:
        if not image.is_file():
            raise InvalidValue(name="--image", value=str(image), allowed="allowed-readable-file")
        return Upload(data=image.read_bytes(), filename=image.name)
    except OSError as error:
        raise InvalidValue(name="--image", value=str(image), allowed="allowed-readable-file") from error


def _copy(source: Any, target: Path) -> None:
    try:
        with target.open("wb") as file:
            shutil.copyfileobj(source, file)
    except OSError as error:
        raise CommandFailed(f"The clip cannot be written: {error.strerror}.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
