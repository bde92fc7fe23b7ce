"""Rows of the table of Discord's errors: each with the mend that a member sees."""

from __future__ import annotations

import asyncio

import discord
import pytest
import simcord

from tests.integration.discord.conftest import BALL, Server, said, text_of

CALLBACK = "/interactions/*/callback"
SENDS = "/channels/*/messages"
EDITS = "/channels/*/messages/*"


@pytest.mark.parametrize("code", [10062, 10015, 50027])
async def test_a_dead_token_drops_no_job(server: Server, code: int) -> None:
    ann = await server.member()
    server.env.inject_error("POST", CALLBACK, status=404, code=code)
    await ann.slash(server.channel, "generate", prompt=BALL)
    clip = await server.finish()
    await server.clip_message(clip.id)
    told = next(m for m in server.posts() if "this month" in text_of(m))
    assert told.content.startswith(f"<@{ann.id}>")


async def test_a_token_that_dies_before_the_answer_is_answered_in_the_channel(server: Server) -> None:
    ann = await server.member()
    server.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=401, code=50027)
    await ann.slash(server.channel, "cancel")
    assert "Nothing of yours" in server.posts()[0].content


async def test_missing_permissions_are_named_before_anything_is_charged(server: Server) -> None:
    me = server.guild.me
    assert me is not None
    muted = server.guild.create_text_channel(
        "muted", overwrites={me: discord.PermissionOverwrite(send_messages=False, attach_files=False)}
    )
    ann = await server.member()
    refused = said(await ann.slash(muted, "generate", prompt=BALL))
    assert "Attach Files, Send Messages" in refused
    assert "0 of 500" in said(await ann.slash(server.channel, "info"))


@pytest.mark.parametrize("code", [50001, 50013, 10003, 10004])
async def test_a_channel_that_takes_nothing_any_more_sends_the_clip_to_the_member(server: Server, code: int) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.post_saying(BALL)
    claim = await server.claimed()
    for method, path in (("PATCH", EDITS), ("POST", f"/channels/{server.channel.id}/messages")):
        server.env.inject_error(method, path.replace("*", str(server.channel.id), 1), status=403, code=code, times=None)
    clip = await server.studio.succeed(claim)
    await server.clip_message(clip.id, ann.user.dm_channel)


async def test_with_direct_messages_closed_too_it_is_kept_for_result(server: Server) -> None:
    ann = await server.member()
    server.env.inject_error("POST", SENDS, status=403, code=50007)
    await ann.slash(server.channel, "generate", prompt="a secret", private=True)
    closed = await server.post_saying("direct messages are closed")
    assert "secret" not in text_of(closed)
    clip = await server.finish()
    shown = await ann.slash(server.channel, "result")
    assert shown.response is not None
    assert [file.filename for file in shown.response.attachments] == [f"{clip.id}.mp4"]


@pytest.mark.parametrize(("code", "status"), [(50083, 400), (30046, 429)])
async def test_a_message_that_cannot_be_edited_any_more_is_replaced(server: Server, code: int, status: int) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    claim = await server.claimed()
    server.env.inject_error("PATCH", EDITS, status=status, code=code, times=None)
    clip = await server.studio.succeed(claim)
    fresh = await server.clip_message(clip.id)
    assert fresh.id != working.id
    await server.until(lambda: len(server.posts()) == 1)


async def test_a_locked_thread_gets_its_clip_in_the_channel_above(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    first = await server.finish()
    thread = await server.opened_thread()
    await server.clip_message(first.id, thread)
    server.env.inject_error("POST", f"/channels/{thread.id}/messages", status=400, code=160005, times=None)
    await ann.slash(server.channel, "remix", prompt="make it green", clip=root.id)
    second = await server.finish()
    await server.clip_message(second.id)


async def test_a_thread_that_someone_began_a_moment_before_is_used(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    backend = server.env.backend
    # Begun between our looks for it and our own beginning, so that we hear of it by the refusal only.
    theirs = backend.create_thread(server.channel.id, "theirs", ann.id, message_id=message.id, broadcast=False)
    server.env.inject_error("GET", f"/channels/{theirs.id}", status=404, code=10003)
    server.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160004)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    clip = await server.finish()
    await server.clip_message(clip.id, server.thread())
    assert server.thread().name == "theirs"


async def test_where_there_are_too_many_threads_the_clip_is_answered_in_the_channel(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    server.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160006)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    clip = await server.finish()
    answered = await server.clip_message(clip.id)
    assert answered.reference is not None
    assert answered.reference.message_id == message.id


async def test_without_the_history_it_is_sent_without_the_reference(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    server.env.inject_error("POST", "/channels/*/messages/*/threads", status=403, code=50013)
    server.env.inject_error("POST", SENDS, status=400, code=160002)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    clip = await server.finish()
    assert (await server.clip_message(clip.id)).reference is None


@pytest.mark.parametrize("code", [200000, 240000])
async def test_words_that_automod_refuses_are_left_out(server: Server, code: int) -> None:
    ann = await server.member()
    server.env.inject_error("POST", SENDS, status=400, code=code)
    await ann.slash(server.channel, "generate", prompt="words of a bad kind")
    hidden = await server.post_saying("AutoMod")
    assert "bad kind" not in text_of(hidden)
    clip = await server.finish()
    message = await server.clip_message(clip.id)
    assert message.id == hidden.id
    assert "bad kind" not in text_of(message) + (message.attachments[0].description or "")


@pytest.mark.parametrize(("status", "code"), [(400, 40005), (413, 0)])
async def test_a_clip_that_is_too_large_is_made_smaller(server: Server, status: int, code: int) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.post_saying(BALL)
    claim = await server.claimed()
    await server.studio.show(claim, 4)
    await server.post_saying("Painting 4 of 8")  # so that the next edit is the clip's
    server.env.inject_error("PATCH", EDITS, status=status, code=code)
    clip = await server.studio.succeed(claim)
    assert (await server.clip_message(clip.id)).attachments[0].size <= clip.video_bytes


async def test_a_failure_is_told_with_its_refund(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.studio.fail(await server.claimed())
    await server.post_saying("Nothing was charged.")


@pytest.mark.parametrize(("code", "status"), [(50013, 403), (30046, 429)])
async def test_what_we_may_not_change_is_not_asked_for_again_and_again(server: Server, code: int, status: int) -> None:
    """Ten thousand refusals ban the address: one is enough for the progress of a job, or for a minute of it."""
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    claim = await server.claimed()
    before = len(edits(server, working))
    server.env.inject_error("PATCH", EDITS, status=status, code=code, times=None)
    for step in (1, 3, 5, 7):
        await server.studio.show(claim, step)
        await server.until(lambda: len(edits(server, working)) > before)
        await asyncio.sleep(0.2)  # time to ask again
    assert len(edits(server, working)) == before + 1
    clip = await server.studio.succeed(claim)
    assert (await server.clip_message(clip.id)).id != working.id


def edits(server: Server, message: discord.Message) -> list[simcord.HttpLogEntry]:
    """What was asked of Discord about the message."""
    return [r for r in server.env.http_requests if r.method == "PATCH" and r.path.endswith(f"/messages/{message.id}")]
