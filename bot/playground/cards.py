"""A Card as the page draws it. Words are the bot's already; media become addresses of this server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from bot.card import Button, Card, Form, FormField, Media
from bot.playground.people import MEMBERS, DemoMember, member_of
from inference.types import Identity, JobId, Variant

_KINDS = {
    Variant.VIDEO: "video",
    Variant.PREVIEW: "preview",
    Variant.THUMBNAIL: "poster",
    Variant.SPRITESHEET: "sprites",
    Variant.UPLOAD: "upload",
}


def card_to_page(card: Card, media: Media | None = None) -> dict[str, Any]:
    """JSON for the page; `media` shows in the card's own media's place."""
    shown = media or card.media
    return {
        "tone": card.tone.value,
        "author": card.author,
        "title": card.title,
        "lines": [*card.lines, *([f"{card.link.label}: {card.link.url}"] if card.link else [])],
        "progress": _progress(card),
        "aspect": None if shown is None else [shown.size.width, shown.size.height],
        "media": None if shown is None else _media(shown),
        "fields": [[field.name, field.value] for field in card.fields],
        "buttons": [_button(button) for button in card.buttons],
    }


def _progress(card: Card) -> dict[str, Any] | None:
    bar = card.progress
    return None if bar is None else {"fraction": bar.fraction, "label": bar.label, "eta": bar.eta}


def _media(media: Media) -> dict[str, Any]:
    kind = _KINDS[media.variant]
    shown = {"kind": kind, "url": _address(media, kind), "alt": media.alt}
    return shown | {"poster": _address(media, "poster")} if kind == "video" else shown


def _address(media: Media, kind: str) -> str:
    viewer = member_of(media.requester.identity) or next(iter(MEMBERS.values()))
    return address(media.job, kind, viewer, revision=media.revision)


def address(job: JobId, kind: str, viewer: DemoMember, *, revision: int = 0) -> str:
    """Where this server serves a rendition to `viewer`."""
    query = {"as": viewer.key} | ({"n": str(revision)} if revision else {})
    return f"/media/{quote(job, safe='')}/{kind}?{urlencode(query)}"


def _button(button: Button) -> dict[str, Any]:
    return {
        "id": button.action,
        "label": button.label,
        "emoji": button.emoji,
        "style": button.style.value,
        "hint": button.hint,
        "confirm": button.confirm,
        "disabled": button.disabled,
        "only_for": "" if button.only_for is None else _key(button.only_for),
        "form": None if button.form is None else _form(button.form),
    }


def _key(identity: Identity) -> str:
    """As the page knows the member; someone of another platform is nobody on it."""
    member = member_of(identity)
    return identity if member is None else member.key


def _form(form: Form) -> dict[str, Any]:
    return {
        "title": form.title,
        "lead": form.lead,
        "submit": form.submit,
        "fields": [_field(field) for field in form.fields],
    }


def _field(field: FormField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "value": field.value,
        "placeholder": field.placeholder,
        "required": field.required,
        "max_length": field.max_length,
        "choices": [{"value": c.value, "label": c.label, "description": c.description} for c in field.choices],
    }
