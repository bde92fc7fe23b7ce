"""What a tier may not do is greyed out where one member alone looks, and refused in words where all do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from tests.integration.discord.conftest import BALL, Server, buttons_of, open_server, said


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Server]:
    """A deployment whose free tier takes again and remixes nothing."""
    tiers = tmp_path / "tiers.toml"
    shipped = Path("inference/tiers.toml").read_text(encoding="utf-8")
    tiers.write_text(shipped.replace('["generate", "again", "remix"]', '["generate", "again"]'), encoding="utf-8")
    async with open_server(tmp_path, house={"tiers_file": tiers}) as opened:
        yield opened


def looks(message: discord.Message) -> dict[str, bool]:
    """Whether each button is greyed out, by its label."""
    return {str(button.label): button.disabled for button in buttons_of(message)}


@pytest.mark.parametrize("command", ["show", "result"])
async def test_ones_own_look_at_a_clip_greys_out_what_the_tier_lacks(strict: Server, command: str) -> None:
    ann = await strict.member("ann", "free")
    clip, message = await strict.made(ann)
    assert looks(message)["Remix"] is False  # others look at it too
    shown = await ann.slash(strict.channel, command, **({"clip": clip.id} if command == "show" else {}))
    assert shown.response is not None
    assert looks(shown.response.message) == {"Remix · plus": True, "Again": False, "Info": False, "Delete": False}
    bob = await strict.member("bob", "plus")
    seen = await bob.slash(strict.channel, "show", clip=clip.id)
    assert seen.response is not None
    assert looks(seen.response.message)["Remix"] is False


async def test_a_family_offers_no_branch_that_the_tier_lacks(strict: Server) -> None:
    ann = await strict.member("ann", "free")
    clip, _ = await strict.made(ann)
    shown = await ann.slash(strict.channel, "tree", clip=clip.id)
    assert shown.response is not None
    assert [(label.endswith("· plus"), off) for label, off in looks(shown.response.message).items()] == [(True, True)]


async def test_a_private_clip_bears_its_owners_buttons(strict: Server) -> None:
    ann = await strict.member("ann", "free")
    await ann.slash(strict.channel, "generate", prompt=BALL, private=True)
    clip = await strict.finish()
    message = await strict.clip_message(clip.id, ann.user.dm_channel)
    assert looks(message)["Remix · plus"] is True


async def test_in_the_open_the_press_is_refused_naming_the_tier(strict: Server) -> None:
    ann = await strict.member("ann", "free")
    clip, _ = await strict.made(ann)
    refused = said(await ann.slash(strict.channel, "remix", prompt="make it blue", clip=clip.id))
    assert refused == "The tier free does not include remixing. The tier plus allows it."
    assert "1 of 10" in said(await ann.slash(strict.channel, "info"))


async def test_info_in_a_thread_tells_the_month_and_the_newest_clip(server: Server) -> None:
    ann = await server.member()
    clip, _ = await server.made(ann)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=clip.id)
    child = await server.finish()
    thread = await server.opened_thread()
    await server.clip_message(child.id, thread)
    told = said(await ann.slash(thread, "info"))
    assert "**Clips this month** 2 of 500" in told
    assert f"**The newest clip here** {child.id}" in told
    named = said(await ann.slash(thread, "info", clip=clip.id))
    assert f"**Id** {clip.id}" in named
    assert "this month" not in named
