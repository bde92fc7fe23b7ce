"""The visible mark in a corner of a delivered clip: plain text, half transparent, drawn once, blended into frames."""

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
    """White text over a soft shadow, legible on light and dark, in the lower right corner of frames of one size.

    The size's sides are even. Text that is larger than the frame is cut at its right and lower edges.
    """

    def __init__(self, size: Size) -> None:
        text, shadow = _drawn(max(LEAST_FONT_PIXELS, size.short_side // 22))
        margin = max(2, size.short_side // 48)
        self._top = max(0, size.height - text.shape[0] - margin) // 2 * 2
        self._left = max(0, size.width - text.shape[1] - margin) // 2 * 2
        text = text[: size.height - self._top, : size.width - self._left]
        shadow = shadow[: size.height - self._top, : size.width - self._left]
        #: What is left of the picture, and the mark's own light, where black and white are 0 and 1.
        self._kept = (1 - shadow) * (1 - text)
        self._light = text

    def draw_yuv(self, frame: av.VideoFrame) -> None:
        """Mark a yuv420p frame in limited range, in place."""
        added = (1 - self._kept) * BLACK + self._light * (WHITE - BLACK)
        self._blend(_pixels(frame, 0), 1, self._kept, added)
        kept = _halved(self._kept)
        for plane in (1, 2):
            self._blend(_pixels(frame, plane), 2, kept, (1 - kept) * GREY)

    def draw_rgb(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A marked copy of RGB pixels (height, width, 3)."""
        marked = pixels.copy()
        self._blend(marked, 1, self._kept[:, :, None], self._light[:, :, None] * 255)
        return marked

    def is_on(self, shown: av.VideoFrame, plain: av.VideoFrame) -> bool:
        """Whether a yuv420p frame is more like `plain` with the mark than like `plain` without; marks `plain`.

        By brightness. Text and shadow change every background far more than encoding does.
        """
        before = self._corner(_pixels(plain, 0)).astype(np.int16)
        self.draw_yuv(plain)
        marked = self._corner(_pixels(plain, 0)).astype(np.int16)
        seen = self._corner(_pixels(shown, 0)).astype(np.int16)
        return bool(np.abs(seen - marked).sum() < np.abs(seen - before).sum())

    def _corner(self, plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        height, width = self._kept.shape
        return plane[self._top : self._top + height, self._left : self._left + width]

    def _blend(self, plane: npt.NDArray[np.uint8], shrunk: int, kept: Coverage, added: Coverage) -> None:
        top, left = self._top // shrunk, self._left // shrunk
        corner = plane[top : top + kept.shape[0], left : left + kept.shape[1]]
        corner[:] = np.rint(corner * kept + added)


def _pixels(frame: av.VideoFrame, index: int) -> npt.NDArray[np.uint8]:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _halved(coverage: Coverage) -> Coverage:
    """The mean of each 2x2, as yuv420p halves its colour planes."""
    quarters = [coverage[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    return (quarters[0] + quarters[1] + quarters[2] + quarters[3]) / np.float32(4)


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
    return np.asarray(image, np.float32) * np.float32(opacity / 255)


def _even(length: int) -> int:
    return length + length % 2
