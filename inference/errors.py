"""The error tree, by who must act.

    ThreadreelError
    ├── RequestRejected        the member: nothing was charged, nothing queued
    │   ├── InvalidValue           a value outside what can be
    │   ├── PromptEmpty / PromptTooLong
    │   ├── UploadInvalid / UploadTooLarge
    │   ├── UnknownPreset / Unsupported / ModelNotHere
    │   ├── LimitExceeded          a tier's limit
    │   │   ├── QuotaExceeded / TooManyJobs
    │   │   └── SecondsExceeded / ResolutionExceeded / OperationNotInTier
    │   ├── NotFound               also for what the requester may not see
    │   ├── NotAllowed
    │   ├── PlaceClosed / MemberBlocked / ServerNotTrusted
    │   ├── LinkInvalid / LinkExpired
    │   └── Unauthorized
    ├── EngineError            the operator
    │   ├── ModelMissing / OutOfMemory / DeviceFault / RenderFailed / AttemptsExhausted
    ├── ServiceUnavailable     the operator: the service or its database cannot be reached
    ├── DeliveryError          the platform
    ├── LeaseLost              nobody: a stale worker's write was refused
    └── JobCancelled           nobody

Every class has a stable `code`; its dataclass fields are plain values. Only `bot.render` writes words for members;
`str(error)` is for logs, the command line and the API's `message`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

FieldValue = str | int | float


@dataclass(eq=False)
class ThreadreelError(Exception):
    """Something went wrong in threadreel."""

    code: ClassVar[str] = "error"
    template: ClassVar[str] = "Something went wrong."

    def __str__(self) -> str:
        return self.template.format(**self.values())

    def values(self) -> dict[str, FieldValue]:
        """The error's fields, JSON-able."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


# --- The member ----------------------------------------------------------------------------------


@dataclass(eq=False, kw_only=True)
class RequestRejected(ThreadreelError):
    """The request was refused at admission: it cost nothing and queued nothing."""

    code: ClassVar[str] = "rejected"
    template: ClassVar[str] = "The request was refused."


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
class LimitExceeded(RequestRejected):
    """A tier's limit; `lifted_by` is the least tier that allows it, or empty where none does."""

    code: ClassVar[str] = "limit_exceeded"
    template: ClassVar[str] = "The tier {tier} does not allow this."

    tier: str
    lifted_by: str = ""

    def __str__(self) -> str:
        lift = f" The tier {self.lifted_by} allows it." if self.lifted_by else ""
        return self.template.format(**self.values()) + lift


@dataclass(eq=False, kw_only=True)
class QuotaExceeded(LimitExceeded):
    code: ClassVar[str] = "quota_exceeded"
    template: ClassVar[str] = (
        "The tier {tier} has {limit} clips a month; {used} are used and this one costs {asked}."
        " It resets at {resets_at}."
    )

    limit: int
    used: int
    asked: int
    #: ISO 8601, UTC.
    resets_at: str


@dataclass(eq=False, kw_only=True)
class TooManyJobs(LimitExceeded):
    code: ClassVar[str] = "too_many_jobs"
    template: ClassVar[str] = "The tier {tier} has {limit} jobs at once; {running} are queued or running."

    limit: int
    running: int


@dataclass(eq=False, kw_only=True)
class SecondsExceeded(LimitExceeded):
    code: ClassVar[str] = "seconds_exceeded"
    template: ClassVar[str] = "The tier {tier} makes clips of at most {limit:g} s; {asked:g} s were asked for."

    limit: float
    asked: float


@dataclass(eq=False, kw_only=True)
class ResolutionExceeded(LimitExceeded):
    code: ClassVar[str] = "resolution_exceeded"
    template: ClassVar[str] = "The tier {tier} makes clips of at most {limit}p; {asked}p was asked for."

    limit: int
    asked: int


@dataclass(eq=False, kw_only=True)
class OperationNotInTier(LimitExceeded):
    code: ClassVar[str] = "operation_not_in_tier"
    template: ClassVar[str] = "The tier {tier} does not include {operation}."

    operation: str


@dataclass(eq=False, kw_only=True)
class NotFound(RequestRejected):
    """Said alike of what is not there and of what the requester may not see."""

    code: ClassVar[str] = "not_found"
    template: ClassVar[str] = "There is no {what} {id!r}."

    #: `clip`, `job`, `rendition` or `member`.
    what: str
    id: str


@dataclass(eq=False, kw_only=True)
class NotAllowed(RequestRejected):
    code: ClassVar[str] = "not_allowed"
    template: ClassVar[str] = "Only {who} may {action} this."

    action: str
    #: `its owner` or `an operator`.
    who: str = "its owner"


@dataclass(eq=False, kw_only=True)
class Unauthorized(RequestRejected):
    code: ClassVar[str] = "unauthorized"
    template: ClassVar[str] = "The API key is missing or wrong."


