"""Stored blobs as an engine reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from inference.errors import RenderFailed
from inference.media.decode import read_frames
from inference.protocols import BlobStore
from inference.types import MediaRef

if TYPE_CHECKING:
    from inference.engines.port import FrameBatch


class BlobReader:
    """A `MediaReader` over the blob store. Blocking, as engines are. Raises RenderFailed for what is gone."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def latents(self, ref: MediaRef) -> bytes:
        with self._open(ref) as stream:
            return stream.read()

    def frames(self, ref: MediaRef) -> FrameBatch:
        with self._open(ref) as stream:
            return read_frames(stream, ref.first_frame, ref.count)

    def _open(self, ref: MediaRef) -> BinaryIO:
        try:
            return self._blobs.open(ref.blob)
        except FileNotFoundError as error:
            raise RenderFailed(detail=f"the source {ref.blob} is gone") from error
