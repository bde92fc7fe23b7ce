"""Frame batches to an mp4 that every chat plays: H.264, yuv420p, BT.709, faststart, made while the frames arrive."""

from __future__ import annotations

import queue
import threading
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import av

from inference.media.scale import Scaler, size_of
from inference.media.watermark import Watermark
from inference.types import Size

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch

DELIVERY_CRF = 17
"""Visually close to lossless at the sizes that chats show."""

MASTER_CRF = 8
"""For masters: what later clips begin from must not carry the codec's marks."""

MP4_OPTIONS = {"movflags": "+faststart", "fflags": "+bitexact"}
"""The index first, so that players begin before the end has come; no version or time in the file."""

BT709 = 1
LIMITED_RANGE = 1
THREADS = 2
"""Fixed, for x264's bits depend on it: the same frames give the same file on every machine."""

WAITING_BATCHES = 4
"""Batches that may wait for the encoder before `add` blocks, so that memory stays bounded."""


class ClipEncoder:
    """Writes one mp4 in a thread of its own, so that a model decodes the next frames meanwhile.

    Frames are scaled and cropped to `size` (even sides), and marked where `watermark` is set. Leaving the block
    finishes the file; leaving it by an exception drops it. Errors of the thread are raised by `add` and at the end.

        with ClipEncoder(path, size=size, fps=24, watermark=True) as encoder:
            for batch in rendering.frames:
                encoder.add(batch)
    """

    def __init__(self, path: Path, *, size: Size, fps: int, watermark: bool = False, crf: int = DELIVERY_CRF) -> None:
        if size.width % 2 or size.height % 2:
            raise ValueError(f"yuv420p needs even sides, not {size}")
        self._path = path
        self._size = size
        self._fps = fps
        self._crf = crf
        self._mark = Watermark(size) if watermark else None
        self._batches: queue.Queue[FrameBatch | None] = queue.Queue(WAITING_BATCHES)
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"encode {path.name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def add(self, frames: FrameBatch) -> None:
        """Hand over uint8 (n, height, width, 3) RGB of any one size; do not change them afterwards."""
        self._raise_failure()
        self._batches.put(frames)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._batches.put(None)
        self._thread.join()
        if kind is not None or self._failed is not None:
            self._path.unlink(missing_ok=True)
        if kind is None:
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            self._write()
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that feeds this one
            self._failed = error
            while self._batches.get() is not None:
                pass

    def _write(self) -> None:
        with av.open(self._path, "w", format="mp4", options=MP4_OPTIONS) as file:
            stream = h264_stream(file, size=self._size, fps=self._fps, options={"crf": str(self._crf)})
            scaler: Scaler | None = None
            while (batch := self._batches.get()) is not None:
                scaler = scaler or Scaler(size_of(batch), self._size, "yuv420p")
                for frame in scaler.frames(batch):
                    if self._mark:
                        self._mark.draw_yuv(frame)
                    frame.time_base = Fraction(1, self._fps)  # the stream's own changes once the header is written
                    file.mux(stream.encode(frame))
            file.mux(stream.encode(None))


def h264_stream(
    file: av.container.OutputContainer, *, size: Size, fps: int | Fraction, options: dict[str, str]
) -> av.VideoStream:
    """An H.264 stream that browsers and phones play, with its colours named."""
    # Without B-frames: where there is AVX-512, x264 weighs those by memory that it never wrote, so that the same frames
    # give another file now and then.
    stream = file.add_stream("libx264", rate=fps, options={"preset": "veryfast", "bf": "0", **options})
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.time_base = stream.codec_context.time_base = 1 / Fraction(fps)
    context = stream.codec_context
    context.thread_count = THREADS
    context.color_range, context.colorspace = LIMITED_RANGE, BT709
    context.color_primaries, context.color_trc = BT709, BT709
    return stream
