"""Roles and purchases are looked up whenever a clip is asked for, whichever way it is asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.discord.conftest import BALL, Server, open_server, parts, said

SKU = 777_000_777


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Server]:
    """One thing is sold, for the tier plus."""
    async with open_server(tmp_path, house={"tier_entitlements": {f"discord:{SKU}": "plus"}}) as opened:
        opened.env.create_sku("plus", id=SKU)
        yield opened


async def test_a_purchase_counts_in_commands_buttons_and_replies_and_its_end_does_too(shop: Server) -> None:
    ann = await shop.member("ann", "free")
    refused = said(await ann.slash(shop.channel, "generate", prompt=BALL, size="720p"))
    assert "The tier free" in refused
    bought = await shop.env.grant_entitlement(SKU, user=ann)
    clip, message = await shop.made(ann, size="720p")
    assert (await shop.job(clip.id)).tier == "plus"
    again = next(part for part in parts(message.components) if getattr(part, "label", "") == "Again")
    await ann.click(message, custom_id=again.custom_id)
    assert (await shop.job((await shop.finish()).id)).tier == "plus"
    await ann.send(shop.channel, "make it blue", reply_to=message)
    child = await shop.finish()
    assert (child.parent, (await shop.job(child.id)).tier) == (clip.id, "plus")
    await bought.end()
    await bought.revoke()
    await ann.send(shop.channel, "make it green", reply_to=message)
    await shop.post_saying("The tier free makes clips of at most 480p")


async def test_what_a_server_bought_counts_for_its_members(shop: Server) -> None:
    ann = await shop.member("ann", "free")
    clip, message = await shop.made(ann)
    await shop.env.grant_entitlement(SKU, guild=shop.guild)
    await ann.send(shop.channel, "make it blue", reply_to=message)
    assert (await shop.job((await shop.finish()).id)).tier == "plus"
    assert clip.size.short_side == 480
