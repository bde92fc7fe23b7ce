"""A clip's still images, gathered while its frames pass by: a WebP poster and a JPEG spritesheet."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from inference.media.scale import cover, even_fit
from inference.media.watermark import Watermark
from inference.types import Size

if TYPE_CHECKING:
    import numpy.typing as npt

    from inference.engines.port import FrameBatch

POSTER_AT = 1 / 3
"""Where in the clip the poster is taken: what enters the picture has entered it, what leaves is still there."""

SPRITE_COLUMNS = 4
MOST_SPRITES = 16
SPRITE_SHORT_SIDE = 120


class Stills:
    """Feed it every batch of a clip; then take the images. Both bear the mark where `watermark` is set."""

    def __init__(self, *, num_frames: int, size: Size, watermark: bool) -> None:
        self._size = size
        self._sprite_size = even_fit(size, SPRITE_SHORT_SIDE / size.short_side)
        self._watermark = watermark
        self._poster_at = int((num_frames - 1) * POSTER_AT)
        count = min(MOST_SPRITES, num_frames)
        self._sprites_at = {round(k * (num_frames - 1) / max(1, count - 1)) for k in range(count)}
        self._seen = 0
        self._poster: npt.NDArray[np.uint8] | None = None
        self._sprites: list[Image.Image] = []

    def add(self, frames: FrameBatch) -> None:
        """Take the next frames, uint8 (n, height, width, 3) of any one size."""
        for index, pixels in enumerate(frames, self._seen):
            if index == self._poster_at:
                self._poster = self._marked(pixels, self._size)
            if index in self._sprites_at:
                self._sprites.append(Image.fromarray(self._marked(pixels, self._sprite_size)))
        self._seen += len(frames)

    def poster_webp(self) -> bytes:
        """One frame at the delivered size."""
        assert self._poster is not None, "the poster's frame has not passed yet"
        return _bytes(Image.fromarray(self._poster), "WEBP", quality=82)

    def spritesheet_jpeg(self) -> bytes:
        """At most 16 frames, evenly spread, in rows of four, the first at the upper left."""
        width, height = self._sprites[0].size
        rows = math.ceil(len(self._sprites) / SPRITE_COLUMNS)
        sheet = Image.new("RGB", (min(len(self._sprites), SPRITE_COLUMNS) * width, rows * height))
        for index, sprite in enumerate(self._sprites):
            sheet.paste(sprite, (index % SPRITE_COLUMNS * width, index // SPRITE_COLUMNS * height))
        return _bytes(sheet, "JPEG", quality=82)

    def _marked(self, pixels: npt.NDArray[np.uint8], size: Size) -> npt.NDArray[np.uint8]:
        scaled: npt.NDArray[np.uint8] = cover(pixels[None], size)[0]
        return Watermark(size).draw_rgb(scaled) if self._watermark else scaled


def _bytes(image: Image.Image, form: str, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=form, quality=quality)
    return buffer.getvalue()
