"""The home tab: my month, my jobs, my clips, my choices; and what managers decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.card import Card, ProgressBar
from bot.ceilings import shown
from bot.commands.table import BY_NAME
from bot.render.buttons import cancel_button
from bot.render.lists import account_card, own_choices
from bot.render.words import short, stage, title
from bot.slack_app.blocks import ACTION, bar, button_element, card_blocks, cut
from bot.slack_app.places import user_of
from bot.slack_app.words import escaped
from bot.texts import Texts
from inference.types import Account, Clip, Decisions, Job, JobId, JobStatus, MemberSettings

JOBS, CLIPS = 10, 10
"""What the tab has room for."""
SECTION = 3000
"""Characters that Slack takes in one block; signs that must be escaped count up to five."""
SETTING, HOUSE = "set:", "house:"
"""Begin the actions of the tab: one of the member's own choices; a form of the managers'."""
FORMS = ("server", "channel", "limits", "member", "group", "refund", "usage", "audit")
SETTINGS = BY_NAME["settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    account: Account
    clips: Sequence[Clip]
    #: Where the clips stand, for those that stand somewhere.
    links: Mapping[JobId, str]
    #: For those whom the service lets manage the workspace; None for all others.
    decisions: Decisions | None


def home_view(home: Home, texts: Texts) -> View:
    blocks = [*_month(home.account, texts), *_jobs(home.account.running, texts), *_clips(home, texts)]
    blocks += _settings(home.account.settings, texts)
    if home.decisions is not None:
        blocks += _house(home.decisions, texts)
    return View(type="home", callback_id=f"{ACTION}home", blocks=blocks)


def _month(account: Account, texts: Texts) -> list[Block]:
    fraction = account.used / account.limit if account.limit else 1.0
    shown = bar(ProgressBar(fraction=fraction, label=""))
    card: Card = account_card(account, texts)
    rows = [
        row
        for row in card.fields
        if row.name in {texts("settings-tier"), texts("settings-used"), texts("settings-limits")}
    ]
    return [
        HeaderBlock(text=_plain(texts("account-title"), 150)),
        SectionBlock(text=MarkdownTextObject(text=f"`{shown}` {account.used} / {account.limit}")),
        *card_blocks(Card(tone=card.tone, language=texts.language, fields=tuple(rows))),
        DividerBlock(),
    ]


def _jobs(jobs: Sequence[Job], texts: Texts) -> list[Block]:
    heading: list[Block] = [HeaderBlock(text=_plain(texts("queue-title"), 150))]
    if not jobs:
        return [*heading, _note(texts("queue-empty")), DividerBlock()]
    rows: list[Block] = [
        SectionBlock(
            text=_plain(f"{short(title(job))} · {_status(job, texts)}", 500),
            accessory=button_element(cancel_button(job.id, job.requester.identity, texts), texts.language),
        )
        for job in jobs[:JOBS]
    ]
    return [*heading, *rows, DividerBlock()]


def _status(job: Job, texts: Texts) -> str:
    if job.status != JobStatus.RUNNING:
        return texts(f"status-{job.status}")
    percent = round(100 * (job.progress.fraction if job.progress else 0))
    return texts("queue-running", stage=stage(job, texts), percent=percent)


def _clips(home: Home, texts: Texts) -> list[Block]:
    heading: list[Block] = [HeaderBlock(text=_plain(texts("history-title"), 150))]
    if not home.clips:
        return [*heading, _note(texts("history-empty")), DividerBlock()]
    lines = [_clip(clip, home.links.get(clip.id, "")) for clip in home.clips[:CLIPS]]
    while sum(len(line) + 1 for line in lines) > SECTION:
        lines.pop()
    return [*heading, SectionBlock(text=MarkdownTextObject(text="\n".join(lines))), DividerBlock()]


def _clip(clip: Clip, link: str) -> str:
    words = escaped(short(clip.text or clip.recipe.prompt).replace("|", " "))
    return f"• <{link}|{words}> `{clip.id}`" if link else f"• {words} `{clip.id}`"


def _settings(own: MemberSettings, texts: Texts) -> list[Block]:
    now = {
        "seconds": None if own.seconds is None else f"{own.seconds:g}",
        "size": None if own.resolution is None else f"{own.resolution}p",
        "aspect_ratio": own.aspect_ratio,
        "language": own.locale,
        "timezone": own.timezone,
    }
    names = dict(zip(now, (key for key, _ in own_choices(own, "", texts)), strict=False))
    return [
        HeaderBlock(text=_plain(texts("settings-title"), 150)),
        *(
            SectionBlock(text=_plain(texts(names[option.name]), 100), accessory=_choice(option.name, now, texts))
            for option in SETTINGS.options
            if option.name in now and option.choices
        ),
    ]


def _choice(name: str, now: Mapping[str, str | None], texts: Texts) -> StaticSelectElement:
    option = SETTINGS.option(name)
    assert option is not None
    chosen = now[name]
    values = [*option.choices, *([chosen] if chosen and chosen not in option.choices else []), "default"]
    options = [Option(value=value, text=_plain(_label(name, value, texts), 75)) for value in values]
    initial = next(one for one in options if one.value == (chosen or "default"))
    return StaticSelectElement(action_id=f"{ACTION}{SETTING}{name}", options=options, initial_option=initial)


def _label(name: str, value: str, texts: Texts) -> str:
    if value == "default":
        return texts("choice-default")
    if name == "language":
        return texts(f"language-{value}")
    return texts("duration-seconds", seconds=value) if name == "seconds" else value


def _house(decisions: Decisions, texts: Texts) -> list[Block]:
    """What holds, and the forms that change it."""
    buttons = [
        ButtonElement(text=_plain(texts(f"house-{form}"), 75), action_id=f"{ACTION}{HOUSE}{form}") for form in FORMS
    ]
    lines = list(_decided(decisions, texts))
    while sum(len(line) + 1 for line in lines) > SECTION:
        lines.pop()
    held = SectionBlock(text=MarkdownTextObject(text="\n".join(lines))) if lines else _note(texts("house-nothing"))
    heading = HeaderBlock(text=_plain(texts("house-title"), 150))
    return [DividerBlock(), heading, held, ActionsBlock(elements=buttons)]


def _decided(decisions: Decisions, texts: Texts) -> Iterator[str]:
    """Slack itself shows the names of people, groups and channels. Nobody is pinged in a tab."""
    uses = {True: texts("choice-yes"), False: texts("choice-no")}
    if decisions.wish.usable is not None:
        yield f"• {texts('option-use')}: {uses[decisions.wish.usable]}"
    for key, value in own_choices(decisions.wish.defaults, "", texts):
        if value:
            yield f"• {texts(key)}: {escaped(value)}"
    if lower := shown(decisions.wish.ceiling, texts):
        yield f"• {texts('policy-limits')}: {lower}"
    for channel, wish in decisions.channels.items():
        if lower := shown(wish.ceiling, texts):
            yield f"• <#{escaped(channel)}>: {texts('policy-limits')}: {lower}"
        if wish.usable is not None:
            yield f"• <#{escaped(channel)}>: {texts('option-use')}: {uses[wish.usable]}"
    for gift in decisions.tiers:
        id_ = escaped(gift.subject.rpartition(":")[2])
        whom = f"<!subteam^{id_}>" if gift.to == "role" else f"<@{id_}>"
        yield f"• {whom}: {texts('settings-tier')}: {escaped(gift.tier or '')}"
    for member in decisions.blocked:
        yield f"• <@{escaped(user_of(member))}>: {texts('standing-blocked')}"


def _note(text: str) -> ContextBlock:
    return ContextBlock(elements=[_plain(text, 500)])


def _plain(text: str, limit: int) -> PlainTextObject:
    return PlainTextObject(text=cut(text, limit), emoji=False)
