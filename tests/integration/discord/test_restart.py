"""Restarts, stops, and what happens twice."""

from __future__ import annotations

import discord
import pytest

from tests.integration.discord.conftest import BALL, Server, buttons_of, said, text_of


async def test_a_clip_that_ended_while_the_bot_was_away_is_told_in_its_message(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    claim = await server.claimed()
    await server.restart()
    clip = await server.studio.succeed(claim)
    assert (await server.clip_message(clip.id)).id == working.id
    assert len(server.posts()) == 1


async def test_buttons_and_open_forms_of_before_a_restart_work(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    shown = await ann.click(message, label="Remix")
    await server.restart()
    await ann.submit_modal(shown, {"text": "make it blue"})
    assert (await server.finish()).parent == root.id
    assert root.id in said(await ann.click(message, label="Info"))
    assert buttons_of(message)[0].custom_id == f"tr:v1:remix:{root.id}"


async def test_a_post_that_was_not_written_down_is_found_again(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.post_saying(BALL)
    claim = await server.claimed()
    cog = server.bot.get_cog("threadreel")
    assert cog is not None
    await cog.close()  # type: ignore[attr-defined]
    await server.forget_message(claim.job.id)
    await server.restart()
    clip = await server.studio.succeed(claim)
    await server.clip_message(clip.id)
    assert len(server.posts()) == 1


@pytest.mark.parametrize("private", [True, False])
async def test_what_was_sent_directly_and_not_written_down_is_found_again(server: Server, private: bool) -> None:
    """A private clip, and one whose channel was closed to us before it was posted."""
    ann = await server.member()
    if not private:
        path = f"/channels/{server.channel.id}/messages"
        server.env.inject_error("POST", path, status=403, code=50013, times=None)
    await ann.slash(server.channel, "generate", prompt=BALL, private=private)
    direct = await server.until(lambda: ann.user.dm_channel)
    await server.until(lambda: server.posts(direct))
    claim = await server.claimed()
    cog = server.bot.get_cog("threadreel")
    assert cog is not None
    await cog.close()  # type: ignore[attr-defined]
    await server.forget_message(claim.job.id)
    await server.restart()
    clip = await server.studio.succeed(claim)
    await server.clip_message(clip.id, direct)
    assert (len(server.posts(direct)), server.posts()) == (1, [])


async def test_a_stop_refuses_politely_and_charges_nothing(server: Server) -> None:
    ann = await server.member()
    _, message = await server.made(ann)
    server.bot.get_cog("threadreel").stop_taking()  # type: ignore[union-attr]
    assert "restarting" in said(await ann.slash(server.channel, "generate", prompt=BALL))
    assert "restarting" in said(await ann.click(message, label="Again"))
    await ann.send(server.channel, "make it blue", reply_to=message)
    await server.post_saying("restarting")
    assert (await server.studio.jobs.counts()).get("queued", 0) == 0


async def test_the_same_message_twice_is_one_remix(server: Server) -> None:
    ann = await server.member()
    _, message = await server.made(ann)
    reply = await ann.send(server.channel, "make it blue", reply_to=message)
    cog = server.bot.get_cog("threadreel")
    await cog.on_message(reply)  # type: ignore[union-attr]
    child = await server.finish()
    await server.clip_message(child.id, await server.opened_thread())
    counts = await server.studio.jobs.counts()
    assert {status: count for status, count in counts.items() if count} == {"succeeded": 2}


async def test_a_deleted_message_comes_back_with_the_clip(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    mod = server.guild.add_member(
        server.env.create_user("mod"),
        roles=[server.guild.create_role("mod", permissions=discord.Permissions(manage_messages=True))],
    )
    await mod.delete(working)
    clip = await server.finish()
    again = await server.clip_message(clip.id)
    assert again.id != working.id
    assert len(server.posts()) == 1


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_without_the_intent_one_hint_and_five_ways(blind_server: Server, language: str) -> None:
    server = blind_server
    ann = await server.member()
    await ann.slash(server.channel, "settings", language=language)
    root, _ = await server.made(ann)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    child = await server.finish()
    thread = await server.opened_thread()
    child_message = await server.clip_message(child.id, thread)
    for words in ("make it green", "make it yellow"):
        await ann.send(thread, words)
    assert (await server.studio.jobs.counts()).get("queued", 0) == 0
    hints = [m for m in server.posts(thread) if "/remix" in text_of(m)]
    assert len(hints) == 1
    me = server.env.backend.bot_user.id
    await ann.send(thread, f"<@{me}> and slower")
    mentioned = await server.finish()
    assert (mentioned.parent, mentioned.text) == (child.id, "and slower")
    await server.clip_message(mentioned.id, thread)
    await ann.send(thread, "at night", reply_to=child_message)
    replied = await server.finish()
    assert (replied.parent, replied.text) == (child.id, "at night")
