"""The visible mark in a corner of the delivered clip: plain text, half transparent, drawn once and blended per frame."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from inference.types import Size

if TYPE_CHECKING:
    import numpy.typing as npt

    Coverage = npt.NDArray[np.float32]
    """(height, width), 0 to 1."""

TEXT = "threadreel · AI"
TEXT_OPACITY = 0.75
SHADOW_OPACITY = 0.45
LEAST_FONT_PIXELS = 9
WHITE, BLACK, GREY = 235.0, 16.0, 128.0
"""Luma of white and black, and colourless chroma, in limited range."""


class Watermark:
    """White text over a soft shadow, legible on light and dark, in the lower right corner of frames of one size."""

    def __init__(self, size: Size) -> None:
        text, shadow = _drawn(max(LEAST_FONT_PIXELS, size.short_side // 22))
        height, width = text.shape
        margin = max(2, size.short_side // 48)
        self._top = max(0, size.height - height - margin) // 2 * 2
        self._left = max(0, size.width - width - margin) // 2 * 2
        self._text = text[: size.height - self._top, : size.width - self._left]
        self._shadow = shadow[: size.height - self._top, : size.width - self._left]

    def draw_yuv(self, frame: av.VideoFrame) -> None:
        """Mark a yuv420p frame in place."""
        self._blend(_pixels(frame, 0), self._top, self._left, self._shadow, self._text, (BLACK, WHITE))
        shadow, text = _halved(self._shadow), _halved(self._text)
        for plane in (1, 2):
            self._blend(_pixels(frame, plane), self._top // 2, self._left // 2, shadow, text, (GREY, GREY))

    def draw_rgb(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A marked copy of RGB pixels (height, width, 3)."""
        marked = pixels.copy()
        for channel in range(3):
            self._blend(marked[:, :, channel], self._top, self._left, self._shadow, self._text, (0.0, 255.0))
        return marked

    @staticmethod
    def _blend(
        plane: npt.NDArray[np.uint8],
        top: int,
        left: int,
        shadow: Coverage,
        text: Coverage,
        levels: tuple[float, float],
    ) -> None:
        corner = plane[top : top + text.shape[0], left : left + text.shape[1]]
        shaded = corner * (1 - shadow) + levels[0] * shadow
        corner[:] = np.rint(shaded * (1 - text) + levels[1] * text)


def _pixels(frame: av.VideoFrame, index: int) -> npt.NDArray[np.uint8]:
    plane = frame.planes[index]
    rows: npt.NDArray[np.uint8] = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _halved(coverage: Coverage) -> Coverage:
    height, width = coverage.shape
    return coverage.reshape(height // 2, 2, width // 2, 2).mean((1, 3), dtype=np.float32)


@lru_cache(maxsize=8)
def _drawn(font_pixels: int) -> tuple[Coverage, Coverage]:
    """Coverage of text and shadow, even sides; Pillow's own font, so that it looks alike everywhere."""
    font = ImageFont.load_default(font_pixels)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(TEXT))
    pad = max(2, font_pixels // 4)
    canvas = Image.new("L", (_even(right - left + 2 * pad), _even(bottom - top + 2 * pad)))
    ImageDraw.Draw(canvas).text((pad - left, pad - top), TEXT, fill=255, font=font)
    halo = canvas.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.GaussianBlur(pad / 3))
    return _coverage(canvas, TEXT_OPACITY), _coverage(halo, SHADOW_OPACITY)


def _coverage(image: Image.Image, opacity: float) -> Coverage:
    return np.asarray(image, np.float32) / 255 * np.float32(opacity)


def _even(length: int) -> int:
    return length + length % 2
