"""A Card as Discord draws it: Components V2, with nothing in it that pings or marks up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.card import Button, ButtonStyle, Card, Media, ProgressBar, Tone
from bot.discord_app.buttons import ActionButton
from bot.platform import Answer, Attachment

COLOURS = {Tone.WORKING: 0x5865F2, Tone.DONE: 0x3BA55D, Tone.PROBLEM: 0xED4245, Tone.QUIET: 0x80848E}
STYLES = {
    ButtonStyle.PRIMARY: discord.ButtonStyle.primary,
    ButtonStyle.PLAIN: discord.ButtonStyle.secondary,
    ButtonStyle.DANGER: discord.ButtonStyle.danger,
}
CELLS = 12
"""Of a progress bar."""
TITLE, ALT, TEXT = 1500, 1000, 3800
"""Characters. A message's texts may have 4,000 together, an alt text 1,024."""
MARKUP = re.compile(r"[*`~|\\<>\[\]]|(?<!\w)_|_(?!\w)|^[#-]|^\d+(?=\.)")
"""Signs that Discord would read. An underscore inside of a word is none, and ids have one."""
ROW = 5
"""Buttons that stand beside each other."""


def card_view(card: Card, *, mark: int | None = None, file: str = "", spoiler: bool = False) -> ui.LayoutView:
    """The card; `file` is the name of the attachment that its media are, empty where none is attached."""
    view = ui.LayoutView(timeout=None)
    view.add_item(card_box(card, mark=mark, attached=[file] if file else [], spoiler=spoiler))
    view.stop()  # its buttons are dynamic: nothing needs to be remembered of this very view
    return view


def card_box(
    card: Card, *, mark: int | None = None, attached: Sequence[str] = (), spoiler: bool = False
) -> ui.Container[ui.LayoutView]:
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=COLOURS[card.tone], id=mark)
    if text := card_text(card):
        box.add_item(ui.TextDisplay(text))
    media = (card.media,) if card.media is not None else card.gallery
    if attached and media:
        box.add_item(ui.MediaGallery(*_gallery(media, attached, spoiler=spoiler)))
    for start in range(0, len(card.buttons), ROW):
        box.add_item(ui.ActionRow(*(button(shown) for shown in card.buttons[start : start + ROW])))
    if card.link is not None:
        box.add_item(ui.ActionRow(ui.Button(label=cut(card.link.label, 80), url=card.link.url)))
    return box


def _gallery(media: Sequence[Media], attached: Sequence[str], *, spoiler: bool) -> list[discord.MediaGalleryItem]:
    alts = dict.fromkeys(attached, media[0].alt) if len(media) == 1 else _alts_by_file(media, attached)
    return [
        discord.MediaGalleryItem(f"attachment://{file}", description=cut(alt, ALT), spoiler=spoiler)
        for file, alt in alts.items()
    ]


def _alts_by_file(media: Sequence[Media], attached: Sequence[str]) -> dict[str, str]:
    """Pictures are named after their clips."""
    alts = {str(shown.job): shown.alt for shown in media}
    return {file: alts.get(file.partition(".")[0], "") for file in attached}


def answer_view(answer: Answer, attached: Sequence[str], extra: ui.ActionRow[Any] | None = None) -> ui.LayoutView:
    """What is said to the one who asked: words, then a card with the files that are attached for it."""
    view = ui.LayoutView(timeout=None)
    if answer.text:
        view.add_item(ui.TextDisplay(plain(answer.text)))
    if answer.card is not None:
        view.add_item(card_box(answer.card, attached=attached))
    for file in answer.files:
        view.add_item(_handed_over(file))
    if extra is not None:
        view.add_item(extra)
    view.stop()
    return view


def _handed_over(file: Attachment) -> ui.Item[ui.LayoutView]:
    """Discord shows no attachment that nothing in the message names."""
    where = f"attachment://{file.name}"
    if file.alt:
        return ui.MediaGallery(discord.MediaGalleryItem(where, description=cut(file.alt, ALT)))
    return ui.File(where)


def card_text(card: Card) -> str:
    """All words of the card, within what a message takes."""
    author = f"**{plain(card.author)}** " if card.author else ""
    heading = (
        f"{author}{plain(cut(card.title, TITLE))}" if card.author or not card.title else f"**{plain(card.title)}**"
    )
    fields = [f"**{plain(field.name)}** {plain(cut(field.value, TITLE))}" for field in card.fields]
    lines = [f"-# {plain(line)}" if card.media or card.progress else plain(line) for line in card.lines]
    bar = [] if card.progress is None else [progress(card.progress)]
    return cut("\n".join(part for part in (heading, *bar, *lines, *fields) if part), TEXT)


def progress(bar: ProgressBar) -> str:
    full = round(CELLS * min(1.0, max(0.0, bar.fraction)))
    words = " · ".join(plain(word) for word in (bar.label, bar.eta) if word)
    return f"`{'█' * full}{'░' * (CELLS - full)}` {words}"


def button(shown: Button) -> ActionButton:
    return ActionButton(
        shown.action,
        label=cut(shown.label, 80),
        emoji=shown.emoji or None,
        style=STYLES[shown.style],
        disabled=shown.disabled,
    )


def plain(text: str) -> str:
    """On one line, and nothing of it read as markup."""
    line = MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return discord.utils.escape_mentions(line)


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
