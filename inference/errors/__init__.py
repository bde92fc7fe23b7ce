"""The error tree, by who must act.

    ThreadreelError
    ├── RequestRejected        the member: nothing was charged, nothing queued
    │   ├── InvalidValue           a value outside what can be
    │   ├── PromptEmpty / PromptTooLong
    │   ├── UploadInvalid / UploadTooLarge
    │   ├── UnknownPreset / Unsupported / ModelNotHere
    │   ├── LimitExceeded          a tier's limit
    │   │   ├── QuotaExceeded / TooManyJobs / RateExceeded
    │   │   ├── SecondsExceeded / ResolutionExceeded / OperationNotInTier
    │   │   └── UploadBytesExceeded / ReferencesExceeded / TooManySchedules
    │   ├── LatentsGone
    │   ├── NotFound               also for what the requester may not see
    │   ├── NotAllowed
    │   ├── PlaceClosed / MemberBlocked / ServerNotTrusted / AlreadyGivenBack / NothingToUndo
    │   ├── MemberSuspended / MemberBanned
    │   ├── LinkInvalid / LinkExpired
    │   ├── LinkCodeInvalid / TooManyTries / CannotLink / CannotUnlink
    │   └── Unauthorized
    ├── EngineError            the operator
    │   ├── ModelMissing / OutOfMemory / DeviceFault / RenderFailed / AttemptsExhausted / OverLimit
    ├── ServiceUnavailable     the operator: the service or its database cannot be reached
    ├── DeliveryError          the platform
    ├── LeaseLost              nobody: a stale worker's write was refused
    ├── MemberChanged          nobody: the account was read before it changed, and is read again
    ├── TierEnded              nobody: the service looks again
    └── JobCancelled           nobody

Every class has a stable `code`; its dataclass fields are plain values. Only `bot.render` writes words for members;
`str(error)` is for logs, the command line and the API's `message`.
"""

from inference.errors.access import (
    AlreadyGivenBack,
    MemberBanned,
    MemberBlocked,
    MemberSuspended,
    NotAllowed,
    NothingToUndo,
    PlaceClosed,
    ServerNotTrusted,
    Unauthorized,
)
from inference.errors.base import FieldValue, RequestRejected, ThreadreelError
from inference.errors.limits import (
    LimitExceeded,
    OperationNotInTier,
    QuotaExceeded,
    RateExceeded,
    ReferencesExceeded,
    ResolutionExceeded,
    SecondsExceeded,
    TooManyJobs,
    TooManySchedules,
    UploadBytesExceeded,
)
from inference.errors.linking import CannotLink, CannotUnlink, LinkCodeInvalid, TooManyTries
from inference.errors.requests import (
    InvalidValue,
    LatentsGone,
    LinkExpired,
    LinkInvalid,
    ModelNotHere,
    NotFound,
    PromptEmpty,
    PromptTooLong,
    UnknownPreset,
    Unsupported,
    UploadInvalid,
    UploadTooLarge,
)
from inference.errors.running import (
    AttemptsExhausted,
    DeliveryError,
    DeviceFault,
    EngineError,
    JobCancelled,
    LeaseLost,
    MemberChanged,
    ModelMissing,
    OutOfMemory,
    OverLimit,
    RenderFailed,
    ServiceUnavailable,
    TierEnded,
)
from inference.errors.wire import from_code

__all__ = [
    "AlreadyGivenBack",
    "AttemptsExhausted",
    "CannotLink",
    "CannotUnlink",
    "DeliveryError",
    "DeviceFault",
    "EngineError",
    "FieldValue",
    "InvalidValue",
    "JobCancelled",
    "LatentsGone",
    "LeaseLost",
    "LimitExceeded",
    "LinkCodeInvalid",
    "LinkExpired",
    "LinkInvalid",
    "MemberBanned",
    "MemberBlocked",
    "MemberChanged",
    "MemberSuspended",
    "ModelMissing",
    "ModelNotHere",
    "NotAllowed",
    "NotFound",
    "NothingToUndo",
    "OperationNotInTier",
    "OutOfMemory",
    "OverLimit",
    "PlaceClosed",
    "PromptEmpty",
    "PromptTooLong",
    "QuotaExceeded",
    "RateExceeded",
    "ReferencesExceeded",
    "RenderFailed",
    "RequestRejected",
    "ResolutionExceeded",
    "SecondsExceeded",
    "ServerNotTrusted",
    "ServiceUnavailable",
    "ThreadreelError",
    "TierEnded",
    "TooManyJobs",
    "TooManySchedules",
    "TooManyTries",
    "Unauthorized",
    "UnknownPreset",
    "Unsupported",
    "UploadBytesExceeded",
    "UploadInvalid",
    "UploadTooLarge",
    "from_code",
]
