"""A member with a thousand queued jobs, and another who then asks for one: how long a claim takes, and who waits for whom.

Through the service itself on both databases, with the limit of jobs at once raised in a tiers file, as an operator would. One
worker claims, and every job it claims is ended, so that it claims again.

The other joins level with the job that runs, and so waits for its rest alone.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path

import structlog

from inference.types import Generate
from tests.support.databases import KINDS, Databases, Server
from tests.support.studio import member, open_studio

TIERS = """
[free]
clips_per_month = 100000
max_seconds = 5
max_resolution = 480
watermark = true
operations = ["generate"]
max_jobs = 100000
weight = 1
"""
BALL = Generate(prompt="a red ball")


def _spread(seconds: list[float]) -> str:
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[-1]
    return f"median {statistics.median(seconds) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, n {len(seconds)}"


async def _measure(kind: str, url: str, folder: Path, queued: int, claims: int) -> None:
    (folder / "tiers.toml").write_text(TIERS)
    async with open_studio(folder, tiers_file=folder / "tiers.toml", database_url=url) as studio:
        many, one = member("many"), member("one")
        asked = []
        for _ in range(queued):
            begun = time.perf_counter()
            await studio.face.submit(BALL, many)
            asked.append(time.perf_counter() - begun)
        running = await studio.claim()  # what the other comes upon
        mine = await studio.face.submit(BALL, one)
        await studio.fail(running)
        waited, claimed, took = 0, False, []
        for _ in range(claims):
            begun = time.perf_counter()
            claim = await studio.claim()
            took.append(time.perf_counter() - begun)
            claimed = claimed or claim.job.id == mine.id
            waited += not claimed
            await studio.fail(claim)
        if not claimed:
            raise SystemExit("the other's job was never claimed")
        print(f"{kind:>10}: {queued} requests of one member: {_spread(asked)}")
        print(f"{kind:>10}: a claim among them: {_spread(took)}")
        print(f"{kind:>10}: the other's job waited for the one that ran, and for {waited} more claimed before it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queued", type=int, default=1000)
    parser.add_argument("--claims", type=int, default=200)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        server = Server(folder / "pg")
        made = Databases(folder, server)
        try:
            for kind in KINDS:
                (folder / kind).mkdir()
                url = made.make(kind, folder / kind)
                asyncio.run(_measure(kind, url, folder / kind, asked.queued, asked.claims))
        finally:
            made.drop()
            server.stop()


if __name__ == "__main__":
    main()
