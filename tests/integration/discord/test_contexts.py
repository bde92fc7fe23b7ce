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
