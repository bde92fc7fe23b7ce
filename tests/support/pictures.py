"""Frames and images to feed media code with."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Frames = npt.NDArray[np.uint8]


def moving_ball(count: int = 13, *, width: int = 64, height: int = 32) -> Frames:
    """A red disc moving to the right over a blue-to-green slope, uint8 (count, height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    slope = np.stack([np.full_like(x, 20), 80 + y * 100 // height, 200 - x * 100 // width], -1)
    frames = np.repeat(slope[None], count, 0).astype(np.uint8)
    for index, frame in enumerate(frames):
        centre = width * (0.2 + 0.6 * index / max(1, count - 1))
        frame[(x - centre) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2] = (220, 40, 30)
    return frames


def image_bytes(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=form, **options)
    return buffer.getvalue()


def picture() -> Image.Image:
    """80x60, red on the left, blue on the right, so that turns show."""
    image = Image.new("RGB", (80, 60), (230, 20, 20))
    image.paste((20, 20, 230), (40, 0, 80, 60))
    return image


def claimed_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a PNG of any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    )
