"""What a finished mp4 is: read from the file itself, so that no slip of whoever made it goes unseen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av

from inference.media.scale import Scaler, size_of
from inference.media.watermark import Watermark
from inference.types import Made, Size

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch


def measure(path: Path, first: FrameBatch) -> Made:
    """`first` is the clip's first frame as it was rendered, uint8 (1, height, width, 3): by it the mark is known.

    Only that frame is decoded; the others are counted.
    """
    with av.open(path, format="mp4") as file:
        stream = file.streams.video[0]
        size = Size(width=stream.width, height=stream.height)
        rate = stream.average_rate or stream.guessed_rate
        assert rate is not None, "a stream of ours has a rate"
        count = sum(1 for packet in file.demux(stream) if packet.size)
        file.seek(0)
        shown = next(file.decode(stream))
    (plain,) = Scaler(size_of(first), size, "yuv420p").frames(first)
    return Made(size=size, num_frames=count, fps=round(rate), watermark=Watermark(size).is_on(shown, plain))
