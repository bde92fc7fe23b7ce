"""Refusals of the grammar itself. Like those of `inference.errors`; `bot.render` has their words."""

# named like their siblings in inference.errors

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors import RequestRejected


@dataclass(eq=False, kw_only=True)
class UnknownCommand(RequestRejected):
    code: ClassVar[str] = "unknown_command"
    template: ClassVar[str] = "There is no command /{command}. Nearest: {nearest}."

    command: str
    #: Empty where nothing is near.
    nearest: str


@dataclass(eq=False, kw_only=True)
class UnknownOption(RequestRejected):
    code: ClassVar[str] = "unknown_option"
    template: ClassVar[str] = "There is no option {option}. Nearest: {nearest}. Known: {known}."

    option: str
    nearest: str
    #: Comma-separated.
    known: str


@dataclass(eq=False, kw_only=True)
class OptionRepeated(RequestRejected):
    code: ClassVar[str] = "option_repeated"
    template: ClassVar[str] = "{option} is given twice; once is enough."

    option: str


@dataclass(eq=False, kw_only=True)
class ClipNeeded(RequestRejected):
    """A clip is meant, and nothing says which."""

    code: ClassVar[str] = "clip_needed"
    template: ClassVar[str] = "Say which clip: by its id, or in its thread."


@dataclass(eq=False, kw_only=True)
class ClipNotReady(RequestRejected):
    """The clip that is meant is still on its way, or never came to be."""

    code: ClassVar[str] = "clip_not_ready"
    template: ClassVar[str] = "The clip {id} is {status}."

    id: str
    status: str


@dataclass(eq=False, kw_only=True)
class NothingToCancel(RequestRejected):
    code: ClassVar[str] = "nothing_to_cancel"
    template: ClassVar[str] = "Nothing of yours is queued or running."


@dataclass(eq=False, kw_only=True)
class ButtonUnknown(RequestRejected):
    """A button of another version of the bot, or one that nobody made."""

    code: ClassVar[str] = "button_unknown"
    template: ClassVar[str] = "This button does not work any more."


@dataclass(eq=False, kw_only=True)
class ImageNeeded(RequestRejected):
    code: ClassVar[str] = "image_needed"
    template: ClassVar[str] = "An image is needed to begin with."


@dataclass(eq=False, kw_only=True)
class NoResult(RequestRejected):
    code: ClassVar[str] = "no_result"
    template: ClassVar[str] = "No clip of yours is finished yet."


@dataclass(eq=False, kw_only=True)
class CannotPost(RequestRejected):
    """The bot may not write where the clip would be posted."""

    code: ClassVar[str] = "cannot_post"
    template: ClassVar[str] = "The bot lacks permissions here: {permissions}."

    #: In the member's language, comma-separated.
    permissions: str


@dataclass(eq=False, kw_only=True)
class NothingInAdvance(RequestRejected):
    """The bot is no member of this place: it can answer for some minutes, and post nothing later."""

    code: ClassVar[str] = "nothing_in_advance"
    template: ClassVar[str] = "Nothing can be posted here later, for the bot is no member of this place."


@dataclass(eq=False, kw_only=True)
class NotInvited(RequestRejected):
    """The bot is no member of the channel, so that it could post no clip there."""

    code: ClassVar[str] = "not_invited"
    template: ClassVar[str] = "The bot is not in this channel ({reason})."

    #: The platform's word for it; for logs.
    reason: str


@dataclass(eq=False, kw_only=True)
class FilesUnreadable(RequestRejected):
    """The platform does not hand out a member's file."""

    code: ClassVar[str] = "files_unreadable"
    template: ClassVar[str] = "The file cannot be fetched: {reason}."

    #: For logs.
    reason: str
