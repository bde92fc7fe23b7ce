"""Ten jobs at once, on a Slack that counts."""

from __future__ import annotations

import asyncio

from tests.integration.slack.conftest import Stage
from tests.support.slack_state import words_of


async def test_ten_running_jobs_stay_within_the_minute_and_all_are_shown(stage: Stage) -> None:
    claims = []
    for name in ("ann", "bob", "kei"):
        who = await stage.member(name)
        for number in range(4):
            await who.command("/generate", f"{name} {number}")
            await stage.post_saying(f"{name} {number}")
            claims.append(await stage.claimed())
    # A share comes round every 18 seconds while twelve want one, and workers go on telling.
    left = 500.0
    async with asyncio.timeout(90):
        while len([post for post in stage.posts() if "█" in words_of(post)]) < len(claims):
            left -= 0.2
            for claim in claims:
                await stage.studio.show(claim, 6, eta=left)
            await asyncio.sleep(0.2)
    for claim in claims:
        await stage.studio.succeed(claim)
    for claim in claims:
        await stage.delivered(claim.job.id)
    assert len(stage.server.world.made("chat.update")) <= 50
    assert not stage.server.world.throttled
