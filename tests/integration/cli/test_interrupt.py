"""Ctrl-C at the moments where it is easily lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.make import Errand, _submitted
from bot.cli.studio import ME
from bot.settings import Settings
from inference.client import Client
from inference.types import Generate, JobStatus
from tests.support.api import serve
from tests.support.studio import open_studio

ROOT = Path(__file__).parents[3]
INTERRUPTED_WHILE_LOADING = """
import signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "bot.cli.app":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["threadreel", "generate", "a ball", "-o", "a.mp4", "--json"]
from bot.cli import main
main()
"""


def test_while_the_command_line_still_loads_it_ends_with_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "cancelled"
    assert done.stderr == "Cancelled. Nothing was charged.\n"


async def test_while_the_service_admits_the_job_it_is_cancelled_all_the_same(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio, serve(studio) as served:
        errand = Errand(
            settings=Settings(data_dir=tmp_path),
            operation=Generate(prompt="a red ball"),
            output=tmp_path / "a.mp4",
            watch=lambda _job: None,
        )
        async with Client(served.url, served.keys.operator) as client:
            asking = asyncio.create_task(_submitted(client, errand))
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert (await client.account(ME)).used == 0
        assert (await studio.jobs.counts())[JobStatus.CANCELLED] == 1
