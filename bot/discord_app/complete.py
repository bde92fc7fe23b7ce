"""Autocompletion: common values, models by their titles, and the member's own clips by their words."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands.table import OptionSpec, ValueKind
from bot.commands.zones import zones_like
from bot.discord_app.desk import Desk
from bot.discord_app.views import cut
from bot.render.words import short
from bot.session import ChatCore
from inference.errors import ThreadreelError
from inference.protocols import AskingDoors
from inference.types import ClipQuery, Offer

MAX = 25
"""Results that Discord takes."""

Interaction = discord.Interaction[Any]
Choices = list[app_commands.Choice[Any]]


class Completion:
    def __init__(self, core: ChatCore, library: AskingDoors, desk: Desk, offer: Offer) -> None:
        self._core = core
        self._library = library
        self._desk = desk
        self._offer = offer

    async def of(self, interaction: Interaction, option: OptionSpec, current: str) -> Choices:
        """What the member may mean. Nothing where the service cannot say: a word can be typed all the same."""
        typed = str(current).strip()
        try:
            match option.kind:
                case ValueKind.PRESET:
                    found = [(preset.title, preset.name) for preset in self._offer.presets]
                case ValueKind.CLIP:
                    return await self._clips(interaction, typed)
                case ValueKind.SCHEDULE:
                    return await self._schedules(interaction, typed)
                case ValueKind.TIMEZONE:
                    return [app_commands.Choice(name=zone, value=zone) for zone in zones_like(typed, MAX)]
                case ValueKind.STRENGTH:
                    texts = await self._core.texts(self._desk.context(interaction).requester)
                    found = [(texts(f"strength-{value}"), value) for value in option.choices]
                case ValueKind.SECONDS:
                    return [app_commands.Choice(name=f"{number} s", value=float(number)) for number in self._seconds()]
                case _:
                    found = [(value, value) for value in option.choices]
        except ThreadreelError:
            return []
        likely = [(name, value) for name, value in found if typed.lower() in f"{name} {value}".lower()]
        return [app_commands.Choice(name=cut(name, 100), value=value) for name, value in likely[:MAX]]

    def _seconds(self) -> list[str]:
        """Common lengths that some model makes."""
        longest = max((preset.max_seconds for preset in self._offer.presets), default=20.0)
        return [f"{number:g}" for number in (2, 3, 5, 8, 10, 15, 20) if number <= longest]

    async def _schedules(self, interaction: Interaction, typed: str) -> Choices:
        found = await self._library.schedules(self._desk.context(interaction).requester)
        named = [(f"{short(one.operation.prompt, 70)} · {one.id[-8:]}", one.id) for one in found]
        likely = [(name, id_) for name, id_ in named if typed.lower() in f"{name} {id_}".lower()]
        return [app_commands.Choice(name=cut(name, 100), value=id_) for name, id_ in likely[:MAX]]

    async def _clips(self, interaction: Interaction, typed: str) -> Choices:
        requester = self._desk.context(interaction).requester
        words = "" if typed.startswith("clip_") else typed
        page = await self._library.clips(ClipQuery(text=words, limit=MAX), requester)
        fitting = [clip for clip in page.clips if words or clip.id.startswith(typed)]
        return [
            app_commands.Choice(
                name=cut(f"{short(clip.text or clip.recipe.prompt, 70)} · {clip.id[-6:]}", 100), value=clip.id
            )
            for clip in fitting
        ]
