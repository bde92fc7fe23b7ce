"""Ten jobs at once, on a Slack that counts."""

from __future__ import annotations

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
    for step in range(1, 8):
        for claim in claims[:10]:
            await stage.studio.show(claim, step)
    shown = stage.server.world.conversations["C1"].messages.values()
    await stage.server.until(lambda: len([m for m in shown if "Painting" in words_of(m) or "描" in words_of(m)]) >= 8)
    for claim in claims:
        await stage.studio.succeed(claim)
    for claim in claims:
        await stage.delivered(claim.job.id)
    assert len(stage.server.world.made("chat.update")) <= 50
    assert not stage.server.world.throttled
