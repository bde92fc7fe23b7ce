"""The service on real rows and real blobs, with a stand-in for the worker that settles jobs by small real files."""

from __future__ import annotations

import io
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from inference.api.keys import load_link_key
from inference.media.encode import ClipEncoder
from inference.presets import Preset, PresetTable, load_presets
from inference.protocols import Cancelled, Claim, Doors, Failed, Succeeded
from inference.scheduler import choose
from inference.service import Service
from inference.service.links import LinkSigner
from inference.settings import Settings
from inference.tiers import load_tiers
from inference.timing import predicted_seconds
from inference.tokens import token_counter
from inference.types import (
    OPERATORS,
    Clip,
    Identity,
    JobFailure,
    JobId,
    Made,
    Operation,
    Place,
    Progress,
    Requester,
    Size,
    Stage,
    Upload,
    WorkerSeen,
)
from inference.worker.finish import clip_of
from storage.accounts import SqlAccounts
from storage.blobs import FolderBlobs
from storage.books import check_books
from storage.clips import SqlClips
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from storage.linking import SqlLinks
from storage.operations import SqlOperations
from storage.privacy import SqlPrivacy
from storage.schedules import SqlSchedules
from storage.servers import SqlServers

LEASE = timedelta(seconds=30)
PLACE = Place(platform="playground", workspace="home", channel="general")
MEMBER_KEY = b"of the tests"
SMALL = Size(width=64, height=64)


@dataclass
class Studio:
    """What a test of the service needs."""

    #: The doors under test, acting for members.
    face: Doors
    #: The same doors, acting for operators.
    operators: Doors
    #: What is behind the doors.
    service: Service
    jobs: SqlJobs
    accounts: SqlAccounts
    clips: SqlClips
    blobs: FolderBlobs
    presets: PresetTable
    settings: Settings
    database: Database

    # --- The stand-in worker

    async def claim(self) -> Claim:
        claim = await self.jobs.claim("w1", choose, "pocket", LEASE)
        assert claim is not None, "nothing waits"
        return claim

    async def succeed(self, claim: Claim, *, device_seconds: float = 4.0, seconds_taken: float = 4.0) -> Clip:
        """The job's files and its end, as a worker leaves them."""
        folder = f"{claim.job.id}/{claim.fence}"
        blobs = {
            "video": f"{folder}/video.mp4",
            "master": f"{folder}/master.mp4",
            "latents": f"{folder}/latents.safetensors",
            "thumbnail": f"{folder}/poster.webp",
            "spritesheet": f"{folder}/sprites.jpg",
        }
        video = noisy_video()
        for name, blob in blobs.items():
            self.blobs.put(blob, video if name == "video" else name.encode())
        recipe = claim.job.recipe
        made = Made(size=recipe.size, num_frames=recipe.num_frames, fps=recipe.fps, watermark=recipe.watermark)
        clip = await clip_of(
            claim.job, made=made, video_bytes=len(video), seconds_taken=seconds_taken, shelf=self.clips
        )
        done = Succeeded(
            clip=clip,
            blobs=blobs,
            marked=made.watermark,
            device_seconds=device_seconds,
            shape_key=recipe.shape_key,
            predicted_seconds=predicted_seconds(recipe, self.presets.get(recipe.preset)),
        )
        await self.jobs.settle(claim, done)
        return clip

    async def fail(self, claim: Claim) -> None:
        await self.jobs.settle(claim, Failed(failure=JobFailure(code="render_failed", fields={"detail": "test"})))

    async def stop(self, claim: Claim) -> None:
        await self.jobs.settle(claim, Cancelled())

    async def show(self, claim: Claim, step: int, *, eta: float = 3.0, preview: int = 0) -> None:
        """`preview`: how many looks at the job there have been; the newest is stored."""
        if preview:
            self.blobs.put(f"{claim.job.id}/{claim.fence}/preview.webp", webp())
        fraction = step / 8
        progress = Progress(
            stage=Stage.DENOISING, step=step, total=8, fraction=fraction, eta_seconds=eta, preview=preview
        )
        await self.jobs.heartbeat(claim, LEASE, progress)

    # --- Short ways

    async def make(self, operation: Operation, requester: Requester, reply_to: str = "") -> Clip:
        """A finished clip."""
        job = await self.face.submit(operation, requester, reply_to)
        clip = await self.succeed(await self.claim())
        assert clip.id == job.id, "another job was waiting"
        return clip

    def stored(self, job: JobId) -> list[str]:
        return sorted(name.rpartition("/")[2] for name in self.blobs.names(f"{job}/"))

    async def used(self, requester: Requester) -> int:
        return (await self.face.account(requester)).used

    async def untouched(self, requester: Requester) -> bool:
        """Nothing was charged, nothing queued, nothing stored."""
        account = await self.face.account(requester)
        return account.used == 0 and not account.running and not list(self.blobs.names(""))


