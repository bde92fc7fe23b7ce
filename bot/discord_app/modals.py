"""Forms as modals. Their values are read from the interaction itself, so a modal that was open over a restart works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import discord
from discord import ui

from bot.card import Form, FormField
from bot.discord_app.views import cut

PREFIX = "trm:"
PATIENCE = 15 * 60.0
"""Seconds until discord.py forgets a modal that nobody sent; we do not need it then either."""
LABEL, PLACEHOLDER, TITLE = 45, 100, 45
"""Characters that Discord allows."""


class FormModal(ui.Modal):
    """Shows the form. What it sends is taken up by `Desk.submitted`, which finds `purpose` again in its id."""

    def __init__(self, form: Form, purpose: str) -> None:
        super().__init__(title=cut(form.title, TITLE), custom_id=f"{PREFIX}{purpose}", timeout=PATIENCE)
        for field in form.fields:
            self.add_item(ui.Label(text=cut(field.label, LABEL), component=_component(field)))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Nothing: see above."""


def _component(field: FormField) -> ui.TextInput[Any] | ui.Select[Any]:
    if field.choices:
        options = [
            discord.SelectOption(
                label=cut(choice.label, 100),
                value=choice.value,
                description=cut(choice.description, 100) or None,
                default=choice.value == field.value,
            )
            for choice in field.choices
        ]
        return ui.Select(custom_id=field.name, options=options, required=field.required)
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph,
        default=field.value[: field.max_length] or None,
        placeholder=cut(field.placeholder, PLACEHOLDER) or None,
        required=field.required,
        max_length=field.max_length,
    )


def purpose_of(interaction: discord.Interaction[Any]) -> str | None:
    """What a sent modal of ours is for; None for anything else."""
    custom_id = _data(interaction).get("custom_id", "")
    if interaction.type != discord.InteractionType.modal_submit or not isinstance(custom_id, str):
        return None
    return custom_id.removeprefix(PREFIX) if custom_id.startswith(PREFIX) else None


def values_of(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """What was filled in, by the fields' names."""
    return dict(_values(_data(interaction).get("components", [])))


def _data(interaction: discord.Interaction[Any]) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], interaction.data or {})


def _values(parts: Any) -> Iterator[tuple[str, str]]:
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, Mapping):
            continue
        inner = part.get("component")
        yield from _values([inner] if inner else part.get("components", []))
        if "custom_id" in part:
            chosen = part.get("values") or [part.get("value")]
            yield str(part["custom_id"]), str(chosen[0] or "")
