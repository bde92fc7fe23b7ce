"""`/threadreel admin …`, typed by managers, by operators, and by who is neither."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inference.types import ChangeSettings, Identity, MemberSettings, Place, Requester
from tests.integration.slack.conftest import BALL, Stage, open_stage
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, BOB, KEI, TEAM, words_of

PNG = b"\x89PNG\r\n\x1a\n"
OPERATORS = "Only an operator of this deployment may do that."


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    """Ann is an operator, and no admin of the workspace; Kei is an admin; Bob is neither."""
    async with open_stage(tmp_path, operators=(f"slack:{TEAM}:{ANN}",)) as opened, opened.bot():
        opened.server.world.users[KEI] |= {"is_admin": True, "locale": "en-GB"}
        yield opened


async def typed(stage: Stage, who: Member, line: str, words: str) -> str:
    """What was answered to this very line."""
    stage.server.world.ephemerals.clear()
    await who.command("/threadreel", f"admin {line}")
    return await who.hears(words)


def files_for(stage: Stage, user: str) -> dict[str, bytes]:
    """In their direct messages with the bot."""
    world = stage.server.world
    files = [file for message in stage.posts(f"D{user[1:]}") for file in message.get("files") or ()]
    return {file["name"]: world.contents[file["id"]] for file in files}


async def test_an_operator_types_a_whole_day(house: Stage) -> None:
    ann, bob = await house.member("ann", "free"), await house.member("bob", "free")
    granted = await typed(house, ann, f"grant <@{BOB}|bob> pro everywhere until 2099-01-31 a film", "bob: pro")
    assert "everywhere. It ends Feb 1, 2099" in granted
    await bob.command("/threadreel", "info")
    await bob.hears("of 500")
    clip, _ = await house.made(bob)
    blocked = await typed(house, ann, f"block <@{BOB}|bob> everywhere until 2099-01-31 reason too many", "anywhere")
    assert "2099" in blocked
    await bob.command("/generate", BALL)
    assert "2099" in await bob.hears("too many")
    await typed(house, ann, f"unblock <@{BOB}|bob> everywhere a mistake", "can ask for clips again")
    await typed(house, ann, f"refund {clip.id} it was green", "One clip was given back.")
    await typed(house, ann, f"revoke <@{BOB}|bob> everywhere the film is done", "nothing is granted")
    acts = await typed(house, ann, "audit", "Who did what")
    for words in ("a film", "too many", "a mistake", "it was green", "the film is done"):
        assert f"because: {words}" in acts
    assert acts.count("everywhere") == 2 * 4  # in the notification too
    assert "because: a film" not in await typed(house, ann, f"audit <@{KEI}>", "Nothing yet")


async def test_usage_is_a_table_and_its_files_come_directly(house: Stage) -> None:
    ann, bob = await house.member("ann", "free"), await house.member("bob", "free")
    await house.made(bob)
    month = f"{datetime.now(UTC):%Y-%m}"
    told = await typed(house, ann, f"usage {month} by server", f"slack:{TEAM}: one clip")
    assert f"Who used what in {month}, on all servers" in told
    assert "in your direct messages" in told
    wanted = {f"usage-server-{month}.png", f"usage-server-{month}.csv"}
    files = await house.server.until(lambda: found if (found := files_for(house, ANN)).keys() == wanted else None)
    assert files[f"usage-server-{month}.png"].startswith(PNG)
    (row,) = csv.DictReader(io.StringIO(files[f"usage-server-{month}.csv"].decode()))
    assert (row["server"], row["clips"]) == (f"slack:{TEAM}", "1")
    assert "1 of 10" in await typed(house, ann, f"usage <@{BOB}|bob>", "1 of 10")
    assert not files_for(house, BOB)


async def test_where_direct_messages_take_no_files_the_table_is_shown_all_the_same(house: Stage) -> None:
    ann, bob = await house.member("ann", "free"), await house.member("bob", "free")
    await house.made(bob)
    house.server.refuse("files.getUploadURLExternal", "file_uploads_disabled")
    told = await typed(house, ann, "usage", "one clip")
    assert "could not be sent" in told


async def test_an_admin_decides_in_their_workspace_and_nowhere_else(house: Stage) -> None:
    kei, bob = await house.member("kei", "free"), await house.member("bob", "free")
    for line in (
        f"grant <@{BOB}> pro everywhere",
        f"revoke <@{BOB}> everywhere",
        f"block <@{BOB}> everywhere spam",
        f"unblock <@{BOB}> everywhere",
    ):
        await typed(house, kei, line, OPERATORS)
    for line in (f"grant <@{BOB}> plus", f"reset <@{BOB}>", f"refund <@{BOB}> sorry"):
        await typed(house, kei, line, "setting tier_managers")
    await typed(house, kei, f"block <@{BOB}> 3 days too many balls", "in this server")
    await bob.command("/generate", BALL)
    assert "too many balls" in await bob.hears("blocked you")
    await typed(house, kei, f"unblock <@{BOB}> a mistake", "in this server again")
    acts = await typed(house, kei, "audit", "too many balls")
    assert "because: a mistake" in acts
    assert "everywhere" not in acts


async def test_who_is_neither_is_refused(house: Stage) -> None:
    bob = await house.member("bob", "free")
    for line in ("usage", "audit", f"grant <@{BOB}> pro", f"grant <@{BOB}> pro everywhere", f"refund <@{BOB}> mine"):
        await typed(house, bob, line, "Only")


async def test_slips_are_refused_in_words(house: Stage) -> None:
    ann = await house.member("ann", "free")
    for line, words in (
        ("", "What managers of this workspace and operators may type"),
        ("govern", "What managers of this workspace and operators may type"),
        ("block", "needs a value: a member"),
        ("block @bob spam", "Escape channels"),
        (f"block <@{BOB}> everywhere", "reason needs a value"),
        (f"block <@{BOB}> until soon spam", "until cannot be “soon”"),
        (f"grant <@{BOB}>", "the name of a tier"),
        (f"grant <@{BOB}> gold everywhere", "gold"),
        ("grant <!subteam^S1|@film> plus everywhere", "everywhere"),
        ("refund because", "a clip or a member"),
        ("usage 2026-13", "2026-11"),
    ):
        await typed(house, ann, line, words)


async def test_an_operator_is_answered_in_japanese(house: Stage) -> None:
    ann, bob = await house.member("ann", "free"), await house.member("bob", "free")
    who = Requester(identity=Identity(f"slack:{TEAM}:{ANN}"), place=Place(platform="slack", workspace=TEAM))
    await house.studio.face.change_account(ChangeSettings(settings=MemberSettings(locale="ja")), who)
    clip, _ = await house.made(bob)
    await typed(house, ann, "", "付与 @メンバー ティア")
    await typed(house, ann, f"付与 <@{BOB}|bob> pro 全体 期限 2099-01-31 理由：撮影", "全体でpro")
    await typed(house, ann, f"ブロック <@{BOB}|bob> 全体 日数 3 理由 多すぎる", "どこでも")
    await typed(house, ann, f"ブロック解除 <@{BOB}|bob> 全体 間違い", "またクリップを頼めます")
    await typed(house, ann, f"返却 {clip.id} 緑だった", "1 本を返しました")
    assert "ダイレクトメッセージ" in await typed(house, ann, "使用状況 区切り サーバー", "全サーバー")
    acts = await typed(house, ann, "記録", "全体")
    for words in ("理由: 撮影", "理由: 多すぎる", "理由: 間違い", "理由: 緑だった"):
        assert words in acts
    await typed(house, ann, "ブロック @bob", "Escape channels")
    await typed(house, ann, f"剥奪 <@{BOB}|bob> 全体", "付与したティアを取り消しました")


async def test_the_home_tab_counts_by_server_and_sends_the_files_that_were_asked_for(house: Stage) -> None:
    ann, bob = await house.member("ann", "free"), await house.member("bob", "free")
    await house.made(bob)
    month = f"{datetime.now(UTC):%Y-%m}"
    await ann.act_home({"action_id": "tr:house:usage", "type": "button"})
    view = await ann.modal(month)
    assert not files_for(house, ANN)
    await ann.submit(view, by="server", copies="yes")
    assert f"slack:{TEAM}: one clip" in words_of(await ann.modal("in your direct messages"))
    await house.server.until(lambda: len(files_for(house, ANN)) == 2 or None)
