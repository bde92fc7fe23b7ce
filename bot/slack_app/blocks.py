"""A Card as Slack draws it: Block Kit, with nothing in it that pings or marks up, and the words for notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    ImageBlock,
    ImageElement,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import SlackFile

from bot.card import Button, ButtonStyle, Card, Link, ProgressBar
from bot.platform import Answer
from bot.slack_app.stills import Picture
from bot.slack_app.words import CHANNEL, command_spoken, escaped, spoken
from bot.texts import texts_for
from inference.types import JobId, Variant

Pictures = Mapping[JobId, Picture]
"""By the clips that they show."""
ACTION = "tr:"
"""Begins the action ids of ours."""
FAVOURITE = "star:"
"""Begins the action of the button that only Slack has."""
FOLLOWED = "link"
"""Action of a button that only leads somewhere."""
CELLS = 12
"""Of a progress bar."""
TITLE, VALUE, LINE, SMALL, LABEL, NOTICE = 2000, 2000, 500, 300, 75, 3000
"""Characters."""
BODY = 6000
"""Characters of title, lines and fields together: Slack takes about 13,000 in all blocks of a message."""
NONE: Pictures = {}
ROW = 5
"""Buttons that stand beside each other."""
STYLES = {ButtonStyle.PRIMARY: "primary", ButtonStyle.DANGER: "danger", ButtonStyle.PLAIN: None}
Text = RichTextElementParts.Text
Style = RichTextElementParts.TextStyle
Part = Text | RichTextElementParts.Channel


def card_blocks(card: Card, link: str = "", pictures: Pictures = NONE) -> list[Block]:
    """The card; `link` leads to the clip where it stands in a message of its own."""
    texts = texts_for(card.language)
    is_small = card.media is not None or card.progress is not None
    is_pictured = bool(card.gallery and pictures)
    lines = [] if is_small or is_pictured else _lines(card.lines)
    body = [*_heading(card), *_progress(card.progress), *lines, *_fields(card)]
    blocks: list[Block] = []
    if body:
        blocks.append(RichTextBlock(elements=[RichTextSectionElement(elements=_without_end(_within(body, BODY)))]))
    if is_pictured:
        blocks += _pictured_lines(card, pictures)
    elif card.job is not None and card.job in pictures:
        blocks.append(ImageBlock(slack_file=SlackFile(id=pictures[card.job].file), alt_text=pictures[card.job].alt))
    if is_small and card.lines:
        blocks.append(ContextBlock(elements=[_plain(spoken(line), SMALL) for line in card.lines[:10]]))
    if link:
        words = f"<{link}|▶ {escaped(texts('slack-in-thread'))}>"
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=words)]))
    rows = button_rows(_buttons(card), card.language)
    return [*blocks, *rows] if card.link is None else [*blocks, _way(card.link), *rows]


def card_notice(card: Card) -> str:
    """The same in one breath, for notifications and for those who hear rather than see."""
    bar = "" if card.progress is None else " · ".join(part for part in (card.progress.label, card.progress.eta) if part)
    head = ": ".join(part for part in (card.author, card.title) if part)
    parts = [head, bar, *(spoken(line) for line in card.lines)]
    return escaped(cut(" — ".join(part for part in parts if part), NOTICE)) or "🎬"


def answer_blocks(answer: Answer, pictures: Pictures = NONE) -> list[Block]:
    """What is said to the one who asked: words, then a card."""
    blocks: list[Block] = []
    if answer.text:
        blocks.append(SectionBlock(text=_plain(spoken(answer.text), NOTICE)))
    return blocks if answer.card is None else [*blocks, *card_blocks(answer.card, pictures=pictures)]


def answer_notice(answer: Answer) -> str:
    words = escaped(cut(spoken(answer.text), NOTICE))
    return words or ("🎬" if answer.card is None else card_notice(answer.card))


def button_rows(buttons: Sequence[Button], language: str) -> list[Block]:
    """What is only to be looked at has no place among Slack's buttons, which can all be pressed."""
    pressable = [button for button in buttons if not button.disabled]
    return [
        ActionsBlock(elements=[button_element(button, language) for button in pressable[start : start + ROW]])
        for start in range(0, len(pressable), ROW)
    ]


