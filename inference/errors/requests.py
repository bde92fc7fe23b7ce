"""Of what was asked: the member can put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors.base import RequestRejected


@dataclass(eq=False, kw_only=True)
class InvalidValue(RequestRejected):
    code: ClassVar[str] = "invalid_value"
    template: ClassVar[str] = "{name} cannot be {value!r}: {allowed}."

    name: str
    value: str
    #: What would be accepted, e.g. "1 to 5 seconds".
    allowed: str


@dataclass(eq=False, kw_only=True)
class PromptEmpty(RequestRejected):
    code: ClassVar[str] = "prompt_empty"
    template: ClassVar[str] = "The prompt is empty. Say what the clip should show."


@dataclass(eq=False, kw_only=True)
class PromptTooLong(RequestRejected):
    code: ClassVar[str] = "prompt_too_long"
    template: ClassVar[str] = "The prompt has {length} characters; at most {limit} are possible."

    length: int
    limit: int


@dataclass(eq=False, kw_only=True)
class UploadInvalid(RequestRejected):
    code: ClassVar[str] = "upload_invalid"
    template: ClassVar[str] = "The upload cannot be used ({reason}). Send a {accepted} image."

    #: One of: not_an_image, damaged, too_many_pixels, too_slow.
    reason: str
    accepted: str = "PNG, JPEG or WebP"


@dataclass(eq=False, kw_only=True)
class UploadTooLarge(RequestRejected):
    code: ClassVar[str] = "upload_too_large"
    template: ClassVar[str] = "The upload has {size} {unit}; at most {limit} are possible."

    size: int
    limit: int
    #: `bytes` or `pixels`.
    unit: str = "bytes"


@dataclass(eq=False, kw_only=True)
class UnknownPreset(RequestRejected):
    code: ClassVar[str] = "unknown_preset"
    template: ClassVar[str] = "There is no preset {preset!r}. Known: {known}."

    preset: str
    #: Comma-separated.
    known: str


@dataclass(eq=False, kw_only=True)
class Unsupported(RequestRejected):
    code: ClassVar[str] = "unsupported"
    template: ClassVar[str] = "The preset {preset} cannot do {capability}. Presets that can: {presets}."

    preset: str
    capability: str
    #: Comma-separated; `none` where no preset can.
    presets: str


@dataclass(eq=False, kw_only=True)
class ModelNotHere(RequestRejected):
    code: ClassVar[str] = "model_not_here"
    template: ClassVar[str] = "The weights of the preset {preset} are not on this machine. Whoever runs it: {mend}"

    preset: str
    #: The command that brings the weights, or says what is missing.
    mend: str


@dataclass(eq=False, kw_only=True)
class NotFound(RequestRejected):
    """Said alike of what is not there and of what the requester may not see."""

    code: ClassVar[str] = "not_found"
    template: ClassVar[str] = "There is no {what} {id!r}."

    #: `clip`, `job`, `rendition` or `member`.
    what: str
    id: str


@dataclass(eq=False, kw_only=True)
class LatentsGone(RequestRejected):
    """What a remix begins from was kept no longer."""

    code: ClassVar[str] = "latents_gone"
    template: ClassVar[str] = "What a remix of {clip} would begin from is no longer kept; its prompt still is."

    clip: str


@dataclass(eq=False, kw_only=True)
class LinkInvalid(RequestRejected):
    """Of a link that opens a clip: nobody here signed it, or it was changed since."""

    code: ClassVar[str] = "link_invalid"
    template: ClassVar[str] = "This link is not one of ours, or it is incomplete. Ask for the clip again in the chat."


@dataclass(eq=False, kw_only=True)
class LinkExpired(RequestRejected):
    code: ClassVar[str] = "link_expired"
    template: ClassVar[str] = "This link has expired. Ask for the clip again in the chat, with /result or /show."
