"""Whenever the service dies while it forgets somebody: all is as it was, or the next start forgets the rest."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, select

from inference.types import ClipQuery, Generate
from storage.tables import Row
from tests.crash.forgetter import WHO
from tests.support.studio import Studio, open_studio, picture

ROOT = Path(__file__).parents[2]
BALL = Generate(prompt="a balloon over Kamakura")


async def rows(studio: Studio) -> str:
    def look(connection: Connection) -> list[str]:
        return [str(tuple(row)) for table in Row.metadata.sorted_tables for row in connection.execute(select(table))]

    return "\n".join(await studio.database.reading(look))


async def prepare(folder: Path) -> None:
    """Clips, one with an upload; one job that waits, and one that a worker holds."""
    async with open_studio(folder) as studio:
        await studio.make(replace(BALL, image=picture()), WHO)
        await studio.make(BALL, WHO)
        for _ in range(2):
            await studio.face.submit(BALL, WHO)
        await studio.claim()


async def killed_at(folder: Path, step: int) -> str:
    """Where the process was killed; empty where it came to its end before."""
    arguments = (sys.executable, "-m", "tests.crash.forgetter", str(folder), str(step))
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    assert process.returncode in {0, -9}
    return said.decode().splitlines()[-1] if process.returncode else ""


async def test_killed_at_every_step_the_next_start_forgets_the_rest(tmp_path: Path) -> None:
    await prepare(tmp_path / "before")
    stages: Counter[str] = Counter()
    for step in count(1):
        folder = tmp_path / str(step)
        shutil.copytree(tmp_path / "before", folder)
        stage = await killed_at(folder, step)
        if not stage:
            break
        stages[stage] += 1
        async with open_studio(folder) as studio:
            if len((await studio.face.account(WHO)).running) == 2:  # it had not begun
                assert len((await studio.face.clips(ClipQuery(), WHO)).clips) == 2
                await studio.face.forget(WHO)
            # As the chore of every start does, once the worker that held a job is known to be dead.
            await studio.jobs.release("w1")
            await studio.service.forget_more()
            assert list(studio.blobs.names("")) == []
            assert await studio.used(WHO) == 2
            text = await rows(studio)
            assert "Kamakura" not in text
            assert text.count("annabella") == 1  # of the account that asked just now
    print(dict(stages))
    assert sum(stages.values()) > 10
