"""A smaller rendition of a clip, for a chat's upload limit."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import PictureType

from inference.errors import RenderFailed
from inference.media.encode import MP4_OPTIONS, h264_stream
from inference.media.scale import even_fit
from inference.types import Size

HEADROOM = 0.97
"""Share of the limit aimed at: two passes land just under what they are told, the container comes on top."""

LEAST_BITS_A_PIXEL = 0.04
"""Fewer than that look worse than a smaller picture scaled up by the player."""

LEAST_SHORT_SIDE = 64
TRIES_A_SIZE = 2
"""Very short or noisy clips overshoot: once more, with as much less as the first try was over."""

CONTAINER_BYTES = 2_000
CONTAINER_BYTES_A_FRAME = 16


def shrink_to(source: Path, max_bytes: int, out: Path) -> None:
    """Encode `source` in two passes so that `out` has at most `max_bytes`, at a smaller size where the bits are few.

    Copies the bytes where the source fits already. Raises RenderFailed where no size fits.
    """
    if source.stat().st_size <= max_bytes:
        out.write_bytes(source.read_bytes())
        return
    size, frames, fps = _facts(source)
    payload = max_bytes * HEADROOM - CONTAINER_BYTES - frames * CONTAINER_BYTES_A_FRAME
    bits_a_frame = max(1.0, payload * 8 / frames)
    while size.short_side >= LEAST_SHORT_SIDE:
        if bits_a_frame >= LEAST_BITS_A_PIXEL * size.width * size.height:
            rate = bits_a_frame * fps
            for _ in range(TRIES_A_SIZE):
                _two_passes(source, out, size, fps, bit_rate=int(rate))
                if out.stat().st_size <= max_bytes:
                    return
                rate *= HEADROOM * max_bytes / out.stat().st_size
        size = even_fit(size, 0.75)
    out.unlink(missing_ok=True)
    raise RenderFailed(detail=f"{frames} frames do not fit into {max_bytes} bytes at any size")


def _facts(source: Path) -> tuple[Size, int, Fraction]:
    with av.open(source, format="mp4") as file:
        stream = file.streams.video[0]
        assert stream.average_rate is not None
        return Size(width=stream.width, height=stream.height), stream.frames, Fraction(stream.average_rate)


def _two_passes(source: Path, out: Path, size: Size, fps: Fraction, bit_rate: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stats = f"stats={Path(folder) / 'x264.log'}"
        nowhere = av.open("-", "w", format="null")
        _encode(source, nowhere, size, fps, {"b": str(bit_rate), "x264-params": f"pass=1:{stats}"})
        file = av.open(out, "w", format="mp4", options=MP4_OPTIONS)
        _encode(source, file, size, fps, {"b": str(bit_rate), "x264-params": f"pass=2:{stats}"})


def _encode(source: Path, out: OutputContainer, size: Size, fps: Fraction, options: dict[str, str]) -> None:
    with av.open(source, format="mp4") as clip, out:
        stream = h264_stream(out, size=size, fps=fps, options={"preset": "medium", **options})
        for index, frame in enumerate(clip.decode(video=0)):
            small = frame.reformat(size.width, size.height, "yuv420p", interpolation="BICUBIC")
            small.pts, small.time_base, small.pict_type = index, 1 / fps, PictureType.NONE
            out.mux(stream.encode(small))
        out.mux(stream.encode(None))
