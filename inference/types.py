"""Frozen values that cross the doors between faces, service, storage and engines.

Standard library only. `inference.codec` turns every value here into JSON and back.
Lengths are seconds, sizes are pixels, times are aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

JobId = NewType("JobId", str)
"""Names a job and the clip that it makes: a clip bears the id of its job."""

MemberId = NewType("MemberId", str)
"""A person with an account here."""

Identity = NewType("Identity", str)
"""That person on one platform: `discord:USER`, `slack:TEAM:USER`, `playground:NAME`, `api:NAME`, `cli:local`."""

OPERATORS = frozenset({Identity("api:operator"), Identity("cli:local")})
"""Identities that administer this deployment and act with the highest tier."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Size:
    """Pixels. Always named, never a bare pair, so that width and height cannot be swapped."""

    width: int
    height: int

    @property
    def short_side(self) -> int:
        """What "480p" speaks of."""
        return min(self.width, self.height)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class AspectRatio(StrEnum):
    """The shapes that a member can ask for."""

    LANDSCAPE = "16:9"
    PORTRAIT = "9:16"
    SQUARE = "1:1"


# --- Who asks -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on a platform something was asked."""

    platform: str
    #: Discord server or Slack workspace; empty in a direct message.
    workspace: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks, as the face knows them. The service maps it to a member and a tier."""

    identity: Identity
    display_name: str = ""
    place: Place
    #: Ids of Discord roles or Slack user groups, as `PLATFORM:ID`.
    roles: tuple[str, ...] = ()
    #: Ids of bought things (Discord SKUs), as `PLATFORM:ID`.
    entitlements: tuple[str, ...] = ()
    #: BCP 47; the faces speak `en` and `ja`.
    locale: str = "en"

    @property
    def is_operator(self) -> bool:
        return self.identity in OPERATORS


# --- What is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Bytes from a stranger, not yet trusted. Stored as a blob, re-encoded, before anything is queued."""

    data: bytes = field(repr=False)
    #: Display text only: never a path, never trusted for the format.
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A stored blob, and which of its frames are meant. Arrays never travel in it."""

    blob: str
    first_frame: int = 0
    #: None means all frames from `first_frame` on.
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How long and how large; what is not said is filled in at admission from the tier and preset."""

    seconds: float | None = None
    #: The short side in pixels: 480, 720, 1080.
    resolution: int | None = None
    aspect_ratio: AspectRatio | None = None
    #: An exact delivered size; excludes the two above.
    size: Size | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """A new clip from words, and an image as its first frame where one is given."""

    kind: Literal["generate"] = "generate"
    prompt: str
    negative_prompt: str = ""
    shape: Shape = Shape()
    seed: int | None = None
    preset: str | None = None
    image: Upload | MediaRef | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remix:
    """The parent's latents, changed as the instruction says. The parent's shape, preset and seed are kept."""

    kind: Literal["remix"] = "remix"
    parent: JobId
    instruction: str
    #: The starting sigma, 0 < strength <= 1. None: the preset's own.
    strength: float | None = None
    seed: int | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The parent's recipe once more, with another seed."""

    kind: Literal["again"] = "again"
    parent: JobId
    seed: int | None = None
    private: bool = False


Operation = Generate | Remix | Again


class OperationKind(StrEnum):
    """Names of operations as presets and tiers list them. `animate` is a `generate` with an image."""

    GENERATE = "generate"
    ANIMATE = "animate"
    REMIX = "remix"
    AGAIN = "again"
    EXTEND = "extend"
    LOOP = "loop"
    RECUT = "recut"
    BLEND = "blend"
    STORY = "story"


def kind_of(operation: Operation) -> OperationKind:
    """The name by which presets and tiers allow this operation."""
    if isinstance(operation, Generate) and operation.image is not None:
        return OperationKind.ANIMATE
    return OperationKind(operation.kind)


# --- What is rendered ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Frames that the result must contain, from `at_frame` (in pixel frames) on."""

    media: MediaRef
    at_frame: int
    strength: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin from stored latents instead of pure noise; `strength` is the starting sigma."""

    media: MediaRef
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """All that an engine is told: the one language between operations and engines. JSON-able."""

    kind: Literal["render"] = "render"
    preset: str
    prompt: str
    negative_prompt: str = ""
    #: Native size: what the model renders, before scaling to the delivered size.
    size: Size
    num_frames: int
    fps: int
    steps: int
    guidance: float
    seed: int
    conditions: tuple[Condition, ...] = ()
    start: Start | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRange:
    """Frames taken over from a stored clip as they are."""

    kind: Literal["source"] = "source"
    media: MediaRef


Piece = RenderPlan | SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An ordered list of pieces, joined by the worker, and how the result is packaged."""

    preset: str
    pieces: tuple[Piece, ...]
    #: Delivered size, reached by scaling and cropping from the native size.
    size: Size
    fps: int
    num_frames: int
    watermark: bool
    seed: int
    #: The whole prompt as rendered, instructions of remixes included.
    prompt: str
    negative_prompt: str = ""

    @property
    def seconds(self) -> float:
        return self.num_frames / self.fps

    @property
    def native_size(self) -> Size:
        """Size that the model renders; the delivered size where nothing is rendered."""
        return next((piece.size for piece in self.pieces if isinstance(piece, RenderPlan)), self.size)

    @property
    def shape_key(self) -> str:
        """What decides how long the device needs, beside the preset: measured seconds are averaged under it.

        A start from stored latents counts, for it skips the steps above its strength.
        """
        plans = [piece for piece in self.pieces if isinstance(piece, RenderPlan)]
        starts = [f"@{plan.start.strength:.1f}" if plan.start else "" for plan in plans]
        rendered = "+".join(
            f"{plan.size}:{plan.num_frames}:{plan.steps}{at}" for plan, at in zip(plans, starts, strict=True)
        )
        return f"{rendered}>{self.size}:{self.num_frames}"


