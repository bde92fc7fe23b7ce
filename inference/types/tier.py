"""Tiers, what lowers them, and how an operator gives one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from inference.types.ask import OperationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What a place allows at most, whatever the tier: it lowers, and never raises. None: as the tier has it."""

    clips_per_month: int | None = None
    max_seconds: float | None = None
    story_seconds: float | None = None
    max_resolution: int | None = None
    #: True: clips made there bear one whatever the tier says. False says nothing.
    watermark: bool | None = None
    operations: frozenset[OperationKind] | None = None
    max_jobs: int | None = None
    max_upload_bytes: int | None = None
    max_references: int | None = None
    requests_per_minute: int | None = None
    max_schedules: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a tier may do. Limits are inclusive; None: no limit."""

    name: str
    clips_per_month: int
    max_seconds: float
    #: Longest story, of who may ask for one.
    story_seconds: float | None = None
    #: Short side in pixels.
    max_resolution: int
    watermark: bool
    operations: frozenset[OperationKind]
    #: Queued and running together.
    max_jobs: int
    #: Bytes of one uploaded file.
    max_upload_bytes: int | None = None
    #: Images, and clips, that one clip may be asked for with.
    max_references: int | None = None
    #: Within any 60 seconds.
    requests_per_minute: int | None = None
    #: Kept at once, of who may ask in advance.
    max_schedules: int | None = None
    #: Days after which a clip is deleted that was made with this tier; None or 0: never.
    keep_days: int | None = None
    #: The same for what remixes begin from.
    keep_latents_days: int | None = None
    #: Share of the queue relative to others.
    weight: float

    def under(self, ceiling: Ceiling) -> Tier:
        """The tier where `ceiling` holds: of every limit the lower one. They are put together nowhere else."""
        return replace(self, **{field.name: _lower(field.name, self, ceiling) for field in fields(Ceiling)})


def _lower(name: str, tier: Tier, ceiling: Ceiling) -> Any:
    own, most = getattr(tier, name), getattr(ceiling, name)
    if own is None or most is None:
        return most if own is None else own
    match name:
        case "watermark":
            return own or most
        case "operations":
            return own & most
        case _:
            return min(own, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A tier that an operator gave a member."""

    tier: str
    #: When it ends, by the database's clock; None: it stays.
    until: datetime | None = None
