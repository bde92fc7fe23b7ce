"""Ten jobs at once, on a Slack that counts."""

from __future__ import annotations

from tests.integration.slack.conftest import Stage
from tests.support.slack_state import words_of


async def test_ten_running_jobs_stay_within_the_minute_and_all_are_shown(stage: Stage) -> None:
    claims = []
    for name, number in (("ann", 4), ("bob", 4), ("kei", 2)):
        who = await stage.member(name)
        for one in range(number):
            await who.command("/generate", f"{name} {one}")
            claims.append(await stage.claimed())
            # Told once and never again: what has to wait for its turn is shown all the same.
            await stage.studio.show(claims[-1], 6)

    def painting() -> int:
        return len([post for post in stage.posts() if "█" in words_of(post)])

    await stage.server.until(lambda: painting() == len(claims))
    for claim in claims:
        await stage.studio.succeed(claim)
    for claim in claims:
        await stage.delivered(claim.job.id)
    assert len(stage.server.world.made("chat.update")) <= 50
    assert not stage.server.world.throttled
