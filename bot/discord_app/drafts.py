"""What a message shall look like, apart from where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import discord
from discord import ui

from bot.card import Card
from bot.discord_app.files import Bytes
from bot.discord_app.views import card_view
from bot.texts import texts_for
from inference.types import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    card: Card
    #: See `marks.mark_of`; None for a card about nobody's job.
    mark: int | None
    #: To be attached.
    file: Bytes | None = None
    #: Name of the attachment that the message has already and keeps.
    kept: str = ""

    @property
    def job(self) -> JobId:
        assert self.card.job is not None
        return self.card.job

    @property
    def attached(self) -> list[discord.File]:
        """To send. Made anew each time, for a sent file is closed."""
        return [] if self.file is None else [self.file.to_discord()]

    def view(self) -> ui.LayoutView:
        return card_view(
            self.card, mark=self.mark, file=self.file.name if self.file else self.kept, spoiler=self.card.spoiler
        )

    def without_words(self) -> Draft:
        """As AutoMod may let it pass: nothing that a member wrote, and why."""
        texts = texts_for(self.card.language)
        media = None if self.card.media is None else replace(self.card.media, alt=texts("words-hidden-alt"))
        file = None if self.file is None else replace(self.file, alt=texts("words-hidden-alt"))
        card = replace(self.card, title="", lines=(texts("words-hidden"),), media=media)
        return replace(self, card=card, file=file)
