"""Clips asked for in advance, on a small Slack."""

from __future__ import annotations

from tests.integration.slack.conftest import BALL, Stage


async def test_a_clip_is_asked_for_in_advance_listed_and_taken_back(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/threadreel", f"schedule {BALL} --seconds 2 --when every monday 9:00")
    kept = await ann.hears("it will be made at")
    assert "Then again: every Monday at 9:00." in kept
    id_ = kept.partition(":")[0]
    await ann.command("/threadreel", "schedule")
    assert BALL in await ann.hears("Asked for in advance")
    await ann.command("/threadreel", f"schedule cancel {id_}")
    await ann.hears(f"{id_} is cancelled.")
    assert stage.posts() == []