@asynccontextmanager
async def open_studio(
    folder: Path,
    *,
    clock: Callable[[], float] | None = None,
    make_blobs: Callable[[Path], FolderBlobs] = FolderBlobs,
    require_weights: Callable[[Preset], None] = lambda _preset: None,
    is_worker_ready: Callable[[], bool] = lambda: True,
    workers: Callable[[], Sequence[WorkerSeen]] = tuple,
    **settings: object,
) -> AsyncIterator[Studio]:
    """A studio with its own rows and blobs in `folder`; at the end the books must balance.

    `clock` takes the place of the database's.
    """
    configured = Settings(data_dir=folder, **settings)  # type: ignore[arg-type]  # pydantic checks them
    async with open_database(configured.resolved_database_url, clock) as database:
        jobs, accounts, clips = SqlJobs(database), SqlAccounts(database, MEMBER_KEY), SqlClips(database)
        blobs = make_blobs(configured.blobs_dir)
        presets = load_presets(configured.presets_file, configured.default_preset)
        async with Service(
            jobs=jobs,
            accounts=accounts,
            servers=SqlServers(database),
            linking=SqlLinks(database),
            privacy=SqlPrivacy(database, MEMBER_KEY),
            schedules=SqlSchedules(database),
            clips=clips,
            blobs=blobs,
            operations=SqlOperations(database),
            presets=presets,
            tiers=load_tiers(configured.tiers_file),
            settings=configured,
            member_key=MEMBER_KEY,
            links=_signer(configured),
            count_tokens=token_counter(presets),
            require_weights=require_weights,
            is_worker_ready=is_worker_ready,
            workers=workers,
        ) as service:
            yield Studio(
                face=service,
                operators=service,
                service=service,
                jobs=jobs,
                accounts=accounts,
                clips=clips,
                blobs=blobs,
                presets=presets,
                settings=configured,
                database=database,
            )
        assert await check_books(database) == []


def _signer(settings: Settings) -> LinkSigner | None:
    if not settings.api.public_url:
        return None
    lives = timedelta(hours=settings.api.link_hours)
    return LinkSigner(public_url=settings.api.public_url, key=load_link_key(settings.data_dir), lives=lives)


def member(name: str, tier: str = "free") -> Requester:
    """A member of the playground; its demo roles are the easiest way to a tier."""
    roles = () if tier == "free" else (f"playground:{tier}",)
    return Requester(identity=Identity(f"playground:{name}"), display_name=name.title(), place=PLACE, roles=roles)


def operator() -> Requester:
    return Requester(identity=min(OPERATORS), display_name="Operator", place=Place(platform="api"))


def picture(size: Size = SMALL) -> Upload:
    """A red PNG."""
    file = io.BytesIO()
    Image.new("RGB", (size.width, size.height), "red").save(file, "PNG")
    return Upload(data=file.getvalue(), filename="red.png")


@cache
def webp(frames: int = 1) -> bytes:
    """A small picture, moving where it has more frames."""
    first, *others = [Image.new("RGB", (64, 36), (40 * n, 0, 90)) for n in range(frames)]
    file = io.BytesIO()
    if others:
        first.save(file, "WEBP", save_all=True, append_images=others, duration=80, lossless=True)
    else:
        first.save(file, "WEBP")
    return file.getvalue()


@cache
def noisy_video() -> bytes:
    """A small mp4 with enough grain that a smaller file can be made of it."""
    grain = np.random.default_rng(7).integers(0, 60, (12, 180, 320, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.mp4"
        with ClipEncoder(path, size=Size(width=320, height=180), fps=12) as encoder:
            encoder.add(grain)
        return path.read_bytes()
