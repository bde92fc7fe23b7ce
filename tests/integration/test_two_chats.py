"""One member on Discord and on Slack at once: both bots before one service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import simcord

from bot.discord_app.chat import DiscordChat
from bot.slack_app.chat import SlackChat
from bot.slack_app.uploads import Uploads
from inference.types import ClipQuery, Identity, Place, Requester
from storage.database import open_database
from tests.integration.discord.conftest import Server, make_bot, said, text_of
from tests.integration.slack.conftest import Stage
from tests.support.slack import open_server
from tests.support.slack_state import ANN
from tests.support.studio import open_studio

CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")
BALL = "a red ball"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platforms' paces, which nobody wants to wait for here."""
    monkeypatch.setattr(DiscordChat, "update_seconds", 0.02)
    monkeypatch.setattr(SlackChat, "update_seconds", 0.02)
    monkeypatch.setattr(Uploads, "share_pauses", (0.05,) * 40)


@dataclass
class Both:
    discord: Server
    slack: Stage


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with (
        open_studio(tmp_path) as studio,
        open_server() as small_slack,
        open_database(f"sqlite+aiosqlite:///{tmp_path / 'conversations.db'}", power_safe=False) as database,
    ):
        bot = make_bot(studio)
        env = simcord.Env(bot, settle_timeout=15)
        await env.start()
        try:
            guild = env.create_guild()
            discord = Server(studio=studio, env=env, bot=bot, guild=guild, channel=guild.create_text_channel("reels"))
            slack = Stage(studio=studio, server=small_slack, database=database)
            async with slack.bot():
                yield Both(discord=discord, slack=slack)
        finally:
            await env.shutdown()
        env.raise_errors()


async def test_linked_over_two_chats_there_is_one_quota_and_one_history(both: Both) -> None:
    """Begun on Discord, remixed in Slack by its id, though nobody else may see it."""
    there = await both.discord.member("ann", "free")
    here = await both.slack.member("ann", "free")
    given = said(await there.slash(both.discord.channel, "link"))
    code = CODE.search(given.replace("\\", ""))
    assert code is not None, given
    await here.command("/threadreel", f"link {code[0]}")
    assert "0 of 10" in await here.hears("one account now")

    begun, _ = await both.discord.made(there, BALL)
    await here.command("/threadreel", "history")
    assert begun.id in await here.hears("Your clips")
    await here.command("/threadreel", f"remix {begun.id} make it blue")
    assert "2 of 10" in await here.hears("Uses")
    remixed = await both.slack.finish()
    await both.slack.delivered(remixed.id)
    assert (remixed.parent, remixed.member) == (begun.id, begun.member)

    assert "2 of 10" in said(await there.slash(both.discord.channel, "info"))
    on_discord = Requester(identity=Identity(f"discord:{there.id}"), place=Place(platform="discord"))
    listed = await both.discord.studio.face.clips(ClipQuery(), on_discord)
    assert [clip.id for clip in listed.clips] == [remixed.id, begun.id]


async def test_taken_out_again_it_is_an_account_of_its_own_that_shares_the_month(both: Both) -> None:
    there = await both.discord.member("ann", "free")
    here = await both.slack.member("ann", "free")
    await here.command("/threadreel", "link")
    code = CODE.search(await here.hears("Your code"))
    assert code is not None
    assert "one account now" in said(await there.slash(both.discord.channel, "link", code=code[0]))
    await both.discord.made(there, BALL)
    identity = f"slack:T1:{ANN}"
    listed = said(await there.slash(both.discord.channel, "unlink"))
    assert identity in listed.replace("\\", "")
    assert f"discord:{there.id}" in listed
    assert "account of its own" in said(await there.slash(both.discord.channel, "unlink", identity=identity))
    await here.command("/threadreel", "history")
    assert "No clips yet" in await here.hears("Your clips")
    await here.command("/threadreel", "settings")
    assert "1 of 10" in await here.hears("Settings")


async def test_a_code_is_said_to_nobody_else(both: Both) -> None:
    """Asked for in plain words in a channel, it comes as a direct message."""
    there = await both.discord.member("ann", "free")
    _, message = await both.discord.made(there, BALL)
    await there.send(both.discord.channel, "/link", reply_to=message)
    direct = there.user.dm_channel
    told = await both.discord.until(lambda: [m for m in both.discord.posts(direct) if "Your code" in text_of(m)])
    assert CODE.search(text_of(told[0]).replace("\\", ""))
    assert all("code" not in text_of(post) for post in both.discord.posts())


async def test_one_person_in_two_discord_servers_has_one_quota(both: Both) -> None:
    there = await both.discord.member("ann", "free")
    other = both.discord.env.create_guild()
    elsewhere = other.create_text_channel("films")
    also = other.add_member(there.user)
    await both.discord.made(there, BALL)
    answer = said(await also.slash(elsewhere, "generate", prompt="a blue kite"))
    assert "2 of 10" in answer
    clip = await both.discord.finish()
    await both.discord.clip_message(clip.id, elsewhere)


async def test_ones_data_come_to_nobody_else_in_either_chat(both: Both) -> None:
    there = await both.discord.member("ann", "free")
    await both.discord.made(there, BALL)
    given = await there.slash(both.discord.channel, "mydata")
    assert given.ephemeral
    assert given.response is not None
    assert [file.filename for file in given.response.message.attachments] == ["threadreel-my-data.zip"]
    here = await both.slack.member("ann", "free")
    await here.command("/threadreel", "mydata")
    await here.hears("sent it to your direct messages")
    direct = await both.slack.server.until(
        lambda: [name for channel in both.slack.server.world.conversations for name in both.slack.files_in(channel)]
    )
    assert direct == ["threadreel-my-data.zip"]
    assert both.slack.files_in() == []


async def test_who_is_forgotten_is_gone_from_both_chats(both: Both) -> None:
    there = await both.discord.member("ann", "free")
    here = await both.slack.member("ann", "free")
    await here.command("/threadreel", "link")
    code = CODE.search(await here.hears("Your code"))
    assert code is not None
    await there.slash(both.discord.channel, "link", code=code[0])
    on_discord, _ = await both.discord.made(there, BALL)
    on_slack, _ = await both.slack.made(here, "a blue kite")
    asked = await there.slash(both.discord.channel, "forgetme")
    assert "Delete everything?" in said(asked)
    assert asked.response is not None
    assert "being deleted" in said(await there.click(asked.response.message, label="Delete everything"))
    await both.discord.post_saying("This clip was deleted.")
    await both.slack.post_saying("This clip was deleted.")
    assert not any(BALL in text_of(post) for post in both.discord.posts())
    assert both.slack.files_in() == []
    await here.command("/threadreel", "history")
    assert "No clips yet" in await here.hears("Your clips")
    await here.command("/threadreel", "settings")
    assert "2 of 10" in await here.hears("Settings")
    assert [await both.slack.studio.jobs.get(clip.id) for clip in (on_discord, on_slack)] == [None, None]
