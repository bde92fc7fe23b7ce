"""What a clip may come out as, and what it did: compared before anybody gets it."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types.ask import Size


def most_frames(seconds: float, fps: int) -> int:
    """Frames of a clip of so many seconds: to the nearest one, for few lengths are whole frames."""
    return max(1, round(seconds * fps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The delivered mp4 as it was measured, not as it was planned."""

    size: Size
    num_frames: int
    fps: int
    #: Whether the visible mark was found in it.
    watermark: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the tier, under what its place lowers, allowed when the job was admitted and charged."""

    max_seconds: float
    #: Short side in pixels.
    max_resolution: int
    #: Whether the clip must bear the mark.
    watermark: bool
    #: What was asked for, and charged.
    num_frames: int

    def breach(self, made: Made) -> str:
        """What breaks the terms: `length`, `resolution` or `watermark`; empty where nothing does."""
        if made.num_frames > min(self.num_frames, most_frames(self.max_seconds, made.fps)):
            return "length"
        if made.size.short_side > self.max_resolution:
            return "resolution"
        if self.watermark and not made.watermark:
            return "watermark"
        return ""
