"""Names and descriptions of commands in other languages, from `bot/texts`."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.texts import texts_for

LANGUAGES = {discord.Locale.japanese: "ja"}
"""English stands in the commands themselves."""


def described(key: str) -> app_commands.locale_str:
    """A text of ours, translated by its key."""
    return app_commands.locale_str(texts_for("en")(key), threadreel=key)


def named(name: str, aliases: tuple[str, ...]) -> app_commands.locale_str:
    """A name of the grammar; its first alias that is no ASCII is the Japanese one."""
    japanese = next((alias for alias in aliases if not alias.isascii()), name)
    return app_commands.locale_str(name, threadreel="", ja=japanese)


class OwnTranslator(app_commands.Translator):
    """Translates what is ours, and leaves the rest to the translator that a bot had before."""

    def __init__(self, before: app_commands.Translator | None) -> None:
        self.before = before

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        if "threadreel" not in string.extras:
            return None if self.before is None else await self.before.translate(string, locale, context)
        language = LANGUAGES.get(locale)
        if language is None:
            return None
        key = string.extras["threadreel"]
        return texts_for(language)(key) if key else str(string.extras[language])
