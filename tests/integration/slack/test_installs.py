"""Several workspaces: each installs the app by its own consent, and takes it back."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import MetaData, Table, select

from bot.settings import SlackMode
from bot.slack_app.clients import Clients
from bot.slack_app.installs import SCOPES, States, installation_store, installs
from bot.slack_app.places import Where, Workspace, where_of
from storage.slack_tables import SLACK_BOTS, SLACK_INSTALLATIONS, SLACK_OAUTH_STATES
from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_member import Member
from tests.support.slack_rules import manifest_scopes
from tests.support.slack_state import ANN, BOT_TOKEN, TEAM, words_of

SHARED = {
    "bot_token": None,
    "client_id": "c1",
    "client_secret": SecretStr("cs"),
    "public_url": "https://bot.example.org",
}


async def install(address: str) -> str:
    """As a browser does: the page, its link's state, and the way back with Slack's code."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{address}/slack/install") as page:
            text = await page.text()
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        found = re.search(r"state=([\w-]+)", text)
        assert found is not None
        assert set(SCOPES) <= set(re.split(r"[,&]|%2C", text.partition("scope=")[2].replace("%3A", ":")))
        query = {"code": "code", "state": found[1]}
        async with browser.get(f"{address}/slack/oauth_redirect", params=query, headers={"Cookie": cookie}) as back:
            return await back.text()


def bots(stage: Stage) -> str:
    return stage.server.events_url.removesuffix("/slack/events")


async def test_a_workspace_installs_uses_and_removes_the_app(bare: Stage) -> None:
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        ann = await bare.member()
        await ann.command("/generate", BALL)
        assert await bare.jobs() == {}
        assert "Thank you" in await install(bots(bare))
        clip, message = await bare.made(ann)
        store = installation_store("c1", bare.conversations)
        assert await store.async_find_bot(enterprise_id=None, team_id=TEAM) is not None
        await ann.write("make it blue", message)
        claim = await bare.claimed()
        await bare.server.insist(ann.event({"type": "app_uninstalled"}))
        assert bare.app is not None
        known = bare.app.installation_store
        assert known is not None
        async with asyncio.timeout(20):
            while await known.async_find_bot(enterprise_id=None, team_id=TEAM) is not None:
                await asyncio.sleep(0.02)
        child = await bare.studio.succeed(claim)
        await bare.told(child.id)
        assert child.parent == clip.id
        assert bare.files_in() == [f"{clip.id}.mp4"]


async def test_a_token_that_was_revoked_takes_the_installation_along(bare: Stage) -> None:
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        await install(bots(bare))
        ann = await bare.member()
        await ann.command("/generate", BALL)
        await bare.post_saying(BALL)
        bare.server.refuse("chat.update", "token_revoked", times=3)
        bare.server.refuse("files.getUploadURLExternal", "token_revoked", times=3)
        clip = await bare.finish()
        await bare.told(clip.id)
        fresh = installation_store("c1", bare.conversations)
        assert await fresh.async_find_bot(enterprise_id=None, team_id=TEAM) is None
    assert await bare.studio.clips.get(clip.id) is not None


def a_bot(**more: Any) -> Bot:
    usual: dict[str, Any] = {
        "app_id": "A1",
        "team_id": TEAM,
        "bot_token": BOT_TOKEN,
        "bot_id": "B1",
        "bot_user_id": "UBOT",
    }
    return Bot(**(usual | {"bot_scopes": list(SCOPES), "installed_at": time.time()} | more))


async def test_a_token_that_runs_out_is_refreshed_before_it_is_used(bare: Stage) -> None:
    store = installation_store("c1", bare.conversations)
    old = {"bot_token": "xoxe.xoxb-old", "bot_refresh_token": "xoxe-1", "bot_token_expires_at": int(time.time()) + 60}
    await store.async_save_bot(a_bot(**old))
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        await bare.made(await bare.member())
    found = await installation_store("c1", bare.conversations).async_find_bot(enterprise_id=None, team_id=TEAM)
    assert found is not None
    assert (found.bot_token, found.bot_refresh_token) == (BOT_TOKEN, "xoxe-2")


async def test_an_organisation_installs_the_app_for_all_of_its_workspaces(bare: Stage) -> None:
    store = installation_store("c1", bare.conversations)
    await store.async_save_bot(a_bot(team_id=None, enterprise_id="E1", is_enterprise_install=True))
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        ann = await bare.member()
        await ann.command("/generate", BALL, is_enterprise_install="true", enterprise_id="E1")
        clip = await bare.finish()
        await bare.delivered(clip.id)
    job = await bare.job(clip.id)
    assert (job.reply_to, job.requester.identity) == ('["slack","E1*T1/C1",""]', "slack:E1:U1")
    assert {call.args.get("team_id") for call in bare.server.world.made("chat.postMessage")} == {TEAM}


def in_grid(stage: Stage, *members: str, **organisation: Any) -> None:
    """They are members of the organisation, in two of its workspaces."""
    for member in members:
        belongs = {"id": member, "enterprise_id": "E1", "teams": [TEAM, "T2"]}
        stage.server.world.users[member] |= {"team_id": TEAM, "enterprise_user": belongs, **organisation}


