"""A recipe's pieces to one stream of frames: plans through the engine, ranges from stored masters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from inference.errors import RenderFailed
from inference.types import Piece, Recipe, RenderPlan

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch, MediaReader, OnStep, VideoEngine


class RenderedRecipe:
    """Take `frames` to their end; then `latents` holds those of each rendered piece, by its place in the recipe.

    Raises what the engine and `on_step` raise, and RenderFailed where the pieces give too few frames.
    """

    def __init__(
        self,
        recipe: Recipe,
        engine: VideoEngine,
        media: MediaReader,
        on_step: OnStep,
        begin_piece: Callable[[int], None],
    ) -> None:
        self._recipe = recipe
        self._engine = engine
        self._media = media
        self._on_step = on_step
        self._begin_piece = begin_piece
        self.latents: dict[int, bytes] = {}

    def frames(self) -> Iterator[FrameBatch]:
        """Exactly `recipe.num_frames` frames: models make 8k+1 or 4k+1, and those over the asked length are dropped."""
        missing = self._recipe.num_frames
        for index, piece in enumerate(self._recipe.pieces):
            self._begin_piece(index)
            for batch in self._frames_of(index, piece):
                if missing:
                    kept = batch[:missing]
                    missing -= len(kept)
                    yield kept
        if missing:
            raise RenderFailed(detail=f"{missing} of {self._recipe.num_frames} frames were not rendered")

    def _frames_of(self, index: int, piece: Piece) -> Iterator[FrameBatch]:
        if not isinstance(piece, RenderPlan):
            yield self._media.frames(piece.media)
            return
        rendering = self._engine.render(piece, self._media, self._on_step)
        yield from rendering.frames
        self.latents[index] = rendering.latents
        if rendering.audio is not None:
            raise RenderFailed(detail=f"{piece.preset} made sound, which cannot be packaged")
