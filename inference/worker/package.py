"""Frames to the files of a clip, encoded while they arrive, and those files to blobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from inference.media.encode import MASTER_CRF, ClipEncoder
from inference.media.measure import measure
from inference.media.poster import Stills
from inference.media.scale import size_of
from inference.protocols import BlobStore
from inference.types import Made, Recipe, RenderPlan, Size

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was stored of a clip."""

    #: Blob names by rendition, as `Succeeded.blobs` wants them.
    blobs: dict[str, str]
    #: Bytes of the delivered mp4.
    video_bytes: int
    #: What the delivered mp4 is.
    made: Made


class Package:
    """Takes every frame of a clip, in order; leaving the block by an exception drops what was begun.

    `master` is what later clips begin from: native size, no mark, nearly lossless. `video` is what is posted.
    """

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._recipe = recipe
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._encoders: list[ClipEncoder] = []
        self._first: FrameBatch | None = None
        self._made: Made | None = None
        self._open = ExitStack()
        self._stills = Stills(num_frames=recipe.num_frames, size=recipe.size, watermark=recipe.watermark)

    def __enter__(self) -> Self:
        self._open.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.__exit__(*exception)  # type: ignore[arg-type]  # passed through as they come
        for file in self._files.values():
            file.unlink(missing_ok=True)

    def add(self, frames: FrameBatch) -> None:
        """uint8 (n, height, width, 3), all of one native size."""
        if not self._encoders:
            self._begin(size_of(frames))
            self._first = frames[:1].copy()
        for encoder in self._encoders:
            encoder.add(frames)
        self._stills.add(frames)

    def finish(self, latents: Mapping[int, bytes]) -> None:
        """Complete every file. `latents` are those of the rendered pieces, by place in the recipe."""
        self._write("thumbnail", "poster.webp", self._stills.poster_webp())
        self._write("spritesheet", "sprites.jpg", self._stills.spritesheet_jpeg())
        for index, data in latents.items():
            name = _latents_name(self._recipe, index)
            self._write(name, f"{name}.safetensors", data)
        self._open.close()
        assert self._first is not None, "no frame came"
        self._made = measure(self._files["video"], self._first)

    def store(self, blobs: BlobStore, prefix: str, check: Callable[[], None]) -> Packed:
        """Put every file under `prefix`. `check` is called before each and may raise."""
        assert self._made is not None, "finish comes first"
        lengths = {}
        for rendition, file in self._files.items():
            check()
            lengths[rendition] = blobs.put(prefix + file.name, file)
        names = {rendition: prefix + file.name for rendition, file in self._files.items()}
        return Packed(blobs=names, video_bytes=lengths["video"], made=self._made)

    def _begin(self, native: Size) -> None:
        recipe = self._recipe
        master = ClipEncoder(self._file("master", "master.mp4"), size=native, fps=recipe.fps, crf=MASTER_CRF)
        video = ClipEncoder(
            self._file("video", "video.mp4"), size=recipe.size, fps=recipe.fps, watermark=recipe.watermark
        )
        self._encoders = [self._open.enter_context(encoder) for encoder in (master, video)]

    def _write(self, rendition: str, name: str, data: bytes) -> None:
        self._file(rendition, name).write_bytes(data)

    def _file(self, rendition: str, name: str) -> Path:
        self._files[rendition] = self._folder / name
        return self._files[rendition]


def _latents_name(recipe: Recipe, index: int) -> str:
    """`latents` where one piece was rendered; else each piece's own, by its place in the recipe."""
    rendered = sum(isinstance(piece, RenderPlan) for piece in recipe.pieces)
    return "latents" if rendered == 1 else f"latents-{index}"
