"""Frozen values that cross the doors between faces, service, storage and engines.

Standard library only. `inference.codec` turns every value here into JSON and back.
Lengths are seconds, sizes are pixels, times are aware UTC datetimes.
"""

from inference.types.account import (
    Account,
    AccountChange,
    ChangeSettings,
    GrantTier,
    MemberSettings,
    SetStatus,
    UsageRow,
)
from inference.types.ask import (
    Again,
    AspectRatio,
    Generate,
    MediaRef,
    Operation,
    OperationKind,
    Remix,
    Shape,
    Size,
    Upload,
    kind_of,
)
from inference.types.clip import Clip, ClipLink, ClipPage, ClipQuery, Family, Variant
from inference.types.job import (
    Charge,
    Estimate,
    Job,
    JobEvent,
    JobFailure,
    JobPage,
    JobQuery,
    JobStatus,
    Progress,
    Stage,
)
from inference.types.linking import LinkCode
from inference.types.offer import Offer, PresetOffer
from inference.types.plan import Condition, Piece, Recipe, RenderPlan, SourceRange, Start
from inference.types.policy import (
    BlockMember,
    ChangePolicy,
    GiveTier,
    MemberStanding,
    Policy,
    PolicyWish,
    ResetMonth,
    ServerChange,
    Threads,
)
from inference.types.status import MemberState, MemberStatus
from inference.types.tier import Ceiling, Grant, Tier
from inference.types.who import OPERATORS, Identity, JobId, MemberId, Place, Requester

__all__ = [
    "OPERATORS",
    "Account",
    "AccountChange",
    "Again",
    "AspectRatio",
    "BlockMember",
    "Ceiling",
    "ChangePolicy",
    "ChangeSettings",
    "Charge",
    "Clip",
    "ClipLink",
    "ClipPage",
    "ClipQuery",
    "Condition",
    "Estimate",
    "Family",
    "Generate",
    "GiveTier",
    "Grant",
    "GrantTier",
    "Identity",
    "Job",
    "JobEvent",
    "JobFailure",
    "JobId",
    "JobPage",
    "JobQuery",
    "JobStatus",
    "LinkCode",
    "MediaRef",
    "MemberId",
    "MemberSettings",
    "MemberStanding",
    "MemberState",
    "MemberStatus",
    "Offer",
    "Operation",
    "OperationKind",
    "Piece",
    "Place",
    "Policy",
    "PolicyWish",
    "PresetOffer",
    "Progress",
    "Recipe",
    "Remix",
    "RenderPlan",
    "Requester",
    "ResetMonth",
    "ServerChange",
    "SetStatus",
    "Shape",
    "Size",
    "SourceRange",
    "Stage",
    "Start",
    "Threads",
    "Tier",
    "Upload",
    "UsageRow",
    "Variant",
    "kind_of",
]
