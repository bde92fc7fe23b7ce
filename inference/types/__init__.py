"""Frozen values that cross the doors between faces, service, storage and engines.

Standard library only. `inference.codec` turns every value here into JSON and back.
Lengths are seconds, sizes are pixels, times are aware UTC datetimes.
"""

from inference.types.account import Account, AccountChange, ChangeSettings, GrantTier, MemberSettings, Tier, UsageRow
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
from inference.types.offer import Offer, PresetOffer
from inference.types.plan import Condition, Piece, Recipe, RenderPlan, SourceRange, Start
from inference.types.who import OPERATORS, Identity, JobId, MemberId, Place, Requester

__all__ = [
    "OPERATORS",
    "Account",
    "AccountChange",
    "Again",
    "AspectRatio",
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
    "GrantTier",
    "Identity",
    "Job",
    "JobEvent",
    "JobFailure",
    "JobId",
    "JobPage",
    "JobQuery",
    "JobStatus",
    "MediaRef",
    "MemberId",
    "MemberSettings",
    "Offer",
    "Operation",
    "OperationKind",
    "Piece",
    "Place",
    "PresetOffer",
    "Progress",
    "Recipe",
    "Remix",
    "RenderPlan",
    "Requester",
    "Shape",
    "Size",
    "SourceRange",
    "Stage",
    "Start",
    "Tier",
    "Upload",
    "UsageRow",
    "Variant",
    "kind_of",
]
