"""Finished clips and how they are looked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inference.types.ask import Size
from inference.types.plan import Recipe
from inference.types.who import JobId, MemberId, Place


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
    #: What the member wrote: the prompt, or the instruction of a remix; empty for an again.
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
    #: These two for chats that take no WebP: the preview as a GIF, the poster as a small JPEG.
    PREVIEW_GIF = "preview_gif"
    THUMBNAIL_JPEG = "thumbnail_jpeg"
    #: PNG of the image that a clip begins with, as it was re-encoded when the job was admitted.
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLink:
    """An address that opens a clip's delivered mp4 for whoever holds it."""

    url: str = field(repr=False)
    expires_at: datetime


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
