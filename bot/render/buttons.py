"""Buttons under a card. Only operations that exist have one."""

from __future__ import annotations

from bot.actions import Action, Verb
from bot.card import Button, ButtonStyle, Choice, Form, FormField
from bot.commands.values import STRENGTHS
from bot.render.words import short
from bot.texts import Texts
from inference.types import Clip, Identity, JobId

TEXT_FIELD = "text"
STRENGTH_FIELD = "strength"


def clip_buttons(clip: Clip, owner: Identity | None, texts: Texts) -> tuple[Button, ...]:
    """`owner` may delete it; None where the one who looks is another."""
    buttons = (_remix(clip, texts), _again(clip.id, texts), _info(clip.id, texts))
    return buttons if owner is None else (*buttons, delete_button(clip.id, owner, texts))


def cancel_button(job: JobId, owner: Identity, texts: Texts) -> Button:
    return Button(
        action=str(Action(verb=Verb.CANCEL, job=job)), label=texts("button-cancel"), emoji="❌", only_for=owner
    )


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
    words = FormField(name=TEXT_FIELD, label=texts("remix-text"), placeholder=texts("remix-placeholder"), required=True)
    form = Form(
        title=texts("remix-title"),
        lead=texts("remix-lead", prompt=short(clip.recipe.prompt, 200)),
        fields=(words, strengths),
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