@dataclass(eq=False, kw_only=True)
class PlaceClosed(RequestRejected):
    """The server's managers want no clips asked for in this channel."""

    code: ClassVar[str] = "place_closed"
    template: ClassVar[str] = "Clips cannot be asked for here: the server's managers closed this place."


@dataclass(eq=False, kw_only=True)
class MemberBlocked(RequestRejected):
    """The server's managers want no clips of this member there."""

    code: ClassVar[str] = "member_blocked"
    template: ClassVar[str] = "The server's managers have blocked you from asking for clips here."


@dataclass(eq=False, kw_only=True)
class ServerNotTrusted(RequestRejected):
    """Tiers cost the operator: managers give them only where the operator says so."""

    code: ClassVar[str] = "server_not_trusted"
    template: ClassVar[str] = (
        "The operator has not let the managers of this server change tiers: setting tier_managers, {server}."
    )

    #: `PLATFORM:WORKSPACE`, as the setting names it.
    server: str


@dataclass(eq=False, kw_only=True)
class LinkInvalid(RequestRejected):
    """Of a link that opens a clip: nobody here signed it, or it was changed since."""

    code: ClassVar[str] = "link_invalid"
    template: ClassVar[str] = "This link is not one of ours, or it is incomplete. Ask for the clip again in the chat."


@dataclass(eq=False, kw_only=True)
class LinkExpired(RequestRejected):
    code: ClassVar[str] = "link_expired"
    template: ClassVar[str] = "This link has expired. Ask for the clip again in the chat, with /result or /show."


# --- The operator ----------------------------------------------------------------------------------


@dataclass(eq=False, kw_only=True)
class EngineError(ThreadreelError):
    """The engine could not render; the operator can mend it."""

    code: ClassVar[str] = "engine_error"
    template: ClassVar[str] = "The engine failed: {detail}"

    #: For logs; never shown to members.
    detail: str = ""
    #: Whether another attempt, perhaps on another worker, can help.
    retryable: ClassVar[bool] = False
    #: Whether the worker's process can no longer be trusted with the device.
    fatal: ClassVar[bool] = False


@dataclass(eq=False, kw_only=True)
class ModelMissing(EngineError):
    code: ClassVar[str] = "model_missing"
    template: ClassVar[str] = "The model cannot be loaded: {detail}"


@dataclass(eq=False, kw_only=True)
class OutOfMemory(EngineError):
    code: ClassVar[str] = "out_of_memory"
    template: ClassVar[str] = "The device has too little memory: {detail}"


@dataclass(eq=False, kw_only=True)
class DeviceFault(EngineError):
    code: ClassVar[str] = "device_fault"
    template: ClassVar[str] = "The device failed: {detail}"
    retryable: ClassVar[bool] = True
    fatal: ClassVar[bool] = True


@dataclass(eq=False, kw_only=True)
class RenderFailed(EngineError):
    code: ClassVar[str] = "render_failed"
    template: ClassVar[str] = "The clip could not be rendered: {detail}"


@dataclass(eq=False, kw_only=True)
class AttemptsExhausted(EngineError):
    code: ClassVar[str] = "attempts_exhausted"
    template: ClassVar[str] = "The worker died {attempts} times on this job."

    attempts: int


@dataclass(eq=False, kw_only=True)
class ServiceUnavailable(ThreadreelError):
    code: ClassVar[str] = "service_unavailable"
    template: ClassVar[str] = "The service cannot be reached: {detail}"

    detail: str = ""


# --- The platform, and nobody ----------------------------------------------------------------------


@dataclass(eq=False, kw_only=True)
class DeliveryError(ThreadreelError):
    """The platform would not take a post."""

    code: ClassVar[str] = "delivery_error"
    template: ClassVar[str] = "The platform refused the post: {detail}"

    detail: str = ""
    #: Whether the same post can work later.
    retryable: bool = False


@dataclass(eq=False, kw_only=True)
class LeaseLost(ThreadreelError):
    """The job was given to another worker (its fence has risen) or has ended; drop it."""

    code: ClassVar[str] = "lease_lost"
    template: ClassVar[str] = "The lease on job {job} is lost."

    job: str


@dataclass(eq=False, kw_only=True)
class JobCancelled(ThreadreelError):
    """The job was cancelled; raised through the engine by `on_step`."""

    code: ClassVar[str] = "cancelled"
    template: ClassVar[str] = "The job was cancelled."


# --- Across a process ------------------------------------------------------------------------------


def _all_classes(root: type[ThreadreelError]) -> list[type[ThreadreelError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _all_classes(child))]


def from_code(code: str, values: dict[str, FieldValue]) -> ThreadreelError:
    """The error that `code` and `values()` describe; `ThreadreelError` where this version knows no such code."""
    by_code = {cls.code: cls for cls in _all_classes(ThreadreelError)}
    cls = by_code.get(code, ThreadreelError)
    known = {f.name for f in fields(cls)}
    try:
        return cls(**{name: value for name, value in values.items() if name in known})
    except TypeError:
        return ThreadreelError()
