"""Frames of our own stored files. The container is named by its magic bytes, never guessed by the reader."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

import av
import numpy as np
from PIL import Image

from inference.errors import RenderFailed

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch

IMAGE_FORMATS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}


def read_frames(stream: BinaryIO, first_frame: int = 0, count: int | None = None) -> FrameBatch:
    """`count` frames (None: to the end) of a stored mp4 or image, uint8 (n, height, width, 3).

    Raises RenderFailed where the file is none of ours, damaged, or has fewer frames.
    """
    try:
        frames = _decoded(stream, first_frame, count)
    except (av.FFmpegError, OSError, SyntaxError) as error:
        raise RenderFailed(detail=f"a stored source cannot be decoded: {error}") from error
    if not frames or (count is not None and len(frames) < count):
        raise RenderFailed(detail=f"a stored source has no {count or 1} frames from frame {first_frame} on")
    return np.stack(frames)


def _decoded(stream: BinaryIO, first_frame: int, count: int | None) -> list[FrameBatch]:
    head = stream.read(12)
    stream.seek(0)
    if head[4:8] == b"ftyp":
        return _video(stream, first_frame, count)
    for magic, form in IMAGE_FORMATS.items():
        if head.startswith(magic):
            with Image.open(io.BytesIO(stream.read()), formats=[form]) as image:
                return [np.asarray(image.convert("RGB"))][first_frame:]
    raise RenderFailed(detail="a stored source is neither an mp4 nor an image")


def _video(stream: BinaryIO, first_frame: int, count: int | None) -> list[FrameBatch]:
    """Decodes from the start: our clips are short, and exact frame numbers matter more than a seek."""
    last = None if count is None else first_frame + count
    frames: list[FrameBatch] = []
    with av.open(stream, "r", format="mp4") as file:
        for index, frame in enumerate(file.decode(video=0)):
            if last is not None and index >= last:
                break
            if index >= first_frame:
                frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    return frames
