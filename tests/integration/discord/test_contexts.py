"""Places other than a server's channel, and the tree as Discord is given it."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest

from bot.discord_app.places import Places, spot_of
from bot.platform import Spot
from tests.integration.discord.conftest import BALL, Server, open_server, said, text_of


async def test_a_direct_message_is_a_whole_conversation(server: Server) -> None:
    user = server.env.create_user("eve")
    answer = said(await user.slash("generate", prompt=BALL))
    assert "this month" in answer
    clip = await server.finish()
    direct = user.dm_channel
    message = await server.clip_message(clip.id, direct)
    answered_to = {"channel_id": str(direct.id), "message_id": str(message.id)}
    await user.send_dm("make it blue", reference=answered_to)
    child = await server.finish()
    assert child.parent == clip.id
    answered = await server.clip_message(child.id, direct)
    assert answered.reference is not None
    assert answered.reference.message_id == message.id
    await user.send_dm("hello?")
    await server.post_saying("/generate", direct)


async def test_a_forum_that_lost_its_post_gets_a_new_one(server: Server) -> None:
    forum = server.guild.create_forum_channel("clips")
    places = Places(server.bot)
    opened = await places.parent(Spot(platform="discord", channel=str(forum.id), thread="5"), "a red ball")
    assert opened.channel == str(forum.id)
    assert [thread.name for thread in forum.threads] == ["a red ball"]
    channel = server.bot.get_channel(forum.threads[0].id)
    assert isinstance(channel, discord.Thread)
    assert spot_of(channel, channel.id) == Spot(platform="discord", channel=str(forum.id), thread=str(channel.id))


async def test_a_forum_post_is_a_thread_and_a_deleted_one_is_begun_anew(server: Server) -> None:
    forum = server.guild.create_forum_channel("clips")
    backend = server.env.backend
    ann = await server.member()
    backend.create_thread(forum.id, "our balls", ann.id)
    (post,) = forum.threads
    await ann.slash(post, "generate", prompt=BALL)
    root = await server.finish()
    await server.clip_message(root.id, post)
    await ann.send(post, "make it blue")
    claim = await server.claimed()
    await server.post_saying("make it blue", post)
    backend.delete_channel(post.id)
    child = await server.studio.succeed(claim)
    assert child.parent == root.id
    (fresh,) = await server.until(lambda: forum.threads)
    await server.clip_message(child.id, fresh)
    assert fresh.id != post.id


async def test_a_thread_that_was_deleted_meanwhile_is_begun_anew(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    claim = await server.claimed()
    thread = await server.opened_thread()
    await server.post_saying("make it blue", thread)
    server.env.backend.delete_channel(thread.id)
    child = await server.studio.succeed(claim)
    await server.clip_message(child.id, await server.opened_thread())


async def test_what_was_asked_in_a_private_thread_is_never_told_in_the_channel_above(server: Server) -> None:
    ann = await server.member()
    backend = server.env.backend
    opened = backend.create_thread(server.channel.id, "among us", ann.id, type=12)
    backend.add_thread_member(opened.id, backend.bot_user.id)
    (few,) = server.channel.threads
    await ann.slash(few, "generate", prompt=BALL)
    root = await server.finish()
    await server.clip_message(root.id, few)
    await ann.send(few, "make it blue")
    claim = await server.claimed()
    await server.post_saying("make it blue", few)
    backend.delete_channel(opened.id)
    child = await server.studio.succeed(claim)
    await server.clip_message(child.id, ann.user.dm_channel)
    assert (child.parent, server.posts()) == (root.id, [])


@pytest.mark.parametrize("gone", ["channel", "server"])
async def test_where_the_place_is_gone_the_clip_goes_to_its_member(server: Server, gone: str) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.post_saying(BALL)
    claim = await server.claimed()
    backend = server.env.backend
    if gone == "channel":
        backend.delete_channel(server.channel.id)
    else:
        backend.remove_guild(server.guild.id)
    clip = await server.studio.succeed(claim)
    await server.clip_message(clip.id, ann.user.dm_channel)


async def test_a_role_counts_while_a_member_has_it(server: Server) -> None:
    role = server.guild.create_role("vip")
    bob = server.guild.add_member(server.env.create_user("bob"), roles=[role])
    await bob.slash(server.channel, "generate", prompt=BALL)
    claim = await server.claimed()
    assert f"discord:{role.id}" in claim.job.requester.roles
    clip = await server.studio.succeed(claim)
    message = await server.clip_message(clip.id)
    server.env.backend.remove_member_role(server.guild.id, bob.id, role.id)
    await bob.send(server.channel, "make it blue", reply_to=message)
    assert f"discord:{role.id}" not in (await server.claimed()).job.requester.roles


async def test_commands_are_shown_in_both_languages_everywhere(server: Server) -> None:
    ann = await server.member()
    known = server.env.backend.visible_commands(user_id=ann.id, channel_id=server.channel.id)
    by_name = {command["name"]: command for command in known}
    assert {"generate", "remix", "animate", "show", "queue", "cancel", "info", "history", "tree", "settings", "result", "help"} <= by_name.keys()  # fmt: skip
    generate = by_name["generate"]
    assert generate["name_localizations"]["ja"] == "生成"
    options = {option["name"]: option for option in generate["options"]}
    assert options["seconds"]["name_localizations"]["ja"] == "秒"
    assert options["negative_prompt"]["description_localizations"]["ja"]
    assert {command["contexts"] == [0, 1, 2] for command in known} == {True}
    assert {command["integration_types"] == [0, 1] for command in known} == {True}


async def test_what_no_model_can_do_is_not_shown(tmp_path: Path) -> None:
    shipped = Path("inference/presets.toml").read_text(encoding="utf-8")
    presets = tmp_path / "presets.toml"
    presets.write_text(shipped.replace('"animate", "remix", ', ""), encoding="utf-8")
    async with open_server(tmp_path, presets_file=presets) as server:
        ann = await server.member()
        shown = set(ann.available_commands(server.channel))
        assert {"animate", "remix"} & shown == set()
        assert {"generate", "again"} <= shown
        with pytest.raises(Exception, match="image"):
            await ann.slash(server.channel, "generate", prompt=BALL, image=("red.png", b"x"))


async def test_nobody_is_pinged_and_nothing_is_marked_up(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt="@everyone <@1> **bold** # x [a](http://b)")
    message = await server.post_saying("everyone")
    assert not message.mention_everyone
    assert not message.mentions
    assert "\\*\\*bold" in text_of(message)
    sent = [request for request in server.env.http_requests if request.method == "POST" and "/messages" in request.path]
    assert {str(request.json["allowed_mentions"]) for request in sent if isinstance(request.json, dict)} == {
        "{'parse': []}"
    }
