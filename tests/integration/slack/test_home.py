"""The home tab: for members, and for those who manage the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.slack_app.asking import Asked
from bot.slack_app.places import Where, Workspace
from bot.slack_app.redrawing import A_MINUTE, Redrawing
from inference.types import Generate, Identity, Place, Requester
from tests.integration.slack.conftest import BALL, Stage, open_stage
from tests.support.slack_member import Member
from tests.support.slack_state import ANN, BOB, CHANNEL, KEI, TEAM, Payload, words_of


async def home_saying(stage: Stage, member: Member, words: str) -> Payload:
    homes = stage.server.world.homes
    return await stage.server.until(
        lambda: homes[member.id] if member.id in homes and words in words_of(homes[member.id]) else None
    )


def accessories(home: Payload) -> dict[str, Payload]:
    return {block["accessory"]["action_id"]: block["accessory"] for block in home["blocks"] if block.get("accessory")}


def buttons(home: Payload) -> dict[str, str]:
    rows = [block for block in home["blocks"] if block["type"] == "actions"]
    return {element["text"]["text"]: element["action_id"] for row in rows for element in row["elements"]}


def a_choice(action: str, value: str) -> Payload:
    return {"action_id": action, "type": "static_select", "selected_option": {"value": value}}


async def test_my_month_my_jobs_my_clips_and_my_choices(stage: Stage) -> None:
    ann = await stage.member()
    clip, message = await stage.made(ann)
    await ann.command("/generate", "another ball")
    await stage.post_saying("another ball")
    await ann.opens_home()
    home = await home_saying(stage, ann, "another ball")
    words = words_of(home)
    assert "2 / 500" in words
    assert f"/archives/{CHANNEL}/p{message['ts'].replace('.', '')}|{BALL}>" in words
    assert clip.id in words
    assert "manage" not in words
    cancel = next(action for action in accessories(home) if "cancel" in action)
    await ann.act_home({"action_id": cancel, "type": "button"})
    await home_saying(stage, ann, "Nothing of yours is queued")
    await ann.act_home(a_choice("tr:set:seconds", "2"))
    await stage.server.until(
        lambda: accessories(stage.server.world.homes[ANN])["tr:set:seconds"]["initial_option"]["value"] == "2"
    )
    await ann.act_home(a_choice("tr:set:language", "ja"))
    await home_saying(stage, ann, "今月")
    await ann.command("/generate", BALL)
    await ann.hears("今月")
    assert (await stage.finish()).seconds < 3


async def test_a_tab_that_may_be_open_follows_what_happens(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redrawing, "pause", 0.05)
    ann, bob = await stage.member(), await stage.member("bob")
    await ann.opens_home()
    await home_saying(stage, ann, "0 / 500")
    await ann.command("/generate", "another ball")
    await home_saying(stage, ann, "another ball · ")
    clip = await stage.finish()
    await stage.delivered(clip.id)
    await home_saying(stage, ann, "Nothing of yours is queued")
    await home_saying(stage, ann, f"p{stage.parent(clip.id)['ts'].replace('.', '')}|another ball>")
    await stage.made(bob)
    assert bob.id not in stage.server.world.homes


async def test_tabs_are_drawn_again_no_oftener_than_slack_allows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redrawing, "pause", 0.0)
    drawn: list[Asked] = []

    async def draw(asked: Asked) -> None:
        drawn.append(asked)

    redrawing = Redrawing(draw)
    here = Where(workspace=Workspace(team=TEAM), channel=ANN)
    redrawing.opened(Asked(where=here, user=ANN, event="home:1"))
    for _ in range(2 * A_MINUTE):
        redrawing.changed(here.workspace, ANN)
        redrawing.changed(here.workspace, ANN)
        await asyncio.sleep(0.01)
    await redrawing.close()
    assert len(drawn) == A_MINUTE


async def test_clips_whose_words_take_much_room_leave_the_tab_standing(stage: Stage) -> None:
    ann = await stage.member()
    me = Requester(identity=Identity(f"slack:{TEAM}:{ANN}"), place=Place(platform="slack"))
    clips = [await stage.studio.make(Generate(prompt="&" * 90), me) for _ in range(9)]
    await ann.opens_home()
    await home_saying(stage, ann, clips[-1].id)


async def manager(stage: Stage) -> tuple[Member, dict[str, str]]:
    stage.server.world.users[ANN]["is_admin"] = True
    ann = await stage.member()
    await ann.opens_home()
    return ann, buttons(await home_saying(stage, ann, "For those who manage"))


async def test_managers_close_a_channel_and_open_it_again(stage: Stage) -> None:
    ann, forms = await manager(stage)
    bob = await stage.member("bob", "plus")
    for use, said in (("no", "closed this place"), ("inherit", "this month")):
        await ann.act_home({"action_id": forms["A channel"], "type": "button"})
        view = await ann.modal("Which channel")
        await ann.submit(view, channel=CHANNEL, use=use)
        saved = await ann.modal("Saved.")
        assert f"<#{CHANNEL}>" in words_of(saved)
        stage.server.world.views.clear()
        await bob.command("/generate", f"{BALL} --size 480p")
        await bob.hears(said)


async def test_managers_lower_limits(stage: Stage) -> None:
    ann, forms = await manager(stage)
    bob = await stage.member("bob", "pro")
    await ann.act_home({"action_id": forms["Lower limits"], "type": "button"})
    await ann.submit(await ann.modal("Largest size"), size="480p", jobs="1")
    assert "at most 480p · at most 1 at once" in words_of(await ann.modal("Saved."))
    stage.server.world.views.clear()
    await bob.command("/generate", f"{BALL} --size 720p")
    await bob.hears("lower in this server than elsewhere")
    await ann.act_home({"action_id": forms["Lower limits"], "type": "button"})
    await ann.submit(await ann.modal("Largest size"), channel=CHANNEL, seconds="2", size="default")
    saved = words_of(await ann.modal("Saved."))
    assert f"<#{CHANNEL}>" in saved
    assert "clips of at most 2 s · at most 480p · at most 1 at once (as the server)" in saved


def is_form(view: Payload) -> bool:
    return any(block["type"] == "input" for block in view["blocks"])


def is_wait(view: Payload) -> bool:
    return "One moment" in words_of(view)


async def test_managers_see_what_holds(trusted: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redrawing, "pause", 0.05)
    trusted.server.world.groups = [{"id": "S1", "handle": "film", "users": [BOB]}]
    ann, forms = await manager(trusted)
    assert "Nothing was decided" in words_of(trusted.server.world.homes[ANN])
    filled: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("A user group", "user group", {"group": "S1", "tier": "plus"}),
        ("A member", "Who", {"member": KEI, "act": "tier:plus"}),
        ("A member", "Who", {"member": BOB, "act": "block"}),
        ("A channel", "Which channel", {"channel": CHANNEL, "use": "no"}),
        ("Workspace", "Whether clips may", {"size": "480p", "use": "yes"}),
    )
    for form, asks, values in filled:
        trusted.server.world.views.clear()
        await ann.act_home({"action_id": forms[form], "type": "button"})
        await ann.submit(await ann.modal(asks), **values)
        await trusted.server.until(
            lambda: not any(is_form(view) or is_wait(view) for view in trusted.server.world.views.values())
        )
    for line in ("<!subteam^S1>: Tier: plus", f"<@{KEI}>: Tier: plus", f"<@{BOB}>: Blocked", f"<#{CHANNEL}>"):
        await home_saying(trusted, ann, line)
    await home_saying(trusted, ann, "Usual size: 480p")
    bob = await trusted.member("bob", "free")
    await bob.opens_home()
    assert "For those who manage" not in words_of(await home_saying(trusted, bob, "0 / "))


async def test_managers_see_a_members_month_and_block_them(stage: Stage) -> None:
    ann, forms = await manager(stage)
    bob = await stage.member("bob", "plus")
    await ann.act_home({"action_id": forms["A member"], "type": "button"})
    await ann.submit(await ann.modal("Who"), member=BOB, act="usage")
    await ann.modal("0 of 50")
    stage.server.world.views.clear()
    await ann.act_home({"action_id": forms["A member"], "type": "button"})
    await ann.submit(await ann.modal("Who"), member=BOB, act="block")
    await ann.modal("can no longer ask")
    await bob.command("/generate", BALL)
    await bob.hears("blocked you")


async def test_who_manages_nothing_is_refused_whatever_they_send(stage: Stage) -> None:
    ann, forms = await manager(stage)
    bob = await stage.member("bob", "plus")
    await bob.act_home({"action_id": forms["A member"], "type": "button"})
    await bob.submit(await bob.modal("Who"), member=ANN, act="block")
    await bob.modal("Only a manager")
    await ann.command("/generate", BALL)
    await ann.hears("this month")


@pytest.fixture
async def trusted(tmp_path: Path) -> AsyncIterator[Stage]:
    """A workspace whose managers may give tiers."""
    async with open_stage(tmp_path, tier_managers={"slack:T1": "plus"}) as bare, bare.bot():
        yield bare


async def test_managers_give_a_user_group_its_tier(trusted: Stage) -> None:
    trusted.server.world.groups = [{"id": "S1", "handle": "film", "users": [BOB]}]
    ann, forms = await manager(trusted)
    bob = await trusted.member("bob", "free")
    for tier, said, month in (("plus", "@film: plus", "of 50"), ("none", "@film: nothing is given", "of 10")):
        await ann.act_home({"action_id": forms["A user group"], "type": "button"})
        view = await ann.modal("user group")
        offered = next(block["element"]["options"] for block in view["blocks"] if block["block_id"] == "group")
        assert [option["text"]["text"] for option in offered] == ["@film"]
        await ann.submit(view, group="S1", tier=tier, days="3" if tier == "plus" else None, reason="for the film")
        await ann.modal(said)
        trusted.server.world.views.clear()
        await bob.command("/threadreel", "info")
        await bob.hears(month)


async def test_more_than_the_operator_allows_is_refused_and_so_is_a_workspace_without_groups(trusted: Stage) -> None:
    ann, forms = await manager(trusted)
    await ann.act_home({"action_id": forms["A user group"], "type": "button"})
    await ann.modal("usergroups:read")
    trusted.server.world.views.clear()
    await trusted.member("bob", "free")
    await ann.act_home({"action_id": forms["A member"], "type": "button"})
    await ann.submit(await ann.modal("Who"), member=BOB, act="tier:pro")
    await ann.modal("plus")
    trusted.server.world.views.clear()
    await ann.act_home({"action_id": forms["A member"], "type": "button"})
    await ann.submit(await ann.modal("Who"), member=BOB, act="tier:plus")
    await ann.modal("bob: plus")


async def press_form(stage: Stage, who: Member, form: str) -> None:
    stage.server.world.views.clear()
    await who.act_home({"action_id": f"tr:house:{form}", "type": "button"})


async def test_a_block_ends_after_its_days_and_tells_its_reason(stage: Stage) -> None:
    ann, _ = await manager(stage)
    bob = await stage.member("bob", "plus")
    for days, said in (("soon", "soon"), ("0", "3650")):
        await press_form(stage, ann, "member")
        await ann.submit(await ann.modal("Who"), member=BOB, act="block", days=days)
        await ann.modal(said)
    await press_form(stage, ann, "member")
    await ann.submit(await ann.modal("Who"), member=BOB, act="usage", days="3")
    await ann.modal("unless you block someone")
    await press_form(stage, ann, "member")
    await ann.submit(await ann.modal("Who"), member=BOB, act="usage", reason="curious")
    await ann.modal("unless you block, unblock")
    await press_form(stage, ann, "member")
    await ann.submit(await ann.modal("Who"), member=BOB, act="block", days="3", reason="too many balls")
    await ann.modal("can no longer ask")
    await bob.command("/generate", BALL)
    assert "too many balls" in await bob.hears("blocked you")
    await press_form(stage, ann, "audit")
    assert "too many balls" in words_of(await ann.modal("too many balls"))


async def test_managers_see_who_used_what_and_who_decided_what(stage: Stage) -> None:
    ann, _ = await manager(stage)
    bob = await stage.member("bob", "plus")
    await stage.made(bob)
    month = f"{datetime.now(UTC):%Y-%m}"
    await press_form(stage, ann, "usage")
    view = await ann.modal(month)
    assert is_form(view)
    assert BOB in words_of(view) or "bob" in words_of(view)
    await ann.submit(view, month="month")
    told = await stage.server.until(
        lambda: next((v for v in stage.server.world.views.values() if not is_form(v) and not is_wait(v)), None)
    )
    assert month in words_of(told)
    await press_form(stage, ann, "audit")
    await ann.submit(await ann.modal("Audit log"), member=BOB)
    await stage.server.until(
        lambda: next((v for v in stage.server.world.views.values() if not is_form(v) and not is_wait(v)), None)
    )


async def test_managers_give_a_clip_back_or_a_month(trusted: Stage) -> None:
    ann, _ = await manager(trusted)
    bob = await trusted.member("bob", "plus")
    clip, _ = await trusted.made(bob)
    await trusted.made(bob)
    await press_form(trusted, ann, "refund")
    await ann.submit(await ann.modal("Id of the one clip"), reason="it was green")
    await ann.modal("either a member or the id")
    ways: tuple[tuple[dict[str, Any], str], ...] = (({"clip": f"`{clip.id}`"}, "1 of 50"), ({"member": BOB}, "0 of 50"))
    for chosen, left in ways:
        await press_form(trusted, ann, "refund")
        view = await ann.modal("Id of the one clip")
        await ann.submit(view, reason="it was green", **chosen)
        await trusted.server.until(
            lambda: not any(is_form(view) or is_wait(view) for view in trusted.server.world.views.values())
        )
        await press_form(trusted, ann, "member")
        await ann.submit(await ann.modal("Who"), member=BOB, act="usage")
        await ann.modal(left)


async def test_who_manages_nothing_sees_no_usage_and_no_audit_log_and_refunds_nothing(stage: Stage) -> None:
    bob = await stage.member("bob", "plus")
    clip, _ = await stage.made(bob)
    for form in ("usage", "audit"):
        await press_form(stage, bob, form)
        view = await bob.modal("Only")
        assert not is_form(view)
    await press_form(stage, bob, "refund")
    await bob.submit(await bob.modal("Id of the one clip"), clip=clip.id, reason="mine")
    await bob.modal("Only")


async def test_operators_manage_without_being_admins(tmp_path: Path) -> None:
    async with open_stage(tmp_path, operators=(f"slack:{TEAM}:{ANN}",)) as stage, stage.bot():
        ann, bob = await stage.member("ann", "free"), await stage.member("bob", "free")
        await bob.opens_home()
        assert "For those who manage" not in words_of(await home_saying(stage, bob, "0 / "))
        await ann.opens_home()
        await home_saying(stage, ann, "For those who manage")
        await ann.act_home(a_choice("tr:set:language", "ja"))
        await home_saying(stage, ann, "監査ログ")
        await press_form(stage, ann, "member")
        view = await ann.modal("ブロックやティアが続く日数")
        await ann.submit(view, member=BOB, act="tier:pro", days="7", reason="撮影")
        await ann.modal("pro")
        await press_form(stage, ann, "usage")
        await ann.modal("使用状況")
        await press_form(stage, ann, "audit")
        await ann.modal("撮影")
