"""Of what runs: for the operator, for the platform, or for nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inference.errors.base import ThreadreelError


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
class OverLimit(EngineError):
    """What came out breaks the terms of the tier that the job was charged by: nobody gets it, and it is refunded."""

    code: ClassVar[str] = "over_limit"
    template: ClassVar[str] = "The clip came out with another {what} than its member's tier allows."

    #: `length`, `resolution` or `watermark`.
    what: str


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
class MemberChanged(ThreadreelError):
    """What was read of a member no longer holds: joined with another, deleted, suspended. Whoever read looks again."""

    code: ClassVar[str] = "member_changed"
    template: ClassVar[str] = "The account changed meanwhile. Ask once more."


@dataclass(eq=False, kw_only=True)
class TierEnded(ThreadreelError):
    """A tier that was granted for a time ended while a request was being checked; the service looks again."""

    code: ClassVar[str] = "tier_ended"
    template: ClassVar[str] = "The tier {tier} has just ended."

    tier: str


@dataclass(eq=False, kw_only=True)
class JobCancelled(ThreadreelError):
    """The job was cancelled; raised through the engine by `on_step`."""

    code: ClassVar[str] = "cancelled"
    template: ClassVar[str] = "The job was cancelled."
