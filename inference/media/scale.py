"""Frames of one size to another: scaled until they cover it, then cropped around the middle, never stretched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.filter
import numpy as np

from inference.types import Size

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch

TICK = Fraction(1, 1000)
FLAGS = "bicubic+accurate_rnd+full_chroma_int"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """How a source covers a target: scaled to `scaled`, then cropped from `left`, `top`."""

    scaled: Size
    left: int
    top: int


def covering(source: Size, target: Size) -> Cover:
    """The least scaling at which the source covers the target, and the crop around its middle.

    Offsets are even, so that halved chroma planes stay aligned.
    """
    factor = max(target.width / source.width, target.height / source.height)
    scaled = Size(
        width=max(target.width, round(source.width * factor)), height=max(target.height, round(source.height * factor))
    )
    return Cover(
        scaled=scaled,
        left=(scaled.width - target.width) // 4 * 2,
        top=(scaled.height - target.height) // 4 * 2,
    )


class Scaler:
    """Takes RGB frames of one size and gives them at another, in `pixel_format`, by libswscale in one pass."""

    def __init__(self, source: Size, target: Size, pixel_format: str, *, threads: int = 1) -> None:
        cover = covering(source, target)
        graph = av.filter.Graph()
        graph.threads = threads
        matrix = "" if pixel_format == "rgb24" else ":out_color_matrix=bt709:out_range=tv"
        steps = [
            graph.add_buffer(width=source.width, height=source.height, format=av.VideoFormat("rgb24"), time_base=TICK),
            graph.add("scale", f"{cover.scaled.width}:{cover.scaled.height}:flags={FLAGS}{matrix}"),
            graph.add("format", pixel_format),
            graph.add("crop", f"{target.width}:{target.height}:{cover.left}:{cover.top}"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*steps).configure()
        self._graph = graph
        self._next = 0

    def frames(self, batch: FrameBatch) -> Iterator[av.VideoFrame]:
        """One scaled frame for each in the batch, uint8 (n, height, width, 3)."""
        for pixels in batch:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts = self._next
            self._next += 1
            self._graph.vpush(frame)
            yield self._graph.vpull()


def size_of(batch: FrameBatch) -> Size:
    """Pixels of each frame in the batch."""
    return Size(width=batch.shape[2], height=batch.shape[1])


def cover(batch: FrameBatch, size: Size) -> FrameBatch:
    """The batch at `size`, scaled and cropped around the middle; the same array where it has that size already."""
    if size_of(batch) == size:
        return batch
    scaler = Scaler(size_of(batch), size, "rgb24")
    return np.stack([frame.to_ndarray() for frame in scaler.frames(batch)])


def even_fit(size: Size, factor: float) -> Size:
    """The size times `factor`, to even sides, the shape kept as nearly as those allow."""
    return Size(width=max(2, round(size.width * factor / 2) * 2), height=max(2, round(size.height * factor / 2) * 2))
