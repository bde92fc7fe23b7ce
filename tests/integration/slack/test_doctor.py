"""`threadreel doctor`, asked about Slack."""

from __future__ import annotations

from pydantic import SecretStr

from bot.settings import SlackMode
from bot.slack_app.doctor import look
from bot.slack_app.installs import SCOPES
from tests.integration.slack.conftest import Stage


async def test_all_is_well(bare: Stage) -> None:
    found = {one.name: one for one in await look(bare.settings().slack)}
    assert found["Slack"].says == "threadreel, in Acme"
    assert found["Slack scopes"].says == "all are granted"
    assert not found["Slack socket"].mend


async def test_each_missing_thing_is_named_with_its_click(bare: Stage) -> None:
    bare.server.world.scopes = set(SCOPES) - {"files:write", "users:read"}
    settings = bare.settings(app_token=SecretStr("xapp-wrong")).slack
    found = {one.name: one for one in await look(settings)}
    assert found["Slack scopes"].says == "missing: files:write, users:read"
    assert "manifest.yaml" in found["Slack scopes"].mend
    assert "connections:write" in found["Slack socket"].mend
    bare.server.world.scopes = set(SCOPES) - {"users:read"}
    (scopes,) = [one for one in await look(settings) if one.name == "Slack scopes"]
    assert scopes.is_optional


async def test_a_wrong_token_and_a_missing_secret_are_said(bare: Stage) -> None:
    wrong = await look(bare.settings(bot_token=SecretStr("xoxb-wrong")).slack)
    assert wrong[0].says == "invalid_auth"
    bare.server.refuse("apps.connections.open", "internal_error", status=503)
    (socket,) = [one for one in await look(bare.settings().slack) if one.name == "Slack socket"]
    assert "could not be asked" in socket.mend
    assert "OAuth" in wrong[0].mend
    unsigned = await look(bare.settings(mode=SlackMode.HTTP, signing_secret=None).slack)
    assert unsigned[0].says == "THREADREEL_SLACK__SIGNING_SECRET is not set"
