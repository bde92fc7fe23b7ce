"""How often Slack's messages are changed while ten jobs run, all of which have news twice a second. Budget: 50 a minute.

The pace is real, so it takes three minutes; the service and the bot are real, and the worker is a stand-in.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from pathlib import Path

from inference.protocols import Claim
from tests.integration.slack.conftest import Stage, open_stage

SECONDS = 180.0
MINUTE = 60.0


async def measure(folder: Path) -> None:
    async with open_stage(folder) as stage, stage.bot():
        claims = []
        for name, number in (("ann", 4), ("bob", 4), ("kei", 2)):
            who = await stage.member(name)
            for one in range(number):
                await who.command("/generate", f"{name} {one}")
                claims.append(await stage.claimed())
        async with asyncio.TaskGroup() as telling:
            for claim in claims:
                telling.create_task(_tell(stage, claim))
        _report(stage)
        for claim in claims:
            await stage.studio.succeed(claim)
        for claim in claims:
            await stage.delivered(claim.job.id)
        _report(stage)


async def _tell(stage: Stage, claim: Claim) -> None:
    """As a worker does, and each time something else."""
    begun = time.monotonic()
    for step in itertools.cycle(range(1, 8)):
        await stage.studio.show(claim, step)
        await asyncio.sleep(0.5)
        if time.monotonic() - begun > SECONDS:
            return


def _report(stage: Stage) -> None:
    calls = stage.server.world.made("chat.update")
    most = max(sum(1 for call in calls if at.at <= call.at < at.at + MINUTE) for at in calls)
    by_message = {
        ts: [call.at for call in calls if call.args["ts"] == ts] for ts in {call.args["ts"] for call in calls}
    }
    waits = [later - at for times in by_message.values() for at, later in itertools.pairwise(times)]
    print(f"changes: {len(calls)} of {len(by_message)} messages, at most {most} in a minute")
    print(f"longest that a message stood still: {max(waits):.0f} s; refused by Slack: {stage.server.world.throttled}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
