"""A process that runs what is due and is killed at one point: `python mortal_clock.py FOLDER POINT`.

POINT is `claimed`, `admitted`, `settled` or `never`. The run is due at once, so the clock is the database's own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from inference.presets import load_presets
from inference.protocols import AdmissionLimits, Due, JobDraft, Ran
from inference.service import Service
from inference.settings import Settings
from inference.tiers import load_tiers
from inference.types import Job
from storage.accounts import SqlAccounts
from storage.blobs import FolderBlobs
from storage.clips import SqlClips
from storage.database import open_database
from storage.jobs import SqlJobs
from storage.linking import SqlLinks
from storage.operations import SqlOperations
from storage.privacy import SqlPrivacy
from storage.schedules import SqlSchedules
from storage.servers import SqlServers

POINT = sys.argv[2]


def die_at(point: str) -> None:
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


class MortalJobs(SqlJobs):
    async def admit(self, draft: JobDraft, limits: AdmissionLimits) -> Job:
        job = await super().admit(draft, limits)
        die_at("admitted")
        return job


class MortalSchedules(SqlSchedules):
    async def claim_due(self, lease: timedelta, limit: int = 20) -> Sequence[Due]:
        due = await super().claim_due(timedelta(0), limit)  # whoever comes next may claim it at once
        if due:
            die_at("claimed")
        return due

    async def ran(self, run: Ran) -> bool:
        settled = await super().ran(run)
        die_at("settled")
        return settled


async def main(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    async with open_database(settings.resolved_database_url) as database:
        service = Service(
            jobs=MortalJobs(database),
            accounts=SqlAccounts(database),
            servers=SqlServers(database),
            linking=SqlLinks(database),
            schedules=MortalSchedules(database),
            privacy=SqlPrivacy(database, b"of a test"),
            operations=SqlOperations(database),
            clips=SqlClips(database),
            blobs=FolderBlobs(settings.blobs_dir),
            presets=load_presets(),
            tiers=load_tiers(),
            settings=settings,
            member_key=b"of a test",
        )
        print(await service.run_due())


asyncio.run(main(Path(sys.argv[1])))
