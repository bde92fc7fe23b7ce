"""What Slack says of members: believed for a while, and asked again where it could not be said."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_app.clients import Clients
from bot.slack_app.people import People
from bot.slack_app.places import Where, Workspace
from tests.integration.slack.conftest import Stage
from tests.support.slack_state import BOT_TOKEN, CHANNEL, KEI, TEAM

HERE = Where(workspace=Workspace(team=TEAM), channel=CHANNEL)


def clients(stage: Stage) -> Clients:
    return Clients(AsyncWebClient(token=BOT_TOKEN, base_url=f"{stage.server.url}/api/"))


@pytest.mark.parametrize("error", ["internal_error", "invalid_auth"])
async def test_what_slack_could_not_say_of_a_member_is_asked_again(bare: Stage, error: str) -> None:
    people = People(clients(bare))
    bare.server.world.groups = [{"id": "S1", "handle": "film", "users": [KEI]}]
    for method in ("users.info", "usergroups.list"):
        bare.server.refuse(method, error)
    nobody = await people.requester(HERE, KEI)
    known = await people.requester(HERE, KEI)
    assert (nobody.locale, nobody.roles) == ("en", ())
    assert (known.locale, known.roles) == ("ja-JP", ("slack:S1",))


async def test_while_slack_cannot_say_what_it_said_last_holds(bare: Stage) -> None:
    people = People(clients(bare), lives=0.0, groups_live=0.0)
    bare.server.world.groups = [{"id": "S1", "handle": "film", "users": [KEI]}]
    known = await people.requester(HERE, KEI)
    for method in ("users.info", "usergroups.list"):
        bare.server.refuse(method, "internal_error")
    assert await people.requester(HERE, KEI) == known


async def test_who_manages_no_more_is_known_at_once_where_it_counts(bare: Stage) -> None:
    people = People(clients(bare))
    bare.server.world.users[KEI]["is_admin"] = True
    assert await people.manages(HERE.workspace, KEI)
    bare.server.world.users[KEI]["is_admin"] = False
    assert not await people.manages_now(HERE.workspace, KEI)
    bare.server.refuse("users.info", "internal_error")
    assert not await people.manages_now(HERE.workspace, KEI)


@pytest.mark.parametrize(
    ("workspace", "said", "told", "identity"),
    [
        (Workspace(team=TEAM), {}, "", f"slack:{TEAM}:{KEI}"),
        (Workspace(team=TEAM), {}, "T9", f"slack:T9:{KEI}"),
        (Workspace(team=TEAM), {"team_id": "T9"}, "", f"slack:T9:{KEI}"),
        (Workspace(team=TEAM, enterprise="E1"), {}, TEAM, f"slack:E1:{KEI}"),
        (Workspace(team=TEAM, enterprise="E1"), {"enterprise_user": {"enterprise_id": "E1"}}, "T2", f"slack:E1:{KEI}"),
        (Workspace(team=TEAM), {"team_id": "T9", "enterprise_user": {"enterprise_id": "E9"}}, "T9", f"slack:E9:{KEI}"),
        (Workspace(team=TEAM), {}, "E9", f"slack:E9:{KEI}"),
    ],
    ids=[
        "ours",
        "a guest",
        "a chosen guest",
        "an organisation's",
        "in another workspace of it",
        "a guest of one",
        "so called",
    ],
)
async def test_an_account_is_kept_with_the_members_own_workspace_or_organisation(
    bare: Stage, workspace: Workspace, said: dict[str, Any], told: str, identity: str
) -> None:
    bare.server.world.users[KEI] |= said
    where = Where(workspace=workspace, channel=CHANNEL)
    assert (await People(clients(bare)).requester(where, KEI, team=told)).identity == identity


@pytest.mark.parametrize("said", [{"team_id": "T9"}, {"enterprise_user": {"enterprise_id": "E9"}}])
async def test_who_manages_another_workspace_manages_nothing_here(bare: Stage, said: dict[str, Any]) -> None:
    bare.server.world.users[KEI] |= {"is_owner": True, **said}
    assert not await People(clients(bare)).manages_now(HERE.workspace, KEI)
