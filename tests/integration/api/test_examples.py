"""The examples of the pages, run as they stand: only the server's port is another."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from inference.types import JobQuery, Remix
from tests.support.api import Served
from tests.support.studio import Studio, noisy_video, operator

ROOT = Path(__file__).parents[3]


def examples(page: str, language: str) -> list[str]:
    blocks = re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [block for block in blocks if "127.0.0.1:8081" in block]


@pytest.fixture
async def rendering(studio: Studio) -> AsyncIterator[None]:
    """A worker that makes whatever comes."""

    async def work() -> None:
        while True:
            if (await studio.jobs.counts())["queued"]:
                await studio.succeed(await studio.claim())
            await asyncio.sleep(0.02)

    worker = asyncio.create_task(work())
    yield
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker


async def run(program: list[str], example: str, served: Served, folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    shutil.copy(served.studio.settings.data_dir / "api_key", folder / "data")
    code = example.replace("http://127.0.0.1:8081", served.url)
    process = await asyncio.create_subprocess_exec(
        *program, code, cwd=folder, stderr=asyncio.subprocess.PIPE, env={**os.environ, "NO_PROXY": "127.0.0.1"}
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert (folder / "red.mp4").read_bytes() == noisy_video()


@pytest.mark.usefixtures("rendering")
@pytest.mark.parametrize("page", ["README.md", "README.ja.md", "docs/api.md"])
async def test_python(page: str, served: Served, tmp_path: Path) -> None:
    (example,) = examples(page, "python")
    await run([sys.executable, "-c"], example, served, tmp_path / "elsewhere")


@pytest.mark.usefixtures("rendering")
async def test_curl(studio: Studio, served: Served, tmp_path: Path) -> None:
    (example,) = examples("docs/api.md", "sh")
    await run(["bash", "-euo", "pipefail", "-c"], example, served, tmp_path / "elsewhere")
    page = await studio.service.jobs(JobQuery(), operator())
    remix, clip = page.jobs
    assert isinstance(remix.operation, Remix)
    assert (remix.operation.parent, clip.recipe.seed) == (clip.id, 7)
