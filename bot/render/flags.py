"""Options as members type them: one name each, in their language."""

from __future__ import annotations

from bot.commands.table import COMMANDS, OptionSpec
from bot.texts import Texts

OPTIONS = {name: option for command in COMMANDS for option in command.options for name in option.names}


def flag(option: OptionSpec, texts: Texts) -> str:
    """`--ar`, in Japanese `--縦横比`."""
    return f"--{texts(f'typed-{option.name}')}"


def flagged(name: str, texts: Texts) -> str:
    """The same for a name that the service or the grammar uses: `resolution`, `--aspect_ratio`. Others stay."""
    option = OPTIONS.get(name.removeprefix("--").replace(" ", "_"))
    return name if option is None else flag(option, texts)
