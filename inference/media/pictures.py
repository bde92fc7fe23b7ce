"""Stills for chats that take no WebP."""

from __future__ import annotations

import io

from PIL import Image, ImageSequence

JPEG_SHORT_SIDE = 240
"""Of a thumbnail beside a line of words, also on a screen of twice the density."""


def gif_of(picture: bytes) -> bytes:
    """The same as a GIF, moving where it moves."""
    with Image.open(io.BytesIO(picture)) as source:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(source)]
        pause = int(source.info.get("duration", 0)) or 100
    buffer = io.BytesIO()
    first, *others = frames
    if others:
        first.save(buffer, "GIF", save_all=True, append_images=others, duration=pause, loop=0)
    else:
        first.save(buffer, "GIF")
    return buffer.getvalue()


def jpeg_of(picture: bytes) -> bytes:
    """The same as a small JPEG."""
    with Image.open(io.BytesIO(picture)) as source:
        small = source.convert("RGB")
    scale = min(1.0, JPEG_SHORT_SIDE / min(small.size))
    if scale < 1.0:
        width, height = small.size
        small = small.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
