"""Bytes of clips, and smaller ones where a chat's upload limit asks for them."""

from __future__ import annotations

import asyncio
import io
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from inference.errors import InvalidValue, NotFound, RenderFailed
from inference.media.pictures import gif_of, jpeg_of
from inference.media.shrink import shrink_to
from inference.protocols import BlobStore, ClipShelf, JobBook, OpenedClip
from inference.service.members import Members
from inference.types import Generate, Job, JobId, MediaRef, Requester, Variant

_STORED_AS = {Variant.VIDEO: "video", Variant.THUMBNAIL: "thumbnail", Variant.SPRITESHEET: "spritesheet"}
_MEDIA_TYPE = {
    Variant.VIDEO: ("video/mp4", "mp4"),
    Variant.THUMBNAIL: ("image/webp", "webp"),
    Variant.SPRITESHEET: ("image/jpeg", "jpg"),
    Variant.PREVIEW: ("image/webp", "webp"),
    Variant.PREVIEW_GIF: ("image/gif", "gif"),
    Variant.THUMBNAIL_JPEG: ("image/jpeg", "jpg"),
    Variant.UPLOAD: ("image/png", "png"),
}
_MADE_OF: Mapping[Variant, tuple[Variant, Callable[[bytes], bytes]]] = {
    Variant.PREVIEW_GIF: (Variant.PREVIEW, gif_of),
    Variant.THUMBNAIL_JPEG: (Variant.THUMBNAIL, jpeg_of),
}
"""What is stored in another form, and made anew for each who asks: a few milliseconds, and few ask twice."""


