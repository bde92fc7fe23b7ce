"""What a face shows: platform-neutral, frozen, in the member's language already.

Every text is plain: a face escapes it for its own markup, and nothing in it pings anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inference.types import Identity, JobId, Requester, Size, Variant


class Tone(StrEnum):
    """How a card should look at a glance."""

    WORKING = "working"
    DONE = "done"
    #: Refused, failed.
    PROBLEM = "problem"
    #: Cancelled, deleted, plain information.
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressBar:
    #: 0 to 1.
    fraction: float
    label: str
    #: Time left in words; empty where nobody knows.
    eta: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A handle: the face opens the bytes with `GenerationService.open_clip(job, requester, variant)`."""

    job: JobId
    variant: Variant
    #: Rises when the same variant has new bytes (previews).
    revision: int = 0
    #: Delivered size, so that a face can keep the room free.
    size: Size
    #: What it shows, for those who cannot see it.
    alt: str
    #: As whom to open it.
    requester: Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    label: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A text box, or one of `choices` where there are any."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    required: bool = False
    max_length: int = 2000
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a button asks before it acts: a modal, or a dialog."""

    title: str
    lead: str = ""
    fields: tuple[FormField, ...]
    submit: str


class ButtonStyle(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Pressing sends `action` (see `bot.actions`) and the form's values to `bot.session.ChatCore.press`."""

    action: str
    label: str
    emoji: str = ""
    style: ButtonStyle = ButtonStyle.PLAIN
    form: Form | None = None
    #: What to ask before acting; empty where nothing needs to be asked.
    confirm: str = ""
    #: Says more than the label, for a tooltip.
    hint: str = ""
    #: Shown, and not to be pressed: the label says which tier can.
    disabled: bool = False
    #: Whose business alone it is; a chat that can do so hides it from others, and the service refuses them.
    only_for: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address to follow in a browser."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    tone: Tone
    #: Whose private clip it is: a chat that can do so shows it to them alone.
    only_for: Identity | None = None
    #: The job that it shows, and whose it is; None for a card about nobody's job.
    job: JobId | None = None
    asked_by: Identity | None = None
    #: Of its words, so that a face can add some of its own.
    language: str = "en"
    #: Whose request it is, as shown in the chat; empty for a card about nobody's job.
    author: str = ""
    #: The prompt or instruction as it was written.
    title: str = ""
    lines: tuple[str, ...] = ()
    progress: ProgressBar | None = None
    media: Media | None = None
    #: Whether media are covered until someone presses them, where a chat can do so.
    spoiler: bool = False
    #: Small pictures beside each other.
    gallery: tuple[Media, ...] = ()
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    #: Where the clip can be watched that the chat does not take.
    link: Link | None = None
