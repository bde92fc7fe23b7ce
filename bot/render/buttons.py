"""Buttons under a card. Only operations that exist have one."""

from __future__ import annotations

from dataclasses import replace

from bot.actions import Action, Verb
from bot.card import Button, ButtonStyle, Card, Choice, Form, FormField
from bot.commands.values import STRENGTHS
from bot.render.words import short
from bot.texts import Texts
from inference.types import Clip, Identity, JobId, Offer, OperationKind

TEXT_FIELD = "text"
PROMPT_FIELD = "prompt"
STRENGTH_FIELD = "strength"
OPERATIONS = {Verb.REMIX: OperationKind.REMIX, Verb.AGAIN: OperationKind.AGAIN}
"""What a tier must include for the button to work."""


def clip_buttons(clip: Clip, owner: Identity | None, texts: Texts) -> tuple[Button, ...]:
    """`owner` may delete it; None where the one who looks is another."""
    buttons = (_remix(clip, texts), _again(clip.id, texts), _info(clip.id, texts))
    return buttons if owner is None else (*buttons, delete_button(clip.id, owner, texts))


def unlocked(card: Card, tier: str, offer: Offer) -> Card:
    """For a card that one member alone sees: what their tier may not do is greyed out, naming the tier that may."""
    return replace(card, buttons=tuple(_unlocked(button, tier, offer) for button in card.buttons))


def _unlocked(button: Button, tier: str, offer: Offer) -> Button:
    operation = OPERATIONS.get(Action.read(button.action).verb)
    lifting = "" if operation is None else offer.lifting(tier, operation)
    return replace(button, label=f"{button.label} · {lifting}", disabled=True) if lifting else button


def cancel_button(job: JobId, owner: Identity, texts: Texts) -> Button:
    return Button(
        action=str(Action(verb=Verb.CANCEL, job=job)), label=texts("button-cancel"), emoji="❌", only_for=owner
    )


def branch_button(clip: Clip, number: int, texts: Texts) -> Button:
    """A remix of this clip of a family."""
    text = short(clip.text or clip.recipe.prompt, 30)
    return replace(_remix(clip, texts), label=texts("button-branch", number=number, text=text))


def _remix(clip: Clip, texts: Texts) -> Button:
    strengths = FormField(
        name=STRENGTH_FIELD,
        label=texts("remix-strength"),
        value=f"{STRENGTHS['mild']:g}",
        choices=tuple(
            Choice(value=f"{sigma:g}", label=texts(f"strength-{name}"), description=texts(f"strength-{name}-about"))
            for name, sigma in STRENGTHS.items()
        ),
    )
    words = FormField(name=TEXT_FIELD, label=texts("remix-text"), placeholder=texts("remix-placeholder"))
    prompt = FormField(name=PROMPT_FIELD, label=texts("remix-prompt"), value=clip.recipe.prompt)
    form = Form(
        title=texts("remix-title"),
        fields=(words, prompt, strengths),
        submit=texts("remix-submit"),
    )
    return Button(
        action=str(Action(verb=Verb.REMIX, job=clip.id)),
        label=texts("button-remix"),
        emoji="🔀",
        style=ButtonStyle.PRIMARY,
        form=form,
    )


def _again(clip: JobId, texts: Texts) -> Button:
    return Button(
        action=str(Action(verb=Verb.AGAIN, job=clip)),
        label=texts("button-again"),
        emoji="🎲",
        hint=texts("button-again-hint"),
    )


def _info(clip: JobId, texts: Texts) -> Button:
    return Button(
        action=str(Action(verb=Verb.INFO, job=clip)),
        label=texts("button-info"),
        emoji="📋",
        hint=texts("button-info-hint"),
    )


def delete_button(job: JobId, owner: Identity, texts: Texts) -> Button:
    return Button(
        action=str(Action(verb=Verb.DELETE, job=job)),
        label=texts("button-delete"),
        emoji="🗑",
        style=ButtonStyle.DANGER,
        confirm=texts("confirm-delete"),
        only_for=owner,
    )