class Renditions:
    """Opens what is stored for those who may see it. Smaller videos are made once and kept beside the clip."""

    def __init__(self, jobs: JobBook, clips: ClipShelf, blobs: BlobStore, members: Members) -> None:
        self._jobs = jobs
        self._clips = clips
        self._blobs = blobs
        self._members = members
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def open(
        self, job: JobId, requester: Requester, variant: Variant, max_bytes: int | None
    ) -> AsyncIterator[OpenedClip]:
        """See `GenerationService.open_clip`. Raises NotFound, and InvalidValue where no rendition is that small."""
        if max_bytes is not None and max_bytes < 1:
            raise InvalidValue(name="max_bytes", value=str(max_bytes), allowed="1 or more")
        if variant in _MADE_OF:
            yield await self._made(job, requester, variant, max_bytes)
            return
        blob = await self._find(job, requester, variant)
        if max_bytes is not None:
            blob = await self._within(job, blob, variant, max_bytes)
        async with self._opened(job, blob, variant) as opened:
            yield opened

    async def _made(self, job: JobId, requester: Requester, variant: Variant, max_bytes: int | None) -> OpenedClip:
        source, make = _MADE_OF[variant]
        async with self.open(job, requester, source, None) as stored:
            try:
                data = await asyncio.to_thread(lambda: make(stored.stream.read()))
            except OSError as error:  # damaged, or half written
                raise NotFound(what="rendition", id=f"{job}/{variant}") from error
        if max_bytes is not None and len(data) > max_bytes:
            raise InvalidValue(name="max_bytes", value=str(max_bytes), allowed=f"the {variant} has {len(data)} bytes")
        media_type, suffix = _MEDIA_TYPE[variant]
        return OpenedClip(stream=io.BytesIO(data), length=len(data), media_type=media_type, filename=f"{job}.{suffix}")

    @asynccontextmanager
    async def open_shared(self, clip: JobId) -> AsyncIterator[OpenedClip]:
        """The delivered video, for who holds a link to it. Raises NotFound."""
        if await self._clips.get(clip) is None:
            raise NotFound(what="clip", id=clip)
        async with self._opened(clip, await self._stored(clip, Variant.VIDEO), Variant.VIDEO) as opened:
            yield opened

    @asynccontextmanager
    async def _opened(self, job: JobId, blob: str, variant: Variant) -> AsyncIterator[OpenedClip]:
        try:
            length = await asyncio.to_thread(self._blobs.length, blob)
            stream = await self._open(blob)
        except FileNotFoundError as error:
            raise NotFound(what="rendition", id=f"{job}/{variant}") from error
        media_type, suffix = _MEDIA_TYPE[variant]
        with stream:
            yield OpenedClip(stream=stream, length=length, media_type=media_type, filename=f"{job}.{suffix}")

    async def _open(self, blob: str) -> BinaryIO:
        """A file that is opened for someone who has gone away meanwhile is closed too."""
        opening = asyncio.ensure_future(asyncio.to_thread(self._blobs.open, blob))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_opened)
            raise

    def smaller_ones(self, job: JobId) -> list[str]:
        """Blobs made here, which the clip's own row does not know."""
        return list(self._blobs.names(_smaller(job)))

    async def _find(self, job: JobId, requester: Requester, variant: Variant) -> str:
        if variant is Variant.PREVIEW:
            await self._members.visible_job(self._jobs, job, requester)
            return await self._newest_preview(job)
        if variant is Variant.UPLOAD:
            return _upload(await self._members.visible_job(self._jobs, job, requester))
        await self._members.visible_clip(self._clips, job, requester)
        return await self._stored(job, variant)

    async def _stored(self, clip: JobId, variant: Variant) -> str:
        media = await self._clips.blob(clip, _STORED_AS[variant])
        if media is None:
            raise NotFound(what="rendition", id=f"{clip}/{variant}")
        return media.blob

    async def _newest_preview(self, job: JobId) -> str:
        """Of the latest attempt: `{job}/{fence}/preview.webp` with the highest fence."""
        by_fence: dict[int, str] = {}
        for name in await asyncio.to_thread(self._blobs.names, f"{job}/"):
            _, _, rest = name.partition("/")
            fence, _, file = rest.partition("/")
            if file == "preview.webp" and fence.isdecimal():
                by_fence[int(fence)] = name
        if not by_fence:
            raise NotFound(what="rendition", id=f"{job}/preview")
        return by_fence[max(by_fence)]

    async def _within(self, job: JobId, blob: str, variant: Variant, max_bytes: int) -> str:
        """The blob where it is small enough, else a smaller one."""
        try:
            length = await asyncio.to_thread(self._blobs.length, blob)
        except FileNotFoundError as error:
            raise NotFound(what="rendition", id=f"{job}/{variant}") from error
        if length <= max_bytes:
            return blob
        if variant is not Variant.VIDEO:
            raise InvalidValue(name="max_bytes", value=str(max_bytes), allowed=f"the {variant} has {length} bytes")
        max_bytes = _step_below(max_bytes)
        smaller = f"{_smaller(job)}{max_bytes}.mp4"
        async with self._one_at_a_time:  # they take all cores anyway, and two that ask for the same get the same
            try:
                await asyncio.to_thread(self._blobs.length, smaller)
            except FileNotFoundError:
                await asyncio.to_thread(self._shrink, blob, max_bytes, smaller)
        return smaller

    def _shrink(self, blob: str, max_bytes: int, smaller: str) -> None:
        with tempfile.TemporaryDirectory(prefix="threadreel-") as folder:
            source, out = Path(folder, "source.mp4"), Path(folder, "smaller.mp4")
            with self._blobs.open(blob) as stored, source.open("wb") as file:
                shutil.copyfileobj(stored, file)
            try:
                shrink_to(source, max_bytes, out)
            except RenderFailed as error:
                allowed = "more; the clip does not fit into so few bytes at any size"
                raise InvalidValue(name="max_bytes", value=str(max_bytes), allowed=allowed) from error
            self._blobs.put(smaller, out)


def _upload(job: Job) -> str:
    if isinstance(job.operation, Generate) and isinstance(job.operation.image, MediaRef):
        return job.operation.image.blob
    raise NotFound(what="rendition", id=f"{job.id}/{Variant.UPLOAD}")


def _step_below(count: int) -> int:
    """One of eight steps for each doubling, at most an eighth smaller: who asks for every size makes a few dozen."""
    step = 1 << max(0, count.bit_length() - 4)
    return count // step * step


def _smaller(job: JobId) -> str:
    return f"{job}/small/"


def _close_opened(opening: asyncio.Future[BinaryIO]) -> None:
    if opening.exception() is None:
        opening.result().close()
