"""The doors: what each part asks of the others. Standard library and `inference.types` only.

GenerationService, ClipLinks, HouseRules, Library, Catalogue, Linking, Privacy, Operations, Schedules, Notices
                              faces -> service       (implemented by `inference.service` and `inference.client`)
JobBook, JobQueue             service, worker -> rows (implemented by `storage.jobs`)
ClipShelf, AccountBook, ServerBook, LinkBook, PrivacyBook, OperationsBook
                              service -> rows         (implemented by `storage.clips`, `.accounts`, `.servers`,
                                                       `.linking`, `.privacy`, `.operations`)
RetentionBook, ScheduleBook, DueBook
                              service -> rows         (implemented by `storage.retention`, `.schedules`)
Bell                          rows -> service, worker (implemented by `storage.bell`)
BlobStore                     service, worker -> bytes (implemented by `storage.blobs`)

The door between worker and model, `VideoEngine`, stands in `inference.engines.port`.
"""

from inference.protocols.bell import Bell, Silence
from inference.protocols.doors import (
    AskingDoors,
    Catalogue,
    ClipLinks,
    Doors,
    GenerationService,
    GoverningDoors,
    HouseRules,
    Library,
    PostingDoors,
    SharedClips,
)
from inference.protocols.linking import LinkBook, Linking
from inference.protocols.opened import OpenedClip
from inference.protocols.operations import Figures, Operations, OperationsBook
from inference.protocols.privacy import MemberFile, MemberRecord, Privacy, PrivacyBook
from inference.protocols.queue import (
    ALL_SHAPES,
    AdmissionLimits,
    Cancelled,
    Candidate,
    Chooser,
    Claim,
    Failed,
    GivenBack,
    JobBook,
    JobDraft,
    JobQueue,
    Outcome,
    QueueWatch,
    ScheduledRun,
    Succeeded,
)
from inference.protocols.retention import RetentionBook
from inference.protocols.schedules import (
    Due,
    DueBook,
    NoticeDraft,
    Notices,
    Ran,
    ScheduleBook,
    ScheduleDraft,
    Schedules,
)
from inference.protocols.shelves import (
    AccountBook,
    BlobStore,
    ClipShelf,
    Gift,
    Member,
    MonthUse,
    ServerBook,
    ServerRules,
)

__all__ = [
    "ALL_SHAPES",
    "AccountBook",
    "AdmissionLimits",
    "AskingDoors",
    "Bell",
    "BlobStore",
    "Cancelled",
    "Candidate",
    "Catalogue",
    "Chooser",
    "Claim",
    "ClipLinks",
    "ClipShelf",
    "Doors",
    "Due",
    "DueBook",
    "Failed",
    "Figures",
    "GenerationService",
    "Gift",
    "GivenBack",
    "GoverningDoors",
    "HouseRules",
    "JobBook",
    "JobDraft",
    "JobQueue",
    "Library",
    "LinkBook",
    "Linking",
    "Member",
    "MemberFile",
    "MemberRecord",
    "MonthUse",
    "NoticeDraft",
    "Notices",
    "OpenedClip",
    "Operations",
    "OperationsBook",
    "Outcome",
    "PostingDoors",
    "Privacy",
    "PrivacyBook",
    "QueueWatch",
    "Ran",
    "RetentionBook",
    "ScheduleBook",
    "ScheduleDraft",
    "ScheduledRun",
    "Schedules",
    "ServerBook",
    "ServerRules",
    "SharedClips",
    "Silence",
    "Succeeded",
]
