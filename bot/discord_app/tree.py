"""Slash commands and context menus, built from the grammar's own table: what no model offers is not shown."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.commands.table import CommandSpec, OptionSpec, ValueKind
from bot.commands.values import MAX_SEED
from bot.discord_app.complete import Completion
from bot.discord_app.desk import Desk
from bot.discord_app.translate import described, named

EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
FOR_ALL = app_commands.AppInstallationType(guild=True, user=True)
PROMPT_LENGTH = 2000
ANNOTATIONS: dict[ValueKind, Any] = {
    ValueKind.TEXT: app_commands.Range[str, 1, PROMPT_LENGTH],
    ValueKind.SECONDS: float,
    ValueKind.SIZE: str,
    ValueKind.ASPECT: str,
    ValueKind.SEED: app_commands.Range[int, 0, MAX_SEED],
    ValueKind.STRENGTH: str,
    ValueKind.CLIP: str,
    ValueKind.PRESET: str,
    ValueKind.LANGUAGE: str,
    ValueKind.WHEN: app_commands.Range[str, 1, 100],
    ValueKind.TIMEZONE: str,
    ValueKind.SCHEDULE: str,
    ValueKind.SWITCH: bool,
    ValueKind.IMAGE: discord.Attachment,
}
CHOSEN = frozenset({ValueKind.ASPECT, ValueKind.LANGUAGE})
"""Nothing but the common values is possible."""
COMPLETED = frozenset(
    {
        ValueKind.SECONDS, ValueKind.SIZE, ValueKind.STRENGTH, ValueKind.CLIP, ValueKind.PRESET, ValueKind.WHEN,
        ValueKind.TIMEZONE, ValueKind.SCHEDULE,
    }
)  # fmt: skip

Interaction = discord.Interaction[Any]
MessageAct = Callable[[Interaction, discord.Message], Awaitable[None]]


def free_name(tree: app_commands.CommandTree[Any], name: str) -> str:
    """Another one where someone's bot, whose guest we are, has a command of that name."""
    return name if tree.get_command(name) is None else f"threadreel-{name}"


def slash_command(
    spec: CommandSpec, desk: Desk, completion: Completion, *, name: str
) -> app_commands.Command[Any, ..., Any]:
    """The command with its options, each asked for as its kind is best asked for."""

    async def run(interaction: Interaction, **values: Any) -> None:
        await desk.command(interaction, spec, values)

    run.__signature__ = _signature(spec.options)  # type: ignore[attr-defined]  # what discord.py reads options from
    run = app_commands.describe(**{option.name: described(f"option-{option.name}") for option in spec.options})(run)
    run = app_commands.rename(**{option.name: named(option.name, option.aliases) for option in spec.options})(run)
    choices = {option.name: _choices(spec, option) for option in spec.options if option.kind in CHOSEN}
    run = app_commands.choices(**choices)(run)
    command: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=named(name, spec.aliases if name == spec.name else ()),
        description=described(f"command-{spec.name}"),
        callback=run,
        allowed_contexts=EVERYWHERE,
        allowed_installs=FOR_ALL,
    )
    for option in spec.options:
        if option.kind in COMPLETED:
            command.autocomplete(option.name)(_completer(completion, option))
    return command


def context_menus(desk: Desk, *, with_remix: bool, with_images: bool) -> list[app_commands.ContextMenu]:
    """On a message. The names are what a member sees."""
    wanted: list[tuple[str, MessageAct]] = [("menu-info", desk.about_message)]
    if with_remix:
        wanted.append(("menu-remix", desk.remix_message))
    if with_images:
        wanted.append(("menu-reference", desk.use_message))
    return [_menu(key, act) for key, act in wanted]


def _menu(key: str, act: MessageAct) -> app_commands.ContextMenu:
    async def run(interaction: Interaction, message: discord.Message) -> None:
        await act(interaction, message)

    # Annotations are read at run time, where discord.py cannot see this function's own names.
    run.__annotations__ = {"interaction": discord.Interaction, "message": discord.Message}
    return app_commands.ContextMenu(
        name=described(key), callback=run, allowed_contexts=EVERYWHERE, allowed_installs=FOR_ALL
    )


def _signature(options: Sequence[OptionSpec]) -> inspect.Signature:
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    rest = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=ANNOTATIONS[option.kind] if option.required else ANNOTATIONS[option.kind] | None,
            default=inspect.Parameter.empty if option.required else None,
        )
        for option in options
    ]
    return inspect.Signature([first, *rest])


def _choices(spec: CommandSpec, option: OptionSpec) -> list[app_commands.Choice[str]]:
    """In /settings a choice can be taken back."""
    common = [app_commands.Choice(name=_choice_name(option, value), value=value) for value in option.choices]
    return [
        *common,
        *([app_commands.Choice(name=described("choice-default"), value="default")] if spec.name == "settings" else []),
    ]


def _choice_name(option: OptionSpec, value: str) -> app_commands.locale_str | str:
    return described(f"language-{value}") if option.kind == ValueKind.LANGUAGE else value


def _completer(
    completion: Completion, option: OptionSpec
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[Any]]]]:
    async def complete(interaction: Interaction, current: str) -> list[app_commands.Choice[Any]]:
        return await completion.of(interaction, option, current)

    complete.__annotations__ = {"interaction": discord.Interaction, "current": str, "return": list}
    return complete
