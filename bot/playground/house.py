"""What the page must know before anything is said: members, channels, commands in the chosen language."""

from __future__ import annotations

from typing import Any

from bot.commands.table import COMMANDS, CommandSpec, OptionSpec, ValueKind
from bot.playground.people import CHANNELS, MEMBERS
from bot.render.flags import flag
from bot.texts import Texts, texts_for
from inference.types import Account


def house(language: str, max_upload_bytes: int) -> dict[str, Any]:
    texts = texts_for(language)
    return {
        "members": [{"key": m.key, "name": m.name, "tier": m.tier} for m in MEMBERS.values()],
        "channels": [{"key": c.key, "name": c.name} for c in CHANNELS.values()],
        "commands": [_command(command, texts) for command in COMMANDS],
        "max_upload_bytes": max_upload_bytes,
    }


def _command(command: CommandSpec, texts: Texts) -> dict[str, Any]:
    return {
        "name": command.name,
        "aliases": list(command.aliases),
        "description": texts(f"command-{command.name}"),
        "words": command.words,
        "options": [_option(option, texts) for option in command.options if option.kind is not ValueKind.IMAGE],
    }


def _option(option: OptionSpec, texts: Texts) -> dict[str, Any]:
    return {
        "name": option.name,
        "description": texts(f"option-{option.name}"),
        "required": option.required,
        "choices": list(option.choices),
        "names": list(option.names),
        "insert": f"{flag(option, texts)} ",
    }


def account_to_page(account: Account) -> dict[str, Any]:
    """The member's month and limits, for the sidebar."""
    tier = account.tier
    return {
        "tier": tier.name,
        "used": account.used,
        "limit": account.limit,
        "resets_at": account.resets_at.isoformat(),
        "max_seconds": account.max_seconds,
        "max_resolution": tier.max_resolution,
        "max_jobs": tier.max_jobs,
        "running": len(account.running),
        "watermark": tier.watermark,
    }
