"""Everything of ours on a discord.py client, whoever's it is: commands, buttons, listeners and deliveries."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.administering import Administering
from bot.commands.table import COMMANDS, offered
from bot.delivery import Delivery
from bot.discord_app.admin import NAME, AdminGroup
from bot.discord_app.buttons import ActionButton
from bot.discord_app.chat import DiscordChat
from bot.discord_app.complete import Completion
from bot.discord_app.desk import Desk
from bot.discord_app.found import COG
from bot.discord_app.listening import Listening
from bot.discord_app.reacting import Reacting
from bot.discord_app.translate import OwnTranslator
from bot.discord_app.tree import context_menus, free_name, slash_command
from bot.managing import Managing
from bot.overseeing import Overseeing
from bot.session import ChatCore
from inference.errors import ServiceUnavailable
from inference.protocols import Doors
from inference.types import Offer, OperationKind
from storage.conversations import SqlConversations

GRACE_SECONDS = 5.0
"""How long requests that were taken before a stop may go on."""

_log = structlog.get_logger(__name__)
Client = commands.Bot | commands.AutoShardedBot
Ours = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group
Opening = Callable[[], AbstractAsyncContextManager[tuple[Doors, SqlConversations]]]


class ThreadreelCog(commands.Cog, name=COG):
    """Added to a client it brings all of ours along; removed it takes all of it away again."""

    desk: Desk

    def __init__(self, client: Client, opening: Opening, *, is_guest: bool) -> None:
        """`opening` gives the service and the conversations, for as long as the cog is loaded."""
        self._client = client
        self._opening = opening
        self._is_guest = is_guest
        self._living: asyncio.Task[None] | None = None
        self._added: list[Ours] = []

    # --- Coming and going ---

    async def cog_load(self) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._living = asyncio.create_task(self._live(ready), name="threadreel on discord")
        await asyncio.wait((ready, self._living), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await self._living

    async def cog_unload(self) -> None:
        await self.close()

    async def close(self) -> None:
        """Take nothing more, let go on what was taken, then end the deliveries. Idempotent."""
        if self._living is None:
            return
        working = self.desk.working - {asyncio.current_task()} if hasattr(self, "desk") else set()
        if working:
            await asyncio.wait(working, timeout=GRACE_SECONDS)
        self._living.cancel()
        await asyncio.gather(self._living, return_exceptions=True)
        self._living = None

    def stop_taking(self) -> None:
        """What is asked from now on is answered with a word about the restart."""
        if hasattr(self, "desk"):
            self.desk.is_closing = True

    async def _live(self, ready: asyncio.Future[None]) -> None:
        """Holds everything open until the client is closed, or this task is cancelled."""
        async with self._opening() as (service, conversations):
            chat = DiscordChat(self._client, service)
            delivery = Delivery(service=service, conversations=conversations, platforms=(chat,))
            core = ChatCore(service, service, conversations)
            self.desk = Desk(core, service)
            self.listening = Listening(self._client, core, self.desk, conversations, is_guest=self._is_guest)
            self.reacting = Reacting(self._client, core, self.desk, service)
            async with self._commands(core, service), _running(delivery):
                ready.set_result(None)
                # Never dispatched: the wait ends with the client.
                await self._client.wait_for("threadreel_end")

    @asynccontextmanager
    async def _commands(self, core: ChatCore, service: Doors) -> AsyncIterator[None]:
        """Our commands and buttons are the client's while the block runs."""
        tree = self._client.tree
        before = tree.translator
        await tree.set_translator(OwnTranslator(before))
        self._client.add_dynamic_items(ActionButton)
        try:
            for command in await self._made(core, service):
                tree.add_command(command)
                self._added.append(command)
            yield
        finally:
            for command in self._added:
                tree.remove_command(command.name, type=_type_of(command))
            self._added.clear()
            self._client.remove_dynamic_items(ActionButton)
            await tree.set_translator(before)

    async def _made(self, core: ChatCore, service: Doors) -> list[Ours]:
        offer = await _offer(service)
        specs = COMMANDS if offer is None else offered(offer)
        known = offer or Offer(presets=(), tiers=())
        completion = Completion(core, service, self.desk, known)
        menus = context_menus(
            self.desk,
            with_remix=offer is None or OperationKind.REMIX in offer.operations,
            with_images=offer is None or OperationKind.ANIMATE in offer.operations,
        )
        tree = self._client.tree
        slashes = [slash_command(spec, self.desk, completion, name=free_name(tree, spec.name)) for spec in specs]
        admin = AdminGroup(
            self.desk,
            Managing(core, service),
            Administering(core, service),
            Overseeing(core, service),
            known,
            name=free_name(tree, NAME),
        )
        return [*slashes, *menus, admin]

    # --- What the client hears ---

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        with self.desk.at_work():
            await self.listening.heard(message)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        with self.desk.at_work():
            await self.reacting.reacted(payload)

    @commands.Cog.listener()
    async def on_entitlement_create(self, entitlement: discord.Entitlement) -> None:
        self.listening.purchases.changed(entitlement)

    @commands.Cog.listener()
    async def on_entitlement_update(self, entitlement: discord.Entitlement) -> None:
        self.listening.purchases.changed(entitlement)

    @commands.Cog.listener()
    async def on_entitlement_delete(self, entitlement: discord.Entitlement) -> None:
        self.listening.purchases.changed(entitlement)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type == discord.InteractionType.modal_submit:
            await self.desk.submitted(interaction)


async def _offer(service: Doors) -> Offer | None:
    """None while the service is away: then every command is shown, and the service refuses what it cannot do."""
    try:
        return await service.offer()
    except ServiceUnavailable as error:
        _log.warning("the service does not say what it offers", reason=str(error))
        return None


def _type_of(command: Ours) -> discord.AppCommandType:
    return command.type if isinstance(command, app_commands.ContextMenu) else discord.AppCommandType.chat_input


@asynccontextmanager
async def _running(delivery: Delivery) -> AsyncIterator[None]:
    """Deliver in a context of its own: a clip that comes hours later belongs to no event of the gateway."""
    task = contextvars.Context().run(asyncio.create_task, delivery.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
