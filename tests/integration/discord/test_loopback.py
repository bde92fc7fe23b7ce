"""The real client over real sockets, against rules that the simulation does not model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from sqlalchemy import update
from sqlmodel import col

from bot.discord_app import Online, create_bot, pictures
from bot.discord_app.client import ThreadreelBot
from bot.discord_app.doctor import _examine
from bot.discord_app.places import Places, webhook_spot
from bot.platform import Spot
from bot.settings import DiscordSettings, Settings
from inference.protocols import Claim
from inference.types import Identity, Job, JobStatus
from storage.conversation_tables import PostRow
from storage.database import open_database
from tests.support.loopback import Loopback, open_loopback
from tests.support.loopback_world import ANN, CHANNEL, DM, FORUM, GROUP, RESTRICTED, TAG, user
from tests.support.studio import Studio, open_studio

BALL = "a red ball"


class Stage:
    """A studio, a loopback Discord, and bots that come and go."""

    def __init__(self, studio: Studio, there: Loopback) -> None:
        self.studio = studio
        self.there = there

    def made(self, **connected: int) -> ThreadreelBot:
        api, gateway = f"{self.there.url}/api/v10", self.there.url.replace("http", "ws") + "/gateway"
        settings = Settings(
            data_dir=self.studio.settings.data_dir,
            discord=DiscordSettings(api_url=api, gateway_url=gateway, **connected),
        )
        return create_bot(settings, self.studio.face)

    @asynccontextmanager
    async def bot(self, *, connections: int = 1, **connected: int) -> AsyncIterator[ThreadreelBot]:
        bot = self.made(**connected)
        running = asyncio.create_task(bot.start("a.b.c"))
        before = self.there.identified
        try:
            await self.there.until(lambda: self.there.identified == before + connections and bot.is_ready())
            yield bot
        finally:
            await bot.stop()
            await asyncio.gather(running, return_exceptions=True)

    async def claimed(self) -> Claim:
        async with asyncio.timeout(20):
            while not (await self.studio.jobs.counts()).get("queued"):
                await asyncio.sleep(0.02)
        return await self.studio.claim()

    async def settled(self, job: Job) -> None:
        """The end of the job was told, or never will be."""
        async with asyncio.timeout(20):
            while any(event.job.id == job.id for event in await self.studio.jobs.events(None)):
                await asyncio.sleep(0.02)


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # put back afterwards
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with open_studio(tmp_path) as studio, open_loopback() as there:
        yield Stage(studio, there)


async def test_a_command_becomes_a_clip_over_real_sockets(stage: Stage) -> None:
    async with stage.bot():
        token = await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        await stage.studio.succeed(claim)
        (message,) = await stage.there.until(stage.there.with_clip)
        assert message["allowed_mentions"] == {"parse": []}
        assert stage.there.answers[token]["type"] == 5
        assert "this month" in stage.there.answers[token]["content"]
        await stage.settled(claim.job)
    assert len(stage.there.messages) == 1


@pytest.mark.parametrize("name", ["hangs.png", "breaks.png"])
async def test_an_image_that_does_not_come_is_told_and_costs_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    async with stage.bot():
        token = await stage.there.command("animate", prompt=BALL, image=stage.there.attachment(name))
        answer = await stage.there.until(lambda: stage.there.answers.get(token, {}).get("content"))
        assert "cannot be reached right now" in answer
        assert not any((await stage.studio.jobs.counts()).values())
        assert not list(stage.studio.blobs.names(""))


async def test_a_token_of_15_minutes_ago_changes_nothing_for_the_clip(stage: Stage) -> None:
    async with stage.bot():
        token = await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        stage.there.expired.add(token)
        await stage.studio.succeed(claim)
        await stage.there.until(stage.there.with_clip)
        asked = len([path for _, path in stage.there.asked if token in path])
        await stage.settled(claim.job)
        assert len([path for _, path in stage.there.asked if token in path]) == asked


async def test_a_clip_too_large_for_the_server_is_made_to_fit(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        stage.there.file_limit = 150_000
        clip = await stage.studio.succeed(claim)
        (message,) = await stage.there.until(stage.there.with_clip)
        assert message["attachments"][0]["size"] <= 150_000 < clip.video_bytes


async def test_killed_between_the_post_and_writing_it_down_posts_once(stage: Stage) -> None:
    """The answer to the post is lost: Discord has the message, the bot does not know."""
    async with stage.bot():
        await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        (first,) = await stage.there.until(lambda: list(stage.there.messages.values()))
    await forget(stage, claim)
    first["components"] = []  # as if the history could not be read: only the nonce is left
    async with stage.bot():
        await stage.studio.succeed(claim)
        await stage.there.until(stage.there.with_clip)
        await stage.settled(claim.job)
    assert [message["id"] for message in stage.there.messages.values()] == [first["id"]]


async def forget(stage: Stage, claim: Claim) -> None:
    posting = update(PostRow).where(col(PostRow.job_id) == claim.job.id).values(state="posting", message="")
    async with open_database(f"sqlite+aiosqlite:///{stage.studio.settings.data_dir / 'conversations.db'}") as database:
        await database.writing(lambda db: db.execute(posting))


async def test_a_rate_limit_is_waited_for_and_nothing_is_lost(stage: Stage) -> None:
    async with stage.bot():
        stage.there.fail(
            "POST", f"/channels/{CHANNEL}/messages", 429, retry_after=0.05, headers={"Via": "1.1 x", "Retry-After": "1"}
        )
        await stage.there.command("generate", prompt=BALL)
        await stage.studio.succeed(await stage.claimed())
        await stage.there.until(stage.there.with_clip)


async def test_an_acknowledgement_that_someone_else_gave_is_used(stage: Stage) -> None:
    async with stage.bot():
        stage.there.fail("POST", "/interactions/*/callback", 400, 40060)
        token = await stage.there.command("queue")
        stage.there.answers[token] = {}  # theirs
        await stage.there.until(lambda: "components" in stage.there.answers[token])
    assert not stage.there.messages


async def test_a_gateway_that_drops_is_resumed_and_the_job_goes_on(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        await stage.there.drop()
        await stage.there.until(lambda: stage.there.resumed)
        await stage.studio.succeed(claim)
        await stage.there.until(stage.there.with_clip)
        token = await stage.there.command("info")
        await stage.there.until(lambda: "components" in stage.there.answers.get(token, {}))
    assert (stage.there.identified, stage.there.resumed) == (1, 1)


async def test_where_we_are_no_member_the_clip_is_a_follow_up_in_the_members_language(stage: Stage) -> None:
    async with stage.bot():
        token = await stage.there.command("generate", installed_by_user=True, prompt=BALL)
        claim = await stage.claimed()
        for step in (2, 4, 6):
            await stage.studio.show(claim, step)
        await stage.studio.succeed(claim)
        (message,) = await stage.there.until(stage.there.with_clip)
        assert stage.there.follow_ups[token] == 1
        assert "リミックス" in json.dumps(message["components"], ensure_ascii=False)
    assert not [path for _, path in stage.there.asked if path == f"/channels/{CHANNEL}/messages"]


async def test_where_we_are_no_member_the_menus_on_a_clip_know_it(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", installed_by_user=True, prompt=BALL)
        clip = await stage.studio.succeed(await stage.claimed())
        (message,) = await stage.there.until(stage.there.with_clip)
        token = await stage.there.menu("Clip info", message, installed_by_user=True)
        answer = await stage.there.until(lambda: stage.there.answers.get(token, {}).get("components"))
        assert clip.id in json.dumps(answer)
        token = await stage.there.menu("Remix this clip", message, installed_by_user=True)
        await stage.there.until(lambda: stage.there.answers.get(token, {}).get("type") == 9)
        stranger = message | {"author": user(77, bot=True)}
        token = await stage.there.menu("Clip info", stranger, installed_by_user=True)
        await stage.there.until(lambda: stage.there.answers.get(token, {}).get("content"))


async def test_where_we_are_no_member_a_clip_after_15_minutes_waits_for_result(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", installed_by_user=True, prompt="first")
        old = await stage.claimed()
        await stage.studio.succeed(old)
        await stage.there.until(stage.there.with_clip)
        spot = webhook_spot(stage.there.snowflake(age=16 * 60), "dead")
        job = await stage.studio.face.submit(old.job.operation, old.job.requester, spot.encoded(), None)
        clip = await stage.studio.succeed(await stage.claimed())
        await stage.settled(job)
        assert not [path for _, path in stage.there.asked if "dead" in path]
        token = await stage.there.command("result", installed_by_user=True)
        await stage.there.until(lambda: clip.id in json.dumps(stage.there.answers.get(token, {})))


async def test_in_a_group_of_friends_the_clip_is_a_follow_up(stage: Stage) -> None:
    async with stage.bot():
        token = await stage.there.command("generate", channel=GROUP, prompt=BALL)
        claim = await stage.claimed()
        assert (claim.job.requester.place.workspace, claim.job.requester.place.channel) == ("", str(GROUP))
        await stage.studio.succeed(claim)
        await stage.there.until(stage.there.with_clip)
        assert stage.there.follow_ups[token] == 1
    assert not [path for _, path in stage.there.asked if path.startswith("/channels/")]


async def test_what_is_asked_for_in_an_age_restricted_channel_stays_there(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", channel=RESTRICTED, prompt=BALL)
        await stage.studio.succeed(await stage.claimed())
        (message,) = await stage.there.until(stage.there.with_clip)
        assert message["channel_id"] == str(RESTRICTED)
    assert {message["channel_id"] for message in stage.there.messages.values()} == {str(RESTRICTED)}


async def test_a_new_post_in_a_forum_bears_the_tag_that_it_needs(stage: Stage) -> None:
    async with stage.bot() as bot:
        await stage.there.until(lambda: bot.get_channel(FORUM))
        opened = await Places(bot).parent(Spot(platform="discord", channel=str(FORUM), thread="5"), "our balls")
    ((id_, post),) = stage.there.posts.items()
    assert (opened.channel, opened.thread) == (str(FORUM), str(id_))
    assert (post["name"], post["applied_tags"]) == ("our balls", [str(TAG)])


@pytest.mark.parametrize(("shards", "advised"), [(2, 1), (0, 3)])
async def test_several_connections_by_a_setting(stage: Stage, shards: int, advised: int) -> None:
    stage.there.advises = advised
    count = shards or advised
    async with stage.bot(connections=count, shards=shards):
        await stage.there.command("generate", prompt=BALL)
        await stage.studio.succeed(await stage.claimed())
        await stage.there.until(stage.there.with_clip)
    assert stage.there.shards == [(number, count) for number in range(count)]


@pytest.mark.parametrize("connections", [{}, {"connections": 2, "shards": 2}])
async def test_an_intent_that_the_portal_refuses_is_gone_without(stage: Stage, connections: dict[str, int]) -> None:
    stage.there.allows_content = False
    async with stage.bot(**connections) as bot:
        assert not bot.intents.message_content
        await stage.there.command("generate", prompt=BALL)
        await stage.studio.succeed(await stage.claimed())
        await stage.there.until(stage.there.with_clip)


@pytest.mark.parametrize(("method", "path"), [("GET", "/users/@me"), ("PUT", "/applications/*/commands")])
async def test_a_discord_that_is_away_at_first_is_asked_again(stage: Stage, method: str, path: str) -> None:
    """After a power cut the bot is often up before the network is."""
    stage.there.fail(method, path, 503)
    online = Online(stage.made, "a.b.c", first_pause=0.01)
    running = asyncio.create_task(online.run())
    await stage.there.until(lambda: stage.there.identified, patience=60)
    await stage.there.command("generate", prompt=BALL)
    await stage.studio.succeed(await stage.claimed())
    await stage.there.until(stage.there.with_clip)
    await online.stop()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_token_that_discord_refuses_is_not_asked_with_again(stage: Stage) -> None:
    stage.there.fail("GET", "/users/@me", 401)
    online = Online(stage.made, "a.b.c", first_pause=0.01)
    with pytest.raises(discord.LoginFailure):
        await online.run()
    await online.stop()
    assert len(stage.there.asked) == 1


async def test_a_lost_channel_sends_the_clip_to_the_member(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", prompt=BALL)
        claim = await stage.claimed()
        await stage.there.until(lambda: stage.there.messages)
        for _ in range(2):
            stage.there.fail("PATCH", f"/channels/{CHANNEL}/messages/*", 403, 50001)
            stage.there.fail("POST", f"/channels/{CHANNEL}/messages", 403, 50001)
        await stage.studio.succeed(claim)
        (message,) = await stage.there.until(stage.there.with_clip)
    assert message["channel_id"] == str(DM)


async def test_the_doctor_reads_name_intent_and_invite(stage: Stage) -> None:
    settings = DiscordSettings(api_url=f"{stage.there.url}/api/v10")
    found = await _examine(settings, "a.b.c")
    assert (found.trouble, found.name, found.servers, found.reads_messages) == ("", "threadreel", 1, True)
    assert "scope=bot+applications.commands" in found.invite
    stage.there.fail("GET", "/users/@me", 401)
    assert "token" in (await _examine(settings, "a.b.c")).trouble


async def test_the_requester_bears_identity_and_place(stage: Stage) -> None:
    async with stage.bot():
        await stage.there.command("generate", prompt=BALL)
        job = (await stage.claimed()).job
    assert job.requester.identity == Identity(f"discord:{ANN}")
    assert (job.requester.place.workspace, job.requester.place.channel) == ("21", "22")
    assert job.status == JobStatus.RUNNING
