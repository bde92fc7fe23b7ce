"""What is rendered: plans for engines, recipes for workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.types.ask import MediaRef, Size


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
    #: What the clip that this one is made from is called: its member's own words. Empty for a clip without parent.
    origin: str = ""
    #: Words that mean nothing to the model, of those that no clip before it had: it is said once.
    unknown_words: tuple[str, ...] = ()

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
