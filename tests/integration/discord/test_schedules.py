"""Clips asked for in advance, on a simulated Discord."""

from __future__ import annotations

from tests.integration.discord.conftest import BALL, Server, said


async def test_a_clip_is_asked_for_in_advance_listed_and_taken_back(server: Server) -> None:
    ann = await server.member()
    kept = said(await ann.slash(server.channel, "schedule", prompt=BALL, when="every monday 9:00", seconds=2))
    assert "Then again: every Monday at 9:00." in kept
    id_ = kept.partition(":")[0]
    assert id_ in said(await ann.slash(server.channel, "schedule"))
    assert f"{id_} is cancelled." in said(await ann.slash(server.channel, "schedule", cancel=id_))
    assert server.posts() == []
