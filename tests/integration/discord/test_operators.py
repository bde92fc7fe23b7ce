"""`/admin` for those who run the deployment, in a server that they do not manage; and for those who do not."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import InteractionResult, MemberActor, UserHandle
from simcord.backend.models import User

from inference.types import ChangeSettings, Identity, MemberSettings, Place, Requester
from tests.integration.discord.conftest import BALL, Server, open_server, said

CHIEF = 4_100_000_000_000_000_000
"""The operator's id, which the settings name before there is a Discord."""
ONLY_OPERATORS = "Only an operator of this deployment may do that."
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class House:
    server: Server
    chief: MemberActor

    async def admin(self, name: str, who: MemberActor | None = None, **options: Any) -> str:
        return said(await (who or self.chief).slash(self.server.channel, f"admin {name}", **options))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The operator is a member like others, whom the server lets see the command."""
    async with open_server(tmp_path, house={"operators": [f"discord:{CHIEF}"]}) as server:
        server.env.backend.users[CHIEF] = User(id=CHIEF, name="chief")
        chief = server.guild.add_member(UserHandle(server.env, server.env.backend.users[CHIEF]))
        admin = next(command for command in await server.bot.tree.fetch_commands() if command.name == "admin")
        server.guild.set_command_permissions(admin, {server.guild.default_role: True})
        yield House(server=server, chief=chief)


def boss_of(server: Server) -> MemberActor:
    role = server.guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return server.guild.add_member(server.env.create_user("boss"), roles=[role])


async def files_of(result: InteractionResult) -> dict[str, bytes]:
    assert result.response is not None
    return {file.filename: await file.read() for file in result.response.attachments}


async def test_an_operator_grants_blocks_and_unblocks_everywhere(house: House) -> None:
    server = house.server
    ann = await server.member("ann", "free")
    granted = await house.admin("grant", member=ann, tier="pro", until="2099-01-31", reason="a film", everywhere=True)
    assert granted.startswith("ann: pro, everywhere. It ends Feb 1, 2099")
    assert "of 500" in said(await ann.user.slash("info"))  # no server there
    await ann.slash(server.channel, "generate", prompt=BALL)
    blocked = await house.admin("block", member=ann, until="2099-01-31", reason="too many", everywhere=True)
    assert "anywhere" in blocked
    assert "It ends Feb 1, 2099" in blocked
    refused = said(await ann.user.slash("generate", prompt=BALL))
    assert "too many" in refused
    assert "2099" in refused
    assert "0 of 500" in said(await ann.slash(server.channel, "info"))  # what was under way is refunded
    assert "again" in await house.admin("unblock", member=ann, reason="sorry", everywhere=True)
    assert "this month" in said(await ann.user.slash("generate", prompt=BALL))
    assert "nothing is granted" in await house.admin("revoke", member=ann, reason="the film is done", everywhere=True)
    assert "of 10" in said(await ann.slash(server.channel, "info"))
    acts = await house.admin("audit")
    for words in ("a film", "too many", "because: sorry", "the film is done"):
        assert words in acts
    assert acts.count("everywhere") == 4


async def test_what_an_operator_decides_without_everywhere_holds_in_this_server(house: House) -> None:
    server = house.server
    ann = await server.member("ann", "free")
    assert "plus, in this server" in await house.admin("grant", member=ann, tier="plus", days=3, reason="a trial")
    assert "of 50" in said(await ann.slash(server.channel, "info"))
    assert "of 10" in said(await ann.user.slash("info"))
    assert "in this server any more" in await house.admin("revoke", member=ann, reason="over")
    assert "in this server" in await house.admin("block", member=ann, until="2099-01-31", reason="spam")
    assert "Feb 1, 2099" in said(await ann.slash(server.channel, "generate", prompt=BALL))
    assert "this month" in said(await ann.user.slash("generate", prompt=BALL))
    assert "in this server" in await house.admin("unblock", member=ann, reason="a mistake")
    assert "given back" in await house.admin("reset", member=ann, reason="a gift")
    assert "plus, in this server" in await house.admin("tier", member=ann, tier="plus", until="2099-01-31")
    acts = await house.admin("audit")
    for words in ("a trial", "over", "spam", "a mistake", "a gift"):
        assert f"because: {words}" in acts
    assert "everywhere" not in acts


async def test_usage_is_a_table_a_picture_and_a_file_and_covers_all_servers(house: House) -> None:
    server = house.server
    ann = await server.member("ann", "free")
    clip, _ = await server.made(ann)
    await ann.user.slash("generate", prompt=BALL)
    await server.finish()
    month = f"{datetime.now(UTC):%Y-%m}"
    shown = await house.chief.slash(server.channel, "admin usage", by="server", month=month)
    told = said(shown)
    assert f"Who used what in {month}, on all servers" in told.replace("\\", "")
    assert f"discord:{server.guild.id}: one clip" in told
    assert "discord, direct messages: one clip" in told
    files = await files_of(shown)
    assert set(files) == {f"usage-server-{month}.png", f"usage-server-{month}.csv"}
    assert files[f"usage-server-{month}.png"].startswith(PNG)
    rows = list(csv.DictReader(io.StringIO(files[f"usage-server-{month}.csv"].decode())))
    assert {row["server"]: row["clips"] for row in rows} == {f"discord:{server.guild.id}": "1", "discord:": "1"}
    for by in ("member", "month", "tier"):
        assert len(await files_of(await house.chief.slash(server.channel, "admin usage", by=by))) == 2
    assert "One clip was given back." in await house.admin("refund", clip=clip.id, reason="it was green")
    assert "1 of 10" in said(await ann.slash(server.channel, "info"))
    boss = boss_of(server)
    own = said(await boss.slash(server.channel, "admin usage", by="server"))
    assert "direct messages" not in own
    assert "on all servers" not in own


async def test_a_manager_decides_nothing_everywhere_and_gives_nothing_unasked(house: House) -> None:
    server = house.server
    boss, ann = boss_of(server), await server.member("ann", "free")
    everywhere: tuple[tuple[str, dict[str, Any]], ...] = (
        ("grant", {"tier": "pro"}),
        ("revoke", {}),
        ("block", {"reason": "spam"}),
        ("unblock", {}),
    )
    for name, options in everywhere:
        assert await house.admin(name, boss, member=ann, everywhere=True, **options) == ONLY_OPERATORS
    clip, _ = await server.made(ann)
    here: tuple[tuple[str, dict[str, Any]], ...] = (
        ("grant", {"member": ann, "tier": "plus"}),
        ("tier", {"member": ann, "tier": "plus"}),
        ("reset", {"member": ann}),
        ("refund", {"clip": clip.id, "reason": "mine"}),
    )
    for name, options in here:
        assert "setting tier_managers" in await house.admin(name, boss, **options)
    assert "1 of 10" in said(await ann.slash(server.channel, "info"))


async def test_who_is_neither_is_refused_all_of_it(house: House) -> None:
    ann = await house.server.member("ann", "free")
    for name, options in (
        ("usage", {}),
        ("audit", {}),
        ("grant", {"member": ann, "tier": "pro", "everywhere": True}),
        ("unblock", {"member": ann, "everywhere": True}),
        ("reset", {"member": ann}),
        ("refund", {"member": ann, "reason": "mine"}),
    ):
        assert await house.admin(name, ann, **options) == "Only a manager of the server may change this."


async def test_slips_are_refused_in_words(house: House) -> None:
    ann = await house.server.member("ann", "free")
    slips: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("block", {"everywhere": True}, "reason needs a value"),
        ("block", {"until": "soon", "reason": "spam"}, "until cannot be “soon”"),
        ("block", {"until": "2020-01-01", "reason": "spam"}, "(today, UTC) or later"),
        ("block", {"until": "2020-01-01", "reason": "spam", "everywhere": True}, "(today, UTC) or later"),
        ("block", {"until": "2099-01-01", "days": 3}, "either until or days"),
        ("grant", {"tier": "gold", "everywhere": True}, "gold"),
        ("grant", {"tier": "none", "until": "2099-01-01", "everywhere": True}, "the end of something"),
        ("unblock", {"reason": "x" * 501, "everywhere": True}, "up to 500 characters"),
    )
    for name, options, words in slips:
        assert words in await house.admin(name, member=ann, **options)


async def test_an_operator_is_answered_in_japanese(house: House) -> None:
    server = house.server
    ann = await server.member("ann", "free")
    who = Requester(identity=Identity(f"discord:{CHIEF}"), place=Place(platform="discord"))
    await server.studio.face.change_account(ChangeSettings(settings=MemberSettings(locale="ja")), who)
    clip, _ = await server.made(ann)
    granted = await house.admin("grant", member=ann, tier="pro", until="2099-01-31", reason="撮影", everywhere=True)
    assert "全体でpro" in granted
    assert "2099" in granted
    assert "どこでも" in await house.admin("block", member=ann, reason="多すぎる", everywhere=True)
    assert "またクリップを頼めます" in await house.admin("unblock", member=ann, reason="間違い", everywhere=True)
    assert "付与したティアを取り消しました" in await house.admin("revoke", member=ann, everywhere=True)
    assert "全サーバー" in await house.admin("usage", by="server")
    assert "1 本を返しました" in await house.admin("refund", clip=clip.id, reason="緑だった")
    acts = await house.admin("audit")
    for words in ("全体", "理由: 撮影", "理由: 間違い", "理由: 緑だった"):
        assert words in acts
    assert "本人に伝わります" in await house.admin("block", member=ann, everywhere=True)
    known = server.env.backend.visible_commands(user_id=CHIEF, channel_id=server.channel.id)
    (admin,) = (command for command in known if command["name"] == "admin")
    for part in admin["options"]:
        assert part["description_localizations"]["ja"]
        assert all(not option["name_localizations"]["ja"].isascii() for option in part.get("options", ()))
