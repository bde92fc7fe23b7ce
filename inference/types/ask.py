"""What is asked: operations, and the words they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from inference.types.who import JobId


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
    #: Takes the place of the parent's own prompt, which the member wrote anew; the instruction may then be empty.
    prompt: str | None = None
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
    #: Of a `generate`: asked for in advance.
    SCHEDULE = "schedule"


def kind_of(operation: Operation) -> OperationKind:
    """The name by which presets and tiers allow this operation."""
    if isinstance(operation, Generate) and operation.image is not None:
        return OperationKind.ANIMATE
    return OperationKind(operation.kind)
