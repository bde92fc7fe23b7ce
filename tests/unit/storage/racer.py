"""One of several processes that submit, claim and finish on one database: `python racer.py URL NAME`.

Prints how many of its hundred jobs, all asked for at once, were admitted and how many jobs it finished.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from inference.errors import QuotaExceeded
from inference.protocols import AdmissionLimits, Failed, JobDraft, Succeeded
from inference.types import Clip, Generate, Identity, JobFailure, JobId, Place, Recipe, Requester, Size
from storage.accounts import SqlAccounts
from storage.database import open_database
from storage.jobs import SqlJobs

JOBS = 100
LIMITS = AdmissionLimits(clips_per_month=50, max_jobs=10_000)
PLACE = Place(platform="discord")
SIZE = Size(width=854, height=480)
RECIPE = Recipe(preset="pocket", pieces=(), size=SIZE, fps=12, num_frames=25, watermark=True, seed=1, prompt="x")


async def submit(jobs: SqlJobs, accounts: SqlAccounts, name: str, number: int) -> bool:
    identity = Identity("discord:one-member")
    draft = JobDraft(
        id=JobId(f"{name}-{number}"),
        member=(await accounts.member(identity)).id,
        requester=Requester(identity=identity, display_name=name, place=PLACE),
        reply_to="",
        operation=Generate(prompt="x"),
        recipe=RECIPE,
        tier="free",
        weight=1.0,
        idempotency_key=None,
        clips=1,
        device_seconds=1.0,
        private=False,
    )
    try:
        await jobs.admit(draft, LIMITS)
    except QuotaExceeded:
        return False
    return True


async def work(jobs: SqlJobs, name: str) -> int:
    finished = 0
    while claim := await jobs.claim(name, lambda heads, _: heads[0].job, None, timedelta(seconds=30)):
        job = claim.job
        clip = Clip(
            id=job.id,
            member=job.member,
            author=name,
            parent=None,
            root=job.id,
            text="x",
            recipe=RECIPE,
            size=SIZE,
            native_size=SIZE,
            num_frames=25,
            fps=12,
            seed=1,
            preset="pocket",
            private=False,
            place=PLACE,
            video_bytes=1,
            created_at=datetime.now(UTC),
            seconds_taken=1.0,
        )
        done = Succeeded(clip=clip, blobs={"video": f"{job.id}/video.mp4"}, device_seconds=1.0, shape_key="s")
        await jobs.settle(claim, done if finished % 2 else Failed(failure=JobFailure(code="render_failed")))
        finished += 1
    return finished


async def main(url: str, name: str) -> None:
    async with open_database(url) as database:
        jobs, accounts = SqlJobs(database), SqlAccounts(database)
        admitted = await asyncio.gather(*(submit(jobs, accounts, name, number) for number in range(JOBS)))
        print(sum(admitted), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(await work(jobs, name))


asyncio.run(main(sys.argv[1], sys.argv[2]))
