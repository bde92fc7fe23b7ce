"""`threadreel doctor`, asked about Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Settings, SlackMode
from bot.slack_app.doctor import Diagnosis, look
from bot.slack_app.installs import SCOPES, installation_store
from bot.slack_app.manifest import APPS, COMMANDS, EVENTS, SHORTCUTS, lacks
from tests.integration.slack.conftest import Stage
from tests.integration.slack.test_installs import SHARED, a_bot
from tests.support.slack_rules import manifest
from tests.support.slack_state import APP, CONFIG_TOKEN, Payload

CONFIGURED = {"config_token": SecretStr(CONFIG_TOKEN)}


async def by_name(settings: Settings) -> dict[str, Diagnosis]:
    return {one.name: one for one in await look(settings)}


async def test_all_is_well(bare: Stage) -> None:
    found = await by_name(bare.settings(**CONFIGURED))
    assert found["Slack"].says == "threadreel, in Acme"
    assert found["Slack scopes"].says == "all are granted"
    assert not [one for one in found.values() if one.mend]
    assert "events too" in found["Slack app"].says


async def test_each_missing_thing_is_named_with_its_click(bare: Stage) -> None:
    bare.server.world.scopes = set(SCOPES) - {"files:write", "users:read"}
    settings = bare.settings(app_token=SecretStr("xapp-wrong"))
    found = await by_name(settings)
    assert found["Slack scopes"].says == "missing: files:write, users:read"
    assert "manifest.yaml" in found["Slack scopes"].mend
    assert "connections:write" in found["Slack socket"].mend
    bare.server.world.scopes = set(SCOPES) - {"users:read"}
    assert (await by_name(settings))["Slack scopes"].is_optional


async def test_a_wrong_token_and_a_missing_secret_are_said(bare: Stage) -> None:
    wrong = await look(bare.settings(bot_token=SecretStr("xoxb-wrong")))
    assert wrong[0].says == "invalid_auth"
    bare.server.refuse("apps.connections.open", "internal_error", status=503)
    assert "could not be asked" in (await by_name(bare.settings()))["Slack socket"].mend
    assert "OAuth" in wrong[0].mend
    unsigned = await look(bare.settings(mode=SlackMode.HTTP, signing_secret=None))
    assert unsigned[0].says == "THREADREEL_SLACK__SIGNING_SECRET is not set"


# --- What the app is at Slack ---


def subscriptions(app: Payload) -> list[str]:
    found: list[str] = app["settings"]["event_subscriptions"]["bot_events"]
    return found


LOST: list[tuple[Callable[[Payload], Any], str, str]] = [
    (lambda app: subscriptions(app).remove("message.channels"), "event message.channels", "Add Bot User Event"),
    (lambda app: app["settings"].pop("event_subscriptions"), "event app_mention", "event-subscriptions"),
    (lambda app: app["settings"]["interactivity"].update(is_enabled=False), "interactivity is off", "switch it on"),
    (lambda app: app["features"]["slash_commands"].pop(0), "command /generate", "Create New Command"),
    (lambda app: app["features"].pop("shortcuts"), "Clip info", "Callback ID threadreel_info"),
    (lambda app: app["oauth_config"]["scopes"]["bot"].remove("files:write"), "scope files:write", "Add files:write"),
    (lambda app: app["settings"].update(socket_mode_enabled=False), "other mode", "switch it on"),
    (lambda app: app["settings"].update(token_rotation_enabled=True), "rotation", "Several workspaces"),
    (
        lambda app: app["features"]["app_home"].update(messages_tab_read_only_enabled=True),
        "write to the app",
        "Messages",
    ),
    (lambda app: app["features"]["app_home"].update(home_tab_enabled=False), "Home tab is off", "App Home"),
]


@pytest.mark.parametrize(("lose", "says", "click"), LOST, ids=[says for _, says, _ in LOST])
async def test_what_the_app_lacks_at_slack_is_named_with_its_click(
    bare: Stage, lose: Callable[[Payload], Any], says: str, click: str
) -> None:
    lose(bare.server.world.manifest)
    found = [one for one in await look(bare.settings(**CONFIGURED)) if one.name == "Slack app"]
    (named,) = [one for one in found if says in one.says]
    assert click in named.mend
    assert f"{APPS}/{APP}" in named.mend or "docs/slack.md" in named.mend


async def test_what_the_bot_works_without_is_called_optional(bare: Stage) -> None:
    subscriptions(bare.server.world.manifest).remove("message.mpim")
    assert (await by_name(bare.settings(**CONFIGURED)))["Slack app"].is_optional


async def test_in_http_mode_slack_must_know_our_address(bare: Stage) -> None:
    there = {"mode": SlackMode.HTTP, "public_url": "https://bot.example.org"}
    found = [one for one in await look(bare.settings(**CONFIGURED, **there)) if one.name == "Slack app"]
    for part in ("events", "interactivity", "command /generate", "command /threadreel"):
        (named,) = [
            one
            for one in found
            if one.says == f"missing: {part} has no Request URL" or one.says == f"missing: {part} have no Request URL"
        ]
        assert "https://bot.example.org/slack/events" in named.mend
    assert any("switch it off" in one.mend for one in found)


@pytest.mark.parametrize(
    ("settings", "says", "click"),
    [
        ({"config_token": SecretStr("xoxe.xoxp-old")}, "invalid_auth", "Generate Token"),
        ({**CONFIGURED, "app_id": "A9"}, "A9: app_not_found", "App ID"),
        ({**CONFIGURED, "bot_token": SecretStr("xoxb-wrong")}, "not known", "THREADREEL_SLACK__APP_ID"),
        ({**CONFIGURED, "app_token": SecretStr("xapp-1-A7-5-secret")}, "A7: app_not_found", "App ID"),
    ],
)
async def test_why_the_app_cannot_be_looked_at_is_said(
    bare: Stage, settings: dict[str, Any], says: str, click: str
) -> None:
    found = (await by_name(bare.settings(**settings)))["Slack app"]
    assert says in found.says
    assert click in found.mend


async def test_the_app_is_found_without_being_told_which_it_is(bare: Stage) -> None:
    bare.server.world.scopes.discard("users:read")
    assert "not known" in (await by_name(bare.settings(**CONFIGURED)))["Slack app"].says
    assert "all that" in (await by_name(bare.settings(**CONFIGURED, app_id=APP)))["Slack app"].says


async def test_without_a_configuration_token_what_came_is_the_evidence(bare: Stage) -> None:
    untouched = (await by_name(bare.settings()))["Slack events"]
    assert untouched.says.startswith("never came yet: app_home_opened, app_mention")
    assert untouched.says.endswith("came: nothing")
    async with bare.bot(mode=SlackMode.HTTP):
        ann = await bare.member()
        clip, message = await bare.made(ann)
        await ann.write("<@UBOT> hello")
        await ann.press(message, "Info")
        await ann.menu("threadreel_info", message)
        await ann.opens_home()
        await bare.server.until(lambda: ann.id in bare.server.world.homes)
        await ann.hears(clip.id)
    found = (await by_name(bare.settings()))["Slack events"]
    never, _, came = found.says.partition("; came: ")
    today = f"({datetime.now(UTC):%Y-%m-%d})"
    for kind in ("/generate", "app_mention", "message.channels", "buttons", "threadreel_info", "app_home_opened"):
        assert f"{kind} {today}" in came
    assert "message.im" in never
    assert found.is_optional
    assert "Event Subscriptions" in found.mend


async def test_where_the_bots_own_memory_cannot_be_read_that_is_said(bare: Stage) -> None:
    settings = bare.settings()
    broken = settings.data_dir / "broken"
    broken.mkdir()
    (broken / "conversations.db").write_bytes(b"no database" * 500)
    found = (await by_name(settings.model_copy(update={"data_dir": broken})))["Slack events"]
    assert "cannot be read" in found.says
    assert not found.is_optional


async def test_each_installation_of_a_shared_app_is_looked_at(bare: Stage) -> None:
    shared = bare.settings(mode=SlackMode.HTTP, **SHARED)
    assert "/slack/install" in (await by_name(shared))["Slack"].mend
    await installation_store("c1", bare.conversations).async_save_bot(a_bot())
    await installation_store("c1", bare.conversations).async_save_bot(a_bot(team_id="T2", bot_token="xoxb-gone"))
    found = [one.says for one in await look(shared) if one.name == "Slack"]
    assert sorted(found) == ["invalid_auth", "threadreel, in Acme"]


def test_what_is_needed_is_what_the_manifest_says(bare: Stage) -> None:
    """The manifest is what people paste; the code knows the same without it."""
    app = manifest()
    assert set(EVENTS) == set(subscriptions(app))
    assert set(COMMANDS) == {command["command"] for command in app["features"]["slash_commands"]}
    assert {one["callback_id"]: one["name"] for one in app["features"]["shortcuts"]} == SHORTCUTS
    assert lacks(app, APP, bare.settings().slack) == ()
