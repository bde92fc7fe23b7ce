"""A reply in the moment between the clip's appearance in the channel and the bot's writing down that it stands there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bot.discord_app.cog import ThreadreelCog
from tests.integration.discord.conftest import Server


@contextmanager
def nothing_written(server: Server) -> Iterator[None]:
    """Another process writes to the conversations meanwhile: ours waits, and can still read."""
    file = server.studio.settings.data_dir / "conversations.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


async def test_a_reply_before_the_clip_is_written_down_is_about_that_clip(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    thread = await server.opened_thread()
    await server.post_saying("make it blue", thread)
    claim = await server.claimed()
    cog = server.bot.get_cog("threadreel")
    assert isinstance(cog, ThreadreelCog)
    with nothing_written(server):
        child = await server.studio.succeed(claim)
        await server.clip_message(child.id, thread)
        saying = asyncio.create_task(ann.send(thread, "and slower"))
        await server.until(lambda: cog.desk.working)
        await asyncio.wait({saying}, timeout=0.3)  # time to be taken wrongly
    await saying
    assert (await server.finish()).parent == child.id