async def test_an_organisations_event_names_no_workspace_and_is_heard_where_it_happened(bare: Stage) -> None:
    """Words, menus, forms and the home tab: all are of the same member, whichever workspace they are in."""
    await installation_store("c1", bare.conversations).async_save_bot(
        a_bot(team_id=None, enterprise_id="E1", is_enterprise_install=True)
    )
    in_grid(bare, ANN)
    bare.server.organisation = "E1"
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        ann = await bare.member(tier="free")
        await ann.write(f"<@UBOT> {BALL}", user_team="E1")
        root = await bare.finish()
        message = await bare.delivered(root.id)
        there = Member(bare.server, ANN, team="T2")
        await there.press(message, "Remix")
        await there.submit(await there.modal("What should change?"), text="make it blue")
        child = await bare.finish()
        await bare.delivered(child.id)
        await there.opens_home()
        await bare.server.until(lambda: "2 / 10" in words_of(bare.server.world.homes.get(ANN, {})))
    assert {(await bare.job(clip.id)).requester.identity for clip in (root, child)} == {"slack:E1:U1"}


async def test_an_organisation_that_removes_the_app_takes_its_installation_along(bare: Stage) -> None:
    store = installation_store("c1", bare.conversations)
    await store.async_save_bot(a_bot(team_id=None, enterprise_id="E1", is_enterprise_install=True))
    bare.server.organisation = "E1"
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        ann = await bare.member()
        await bare.server.insist(ann.event({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}))
        fresh = installation_store("c1", bare.conversations)
        async with asyncio.timeout(20):
            while await fresh.async_find_bot(enterprise_id="E1", team_id=None) is not None:
                fresh = installation_store("c1", bare.conversations)
                await asyncio.sleep(0.02)


async def test_one_workspace_of_an_organisation_installs_the_app_for_itself(bare: Stage) -> None:
    await installation_store("c1", bare.conversations).async_save_bot(a_bot(enterprise_id="E1"))
    bare.server.world.scopes.discard("users:read")
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        ann = await bare.member(tier="free")
        await ann.command("/generate", BALL, enterprise_id="E1")
        clip = await bare.finish()
        await bare.delivered(clip.id)
    job = await bare.job(clip.id)
    assert (job.reply_to, job.requester.identity) == ('["slack","E1+T1/C1",""]', "slack:E1:U1")


@pytest.mark.parametrize("error", ["org_login_required", "team_access_not_granted", "invalid_auth"])
async def test_what_may_pass_does_not_take_the_installation_along(bare: Stage, error: str) -> None:
    async with bare.bot(mode=SlackMode.HTTP, **SHARED):
        await install(bots(bare))
        ann = await bare.member()
        await ann.command("/generate", BALL)
        await bare.post_saying(BALL)
        claim = await bare.claimed()
        bare.server.refuse("chat.update", error)
        await bare.studio.show(claim, 2)
        await bare.server.until(lambda: not bare.server.world.refusals["chat.update"])
        clip = await bare.studio.succeed(claim)
        await bare.delivered(clip.id)


async def test_a_token_is_refreshed_once_however_many_ask_for_it(bare: Stage) -> None:
    store = installation_store("c1", bare.conversations)
    old = {"bot_token": "xoxe.xoxb-old", "bot_refresh_token": "xoxe-1", "bot_token_expires_at": int(time.time()) + 60}
    await store.async_save_bot(a_bot(**old))
    clients = several(bare)
    lines = await asyncio.gather(*(clients.line(Workspace(team=TEAM)) for _ in range(5)))
    assert {line.once.token for line in lines} == {BOT_TOKEN}
    assert len(bare.server.world.made("oauth.v2.access")) == 1


async def test_a_token_that_cannot_be_looked_at_for_now_is_not_a_removed_app(bare: Stage) -> None:
    await installation_store("c1", bare.conversations).async_save_bot(a_bot())
    clients = several(bare)
    bare.server.refuse("auth.test", "internal_error", times=2)
    with pytest.raises(SlackApiError, match="internal_error"):
        await clients.line(Workspace(team=TEAM))
    assert (await clients.line(Workspace(team=TEAM))).once.token == BOT_TOKEN


def several(stage: Stage) -> Clients:
    """As an app of several workspaces has them."""
    way = AsyncWebClient(base_url=f"{stage.server.url}/api/")
    return Clients(way, installs(stage.settings(**SHARED).slack, stage.conversations, way).authorize)


async def test_states_that_ran_out_are_forgotten(bare: Stage) -> None:
    """The page is open to all: looking at it again and again may not fill the disk."""
    lapsing, lasting = (States(seconds, bare.conversations.engine) for seconds in (-1, 60))
    for _ in range(3):
        await lapsing.async_issue()
    kept = await lasting.async_issue()
    async with bare.conversations.engine.connect() as connection:
        assert [*await connection.scalars(select(SLACK_OAUTH_STATES.c.state))] == [kept]
    assert await lasting.async_consume(kept)


def test_our_tables_are_those_that_slack_sdk_would_make() -> None:
    theirs = MetaData()
    wanted = (
        (SQLAlchemyInstallationStore.build_installations_table(theirs, "slack_installations"), SLACK_INSTALLATIONS),
        (SQLAlchemyInstallationStore.build_bots_table(theirs, "slack_bots"), SLACK_BOTS),
        (SQLAlchemyOAuthStateStore.build_oauth_states_table(theirs, "slack_oauth_states"), SLACK_OAUTH_STATES),
    )
    for their, our in wanted:
        assert columns(our) == columns(their)


def columns(table: Table) -> list[tuple[str, str, bool]]:
    return [(column.name, repr(column.type), bool(column.nullable)) for column in table.columns]


def test_the_manifest_asks_for_what_an_installation_asks_for() -> None:
    assert frozenset(SCOPES) == manifest_scopes()


def test_a_place_keeps_the_installation_that_opens_it() -> None:
    for workspace in (
        Workspace(team="T1"),
        Workspace(team="T1", enterprise="E1"),
        Workspace(team="T1", enterprise="E1", is_org_wide=True),
    ):
        where = Where(workspace=workspace, channel="C1", thread="1.2")
        assert where_of(where.spot()) == where