# --- Jobs ---------------------------------------------------------------------------------------


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


class Stage(StrEnum):
    """What a running job is at. `render` and the metrics use the same words."""

    LOADING = "loading"
    ENCODING = "encoding"
    DENOISING = "denoising"
    DECODING = "decoding"
    PACKAGING = "packaging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a running job is. Kept for looking at, never for deciding."""

    stage: Stage
    step: int = 0
    total: int = 0
    #: 0 to 1 over the whole job.
    fraction: float = 0.0
    eta_seconds: float | None = None
    #: Counts the previews made so far; 0 means there is none yet.
    preview: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Told before the job starts, from measured seconds per preset and shape."""

    #: Jobs that will run before this one.
    ahead: int
    #: Until it starts.
    wait_seconds: float
    #: On the device.
    render_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What the ledger holds for a job, and where that leaves the member's month."""

    clips: int
    #: Used this month, this job included.
    used: int
    limit: int
    #: `YYYY-MM` in UTC, fixed at reservation from the database's clock.
    month: str
    resets_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """Why a job did not end well: a code of `inference.errors` and its fields. `render` finds the words."""

    code: str
    fields: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A finished clip. Bears the id of the job that made it."""

    id: JobId
    member: MemberId
    #: Who made it, as shown in the chat.
    author: str
    parent: JobId | None
    #: First clip of the family; its own id for a clip without parent.
    root: JobId
    #: What the member wrote: the prompt, or the instruction of a remix.
    text: str
    recipe: Recipe
    size: Size
    native_size: Size
    num_frames: int
    fps: int
    seed: int
    preset: str
    private: bool
    place: Place
    #: Bytes of the delivered mp4.
    video_bytes: int
    created_at: datetime
    #: From claim to finish.
    seconds_taken: float

    @property
    def seconds(self) -> float:
        return self.num_frames / self.fps


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request on its way, as anyone who may see it sees it."""

    id: JobId
    member: MemberId
    requester: Requester
    #: Opaque to the service; the face finds its conversation by it. Empty: nobody awaits a post.
    reply_to: str
    operation: Operation
    recipe: Recipe
    tier: str
    status: JobStatus
    charge: Charge
    attempt: int
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: Only while queued.
    estimate: Estimate | None = None
    #: Only while running.
    progress: Progress | None = None
    #: Only when failed.
    failure: JobFailure | None = None
    #: Only when succeeded.
    clip: Clip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """The job looks like this now.

    Changes of status are durable and each has its own cursor. Progress is transient: it bears the cursor
    of the newest durable event, so that resuming after it repeats nothing and loses nothing durable.
    """

    cursor: int
    job: Job


# --- Clips ---------------------------------------------------------------------------------------


class Variant(StrEnum):
    """Renditions of a clip."""

    #: The delivered mp4.
    VIDEO = "video"
    #: WebP poster image.
    THUMBNAIL = "thumbnail"
    #: One JPEG with frames in a grid.
    SPRITESHEET = "spritesheet"
    #: The newest blurry look at a running job, a small WebP.
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A clip with all its relatives, oldest first."""

    clip: Clip
    members: tuple[Clip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuery:
    """Which clips to list, newest first (oldest first if `ascending`)."""

    text: str = ""
    place: Place | None = None
    #: Only the requester's own.
    mine: bool = True
    #: Id of the last clip of the page before.
    after: JobId | None = None
    limit: int = 20
    ascending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPage:
    clips: tuple[Clip, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which of the requester's own jobs to list, of every status, newest first (oldest first if `ascending`)."""

    #: Id of the last job of the page before.
    after: JobId | None = None
    limit: int = 20
    ascending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    jobs: tuple[Job, ...]
    has_more: bool


# --- Members -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSettings:
    """A member's own defaults."""

    locale: str | None = None
    seconds: float | None = None
    resolution: int | None = None
    aspect_ratio: AspectRatio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a tier may do. Limits are inclusive."""

    name: str
    clips_per_month: int
    max_seconds: float
    #: Short side in pixels.
    max_resolution: int
    watermark: bool
    operations: frozenset[OperationKind]
    #: Queued and running together.
    max_jobs: int
    #: Share of the queue relative to others.
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member as they see themselves."""

    member: MemberId
    identities: tuple[Identity, ...]
    tier: Tier
    used: int
    resets_at: datetime
    #: Queued and running, oldest first.
    running: tuple[Job, ...]
    settings: MemberSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one member used in a month, for the operator."""

    member: MemberId
    identities: tuple[Identity, ...]
    #: `YYYY-MM`, UTC.
    month: str
    #: Of the newest job of that month; empty where there was none.
    tier: str
    #: Clips reserved or spent.
    used: int
    #: Jobs admitted that month, by status.
    jobs: dict[JobStatus, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    kind: Literal["settings"] = "settings"
    settings: MemberSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTier:
    """An operator's grant: the first of the tier sources. `tier` None takes the grant back."""

    kind: Literal["grant"] = "grant"
    tier: str | None


AccountChange = ChangeSettings | GrantTier
