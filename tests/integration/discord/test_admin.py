"""`/admin`: what managers of a server decide there, and what nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from simcord import MemberActor, RoleHandle

from inference.types import ChangeSettings, Identity, MemberSettings, Place, Requester
from tests.integration.discord.conftest import BALL, Server, open_server, parts, said

PARTS = {
    *("admin server", "admin channel", "admin limits", "admin usage", "admin block", "admin unblock", "admin audit"),
    *("admin tier", "admin grant", "admin revoke", "admin reset", "admin refund"),
}


def boss_of(server: Server) -> MemberActor:
    """A member who may manage the server."""
    role = server.guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return server.guild.add_member(server.env.create_user("boss"), roles=[role])


@pytest.fixture
async def trusted(tmp_path: Path) -> AsyncIterator[Server]:
    """The operator lets managers give up to plus, in every server."""
    async with open_server(tmp_path, house={"tier_managers": {"discord:*": "plus"}}) as opened:
        yield opened


def fan_role(server: Server) -> RoleHandle:
    return server.guild.create_role("fans")


# --- Who sees it


async def test_only_managers_see_it_and_all_of_it(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "free")
    assert {name for name in boss.available_commands(server.channel) if name.startswith("admin")} == PARTS
    assert not {name for name in ann.available_commands(server.channel) if name.startswith("admin")}
    known = server.env.backend.visible_commands(user_id=boss.id, channel_id=server.channel.id)
    (admin,) = (command for command in known if command["name"] == "admin")
    assert int(admin["default_member_permissions"]) == discord.Permissions(manage_guild=True).value
    assert (admin["contexts"], admin["integration_types"]) == ([0], [0])
    assert admin["name_localizations"]["ja"] == "管理"
    by_name = {part["name"]: part for part in admin["options"]}
    assert by_name["channel"]["name_localizations"]["ja"] == "チャンネル"
    assert by_name["block"]["description_localizations"]["ja"]


async def test_it_is_checked_again_where_a_server_opened_it_to_all(server: Server) -> None:
    """A server may let members use a command that is meant for managers."""
    ann = await server.member("ann", "free")
    admin = next(command for command in await server.bot.tree.fetch_commands() if command.name == "admin")
    server.guild.set_command_permissions(admin, {ann: True})
    assert "admin block" in ann.available_commands(server.channel)
    for name, options in (("server", {"use": "no"}), ("block", {"member": ann}), ("usage", {"member": ann})):
        refused = said(await ann.slash(server.channel, f"admin {name}", **options))
        assert refused == "Only a manager of the server may change this."
    assert "this month" in said(await ann.slash(server.channel, "generate", prompt=BALL))


# --- Where the bot may be used


async def test_a_closed_channel_takes_no_requests_and_charges_nothing(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "free")
    _, message = await server.made(ann)
    shown = await boss.slash(server.channel, "admin channel", use="no")
    assert "Saved." in said(shown)
    assert "In #reels" in said(shown)
    assert "**Clips may be asked for** no" in said(shown)
    refused = said(await ann.slash(server.channel, "generate", prompt=BALL))
    assert refused == "Clips cannot be asked for here: the server's managers closed this place."
    again = next(part for part in parts(message.components) if getattr(part, "label", "") == "Again")
    assert "closed this place" in said(await ann.click(message, custom_id=again.custom_id))
    assert "1 of 10" in said(await ann.slash(server.channel, "info"))
    other = server.guild.create_text_channel("other")
    assert "this month" in said(await ann.slash(other, "generate", prompt=BALL))


async def test_a_server_may_be_closed_but_for_one_channel(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "pro")
    other = server.guild.create_text_channel("other")
    await boss.slash(other, "admin server", use="no")
    await boss.slash(other, "admin channel", channel=server.channel, use="yes")
    assert "closed this place" in said(await ann.slash(other, "generate", prompt=BALL))
    clip, message = await server.made(ann)
    await ann.send(server.channel, "make it blue", reply_to=message)
    child = await server.finish()  # a thread stands in its channel
    assert child.parent == clip.id
    thread = await server.opened_thread()
    await server.clip_message(child.id, thread)
    assert "this month" in said(await ann.slash(thread, "remix", prompt="make it green"))
    shown = said(await boss.slash(other, "admin channel", channel=other))
    assert "**Clips may be asked for** no (as the server)" in shown
    await boss.slash(other, "admin server", use="inherit")
    assert "(as the server)" in said(await boss.slash(other, "admin channel"))
    assert "**Clips may be asked for** yes (as usual)" in said(await boss.slash(other, "admin server"))


# --- What is lower here


async def test_managers_lower_limits_for_the_server_and_for_a_channel(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "pro")
    other = server.guild.create_text_channel("other")
    shown = said(await boss.slash(server.channel, "admin limits", seconds=3, size="480p", watermark="yes"))
    assert "**Lower than in tiers** clips of at most 3 s · at most 480p · with the mark" in shown
    refused = said(await ann.slash(other, "generate", prompt=BALL, size="720p"))
    assert "at most 480p; 720p was asked for. That is lower in this server than elsewhere." in refused
    shown = said(await boss.slash(other, "admin limits", channel=server.channel, jobs=1, clips=2))
    assert "at most 2 clips a month · at most 1 at once · clips of at most 3 s" in shown
    clip, _ = await server.made(ann)
    assert (clip.seconds, clip.recipe.watermark) == (3, True)
    assert "1 of 2" in said(await ann.slash(server.channel, "info"))
    assert "1 of 500" in said(await ann.slash(other, "info"))
    taken_back = said(await boss.slash(other, "admin limits", seconds=0, size="default", watermark="default"))
    assert "**Lower than in tiers** nothing" in taken_back
    assert "this month" in said(await ann.slash(other, "generate", prompt=BALL, size="720p"))


async def test_who_manages_nothing_lowers_nothing(server: Server) -> None:
    ann = await server.member("ann", "free")
    admin = next(command for command in await server.bot.tree.fetch_commands() if command.name == "admin")
    server.guild.set_command_permissions(admin, {ann: True})
    refused = said(await ann.slash(server.channel, "admin limits", seconds=1))
    assert refused == "Only a manager of the server may change this."


# --- How clips are shown


def covered(message: discord.Message) -> set[bool]:
    return {item.spoiler for part in parts(message.components) for item in getattr(part, "items", [])}


async def test_clips_are_covered_where_the_channel_wants_it(server: Server) -> None:
    boss, ann = boss_of(server), await server.member()
    _, plain = await server.made(ann)
    assert covered(plain) == {False}
    await boss.slash(server.channel, "admin channel", spoiler="yes")
    clip, message = await server.made(ann)
    assert covered(message) == {True}
    shown = await ann.slash(server.channel, "show", clip=clip.id)  # only to who asks
    assert shown.response is not None
    assert covered(shown.response.message) == {False}
    await ann.slash(server.channel, "generate", prompt=BALL, private=True)
    private = await server.finish()
    assert covered(await server.clip_message(private.id, ann.user.dm_channel)) == {False}


async def test_a_thread_is_opened_at_once_where_the_server_wants_it(server: Server) -> None:
    boss, ann = boss_of(server), await server.member()
    await server.made(ann)
    assert not server.channel.threads
    await boss.slash(server.channel, "admin server", threads="at_once")
    await ann.slash(server.channel, "generate", prompt="a blue kite")
    thread = await server.opened_thread()
    assert thread.name == "a blue kite"
    clip = await server.finish()
    message = await server.clip_message(clip.id)
    assert message.id == thread.id
    await ann.send(thread, "make it green")
    child = await server.finish()
    assert child.parent == clip.id
    await server.clip_message(child.id, thread)
    assert len(server.channel.threads) == 1


async def test_a_private_clip_opens_no_thread_and_a_refused_thread_loses_no_clip(server: Server) -> None:
    boss, ann = boss_of(server), await server.member()
    await boss.slash(server.channel, "admin server", threads="at_once")
    await ann.slash(server.channel, "generate", prompt=BALL, private=True)
    private = await server.finish()
    await server.clip_message(private.id, ann.user.dm_channel)
    assert not server.channel.threads
    server.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160006)
    clip, _ = await server.made(ann)
    assert clip
    assert not server.channel.threads


# --- What members get who chose nothing


async def test_a_servers_defaults_serve_who_chose_nothing(server: Server) -> None:
    boss, ann = boss_of(server), await server.member()
    shown = said(
        await boss.slash(server.channel, "admin server", seconds=2.0, size="480p", aspect_ratio="16:9", language="ja")
    )
    assert "480p" in shown
    clip, message = await server.made(ann)
    assert (clip.seconds, clip.size.short_side) == (2, 480)
    assert "480p（サーバーの設定）" in said(await ann.slash(server.channel, "settings"))
    assert any(getattr(part, "label", "") == "リミックス" for part in parts(message.components))
    assert "**Language** English" in said(await ann.slash(server.channel, "settings", language="en"))
    taken = said(await boss.slash(server.channel, "admin server", seconds=0.0, language="default"))
    assert "2 s" not in taken
    assert (await server.made(ann))[0].seconds == 5


async def test_a_wrong_default_is_refused_in_words(server: Server) -> None:
    refused = said(await boss_of(server).slash(server.channel, "admin server", seconds=99.0))
    assert "seconds cannot be “99”. Possible: up to 20 seconds." in refused


# --- Members


async def test_a_blocked_member_asks_for_nothing_here(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "free")
    clip, _ = await server.made(ann)
    assert "can no longer ask" in said(await boss.slash(server.channel, "admin block", member=ann))
    refused = said(await ann.slash(server.channel, "generate", prompt=BALL))
    assert refused == "The server's managers have blocked you from asking for clips here."
    assert clip.id in said(await ann.slash(server.channel, "history"))
    assert "**Blocked here** yes" in said(await boss.slash(server.channel, "admin usage", member=ann))
    assert "again" in said(await boss.slash(server.channel, "admin unblock", member=ann))
    await server.made(ann)


async def test_usage_shows_figures_and_no_prompts(server: Server) -> None:
    boss, ann = boss_of(server), await server.member("ann", "free")
    await ann.slash(server.channel, "generate", prompt="a secret of mine", private=True)
    shown = said(await boss.slash(server.channel, "admin usage", member=ann))
    assert "**ann**" in shown
    assert "1 of 10" in shown
    assert "**On their way** 1" in shown
    assert "secret" not in shown
    stranger = server.env.create_user("eve")
    assert "There is no member “eve”" in said(await boss.slash(server.channel, "admin usage", member=stranger))


# --- Tiers and months, where the operator trusts managers


async def test_a_tier_for_a_member_and_for_a_role(trusted: Server) -> None:
    boss, ann = boss_of(trusted), await trusted.member("ann", "free")
    given = said(await boss.slash(trusted.channel, "admin tier", tier="plus", member=ann))
    assert "ann: plus, in this server." in given
    assert "**Given here** plus" in given
    assert "of 50" in said(await ann.slash(trusted.channel, "info"))
    assert "of 10" in said(await ann.user.slash("info"))  # in a direct message there is no server
    fans = fan_role(trusted)
    bob = trusted.guild.add_member(trusted.env.create_user("bob"), roles=[fans])
    assert "of 10" in said(await bob.slash(trusted.channel, "info"))
    assert "fans: plus" in said(await boss.slash(trusted.channel, "admin tier", tier="plus", role=fans))
    assert "of 50" in said(await bob.slash(trusted.channel, "info"))
    assert "**Tier** plus" in said(await boss.slash(trusted.channel, "admin usage", member=bob))
    assert "nothing is given" in said(await boss.slash(trusted.channel, "admin tier", tier="none", role=fans))
    assert "of 10" in said(await bob.slash(trusted.channel, "info"))


async def test_a_tier_for_everyone_is_everyones(trusted: Server) -> None:
    boss, ann = boss_of(trusted), await trusted.member("ann", "free")
    await boss.slash(trusted.channel, "admin tier", tier="plus", role=trusted.guild.default_role)
    assert "of 50" in said(await ann.slash(trusted.channel, "info"))


async def test_no_tier_above_what_the_operator_allows(trusted: Server) -> None:
    boss, ann = boss_of(trusted), await trusted.member("ann", "free")
    refused = said(await boss.slash(trusted.channel, "admin tier", tier="pro", member=ann))
    assert "Possible: one of free, plus" in refused
    for options in ({}, {"member": ann, "role": fan_role(trusted)}):
        assert "one of the two" in said(await boss.slash(trusted.channel, "admin tier", tier="plus", **options))
    offered = await boss.autocomplete(trusted.channel, "admin tier", "tier", "p")
    assert {choice["value"] for choice in offered} == {"plus", "pro"}


async def test_a_month_begins_anew(trusted: Server) -> None:
    boss, ann = boss_of(trusted), await trusted.member("ann", "free")
    await trusted.made(ann)
    answer = said(await boss.slash(trusted.channel, "admin reset", member=ann))
    assert "ann was given back what they spent this month." in answer
    assert "1 of 11" in answer
    assert "Uses 2 of 11" in said(await ann.slash(trusted.channel, "generate", prompt=BALL))


async def test_a_server_that_is_not_trusted_hears_why(tmp_path: Path) -> None:
    async with open_server(tmp_path, house={"tier_managers": {"discord:1": "plus"}}) as server:
        boss, ann = boss_of(server), await server.member("ann", "free")
        refused = said(await boss.slash(server.channel, "admin tier", tier="plus", member=ann))
        assert f"setting tier_managers, discord:{server.guild.id}" in refused


async def test_managers_are_answered_in_their_language(trusted: Server) -> None:
    boss, ann = boss_of(trusted), await trusted.member("ann", "free")
    who = Requester(identity=Identity(f"discord:{boss.id}"), place=Place(platform="discord"))
    await trusted.studio.face.change_account(ChangeSettings(settings=MemberSettings(locale="ja")), who)
    assert "ここで付いたティア" in said(await boss.slash(trusted.channel, "admin tier", tier="plus", member=ann))
    assert "またクリップを頼めます" in said(await boss.slash(trusted.channel, "admin unblock", member=ann))
    assert "クリップを隠す** はい" in said(await boss.slash(trusted.channel, "admin server", spoiler="yes"))
    assert "のどちらか" in said(await boss.slash(trusted.channel, "admin tier", tier="plus"))


# --- What the service does not offer


async def test_what_nobody_offers_is_not_shown(server: Server) -> None:
    """Styles come when a preset offers them."""
    ann = await server.member()
    known = server.env.backend.visible_commands(user_id=ann.id, channel_id=server.channel.id)
    by_name = {command["name"]: {option["name"] for option in command.get("options", [])} for command in known}
    assert by_name["settings"] >= {"seconds", "size", "aspect_ratio", "language"}
    assert "style" not in by_name["generate"]


# --- Looking after a server


async def test_managers_see_who_used_what_give_back_and_read_who_did_what(trusted: Server) -> None:
    server = trusted
    boss, ann = boss_of(server), await server.member("ann")
    clip, _ = await server.made(ann)
    assert "one clip" in said(await boss.slash(server.channel, "admin usage"))
    assert "Nobody used anything" in said(await boss.slash(server.channel, "admin usage", month="2020-01"))
    assert "What was used each month" in said(await boss.slash(server.channel, "admin usage", by="month"))
    neither = said(await boss.slash(server.channel, "admin refund", reason="sorry"))
    assert "a clip or a member" in neither
    given = said(await boss.slash(server.channel, "admin refund", clip=clip.id, reason="the ball was blue"))
    assert "One clip was given back." in given
    again = said(await boss.slash(server.channel, "admin refund", clip=clip.id, reason="once more"))
    assert "given back before" in again
    await boss.slash(server.channel, "admin tier", tier="plus", member=ann, days=2, reason="a trial")
    await boss.slash(server.channel, "admin block", member=ann, days=1, reason="spam")
    assert "spam" in said(await ann.slash(server.channel, "generate", prompt=BALL))
    acts = said(await boss.slash(server.channel, "admin audit"))
    assert all(words in acts for words in ("refund", "because: the ball was blue", "because: a trial", "because: spam"))


async def test_who_manages_nothing_is_told_nothing(server: Server) -> None:
    ann = await server.member("ann")
    admin = next(command for command in await server.bot.tree.fetch_commands() if command.name == "admin")
    server.guild.set_command_permissions(admin, {ann: True})
    for command in ("usage", "audit"):
        refused = said(await ann.slash(server.channel, f"admin {command}"))
        assert refused == "Only a manager of the server may change this."