def button_element(button: Button, language: str) -> ButtonElement:
    label = f"{button.emoji} {button.label}" if button.emoji else button.label
    return ButtonElement(
        text=PlainTextObject(text=cut(label, LABEL), emoji=True),
        action_id=f"{ACTION}{button.action}",
        style=STYLES[button.style],
        confirm=_confirm(button, language) if button.confirm else None,
    )


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def bar(shown: ProgressBar) -> str:
    full = round(CELLS * min(1.0, max(0.0, shown.fraction)))
    return f"{'█' * full}{'░' * (CELLS - full)}"


def _way(link: Link) -> ActionsBlock:
    """To the clip where Slack does not take it."""
    label = PlainTextObject(text=cut(link.label, LABEL))
    return ActionsBlock(elements=[ButtonElement(text=label, action_id=f"{ACTION}{FOLLOWED}", url=link.url)])


def _buttons(card: Card) -> tuple[Button, ...]:
    """A finished clip can be kept too."""
    if card.job is None or card.media is None or card.media.variant != Variant.VIDEO:
        return card.buttons
    label = texts_for(card.language)("button-favourite")
    *others, last = card.buttons
    return (*others, Button(action=f"{FAVOURITE}{card.job}", label=label, emoji="⭐"), last)


def _heading(card: Card) -> list[Part]:
    if channel := CHANNEL.fullmatch(card.title):
        return [RichTextElementParts.Channel(channel_id=channel[1]), Text(text="\n")]
    author: list[Part] = [Text(text=f"{one_line(card.author)} ", style=Style(bold=True))] if card.author else []
    if not card.title:
        return [*author, Text(text="\n")] if author else []
    style = None if card.author else Style(bold=True)
    return [*author, Text(text=f"{one_line(cut(card.title, TITLE))}\n", style=style)]


def _progress(shown: ProgressBar | None) -> list[Text]:
    if shown is None:
        return []
    words = " · ".join(part for part in (shown.label, shown.eta) if part)
    return [Text(text=bar(shown), style=Style(code=True)), Text(text=f" {words}\n")]


def _lines(lines: Sequence[str]) -> list[Text]:
    return [Text(text=f"{cut(spoken(line), LINE)}\n") for line in lines]


def _pictured_lines(card: Card, pictures: Pictures) -> list[Block]:
    """Each line with the picture of the clip that it names."""
    blocks: list[Block] = []
    for line in card.lines:
        named = next((media.job for media in card.gallery if media.job in line and media.job in pictures), None)
        shown = None if named is None else pictures[named]
        beside = None if shown is None else ImageElement(slack_file=SlackFile(id=shown.file), alt_text=shown.alt)
        blocks.append(SectionBlock(text=_plain(spoken(line), LINE), accessory=beside))
    return blocks


def _fields(card: Card) -> list[Text]:
    parts = []
    is_help = sum(command_spoken(field.name) != field.name for field in card.fields) > 1
    for field in card.fields:
        name = command_spoken(field.name) if is_help else spoken(field.name)
        parts.append(Text(text=f"{one_line(name)} ", style=Style(bold=True)))
        parts.append(Text(text=f"{one_line(cut(spoken(field.value), VALUE))}\n"))
    return parts


def _without_end(parts: list[Part]) -> list[Part]:
    """The last line ends without a break."""
    *rest, last = parts
    return [*rest, Text(text=last.text.rstrip("\n") or " ", style=last.style)] if isinstance(last, Text) else parts


def _within(parts: list[Part], limit: int) -> list[Part]:
    """As many as there is room for, the last one cut."""
    taken: list[Part] = []
    for part in parts:
        if limit <= 1:
            break
        if isinstance(part, Text):
            taken.append(Text(text=cut(part.text, limit), style=part.style))
            limit -= len(part.text)
        else:
            taken.append(part)
    return taken


def _plain(text: str, limit: int) -> PlainTextObject:
    return PlainTextObject(text=cut(text, limit) or " ", emoji=False)


def _confirm(button: Button, language: str) -> ConfirmObject:
    return ConfirmObject(
        title=PlainTextObject(text=cut(button.label, 100)),
        text=PlainTextObject(text=cut(button.confirm, 300)),
        confirm=PlainTextObject(text=cut(button.label, 30)),
        deny=PlainTextObject(text=texts_for(language)("slack-no")),
        style="danger",
    )


def one_line(text: str) -> str:
    return " ".join(text.split())
