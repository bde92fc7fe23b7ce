"""Buttons that outlive restarts: their id says everything, and names its version (see `bot.actions`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Self

import discord
from discord import ui

from bot.actions import Action
from bot.commands.errors import ButtonUnknown
from bot.discord_app.found import desk_of
from inference.types import JobId

TEMPLATE = re.compile(r"tr:(?P<sure>sure:)?(?P<action>v\d+:[a-z]+:[\w-]+(?::[\w.]+)?)")


class ActionButton(ui.DynamicItem[ui.Button[Any]], template=TEMPLATE):
    """`sure`: what it asks before it acts has been answered."""

    def __init__(
        self,
        action: str,
        *,
        label: str = "·",
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
        sure: bool = False,
    ) -> None:
        custom_id = f"tr:{'sure:' if sure else ''}{action}"
        super().__init__(ui.Button(label=label, emoji=emoji, style=style, disabled=disabled, custom_id=custom_id))
        self.action = action
        self.sure = sure

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["action"], sure=match["sure"] is not None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Whoever pressed it is authorised by the service like anyone else who asks."""
        await desk_of(interaction).button(interaction, self.action, sure=self.sure)


def job_shown(message: discord.Message) -> JobId | None:
    """The job that a message's own buttons are about. For messages of ours: anyone's bot can give a button any id."""
    for custom_id in _custom_ids(message.components):
        if (match := TEMPLATE.fullmatch(custom_id)) is None:
            continue
        try:
            return Action.read(match["action"]).job
        except ButtonUnknown:
            continue
    return None


def _custom_ids(components: Iterable[discord.Component]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.Container | discord.ActionRow):
            yield from _custom_ids(component.children)
        elif isinstance(component, discord.Button) and component.custom_id:
            yield component.custom_id
