"""A stranger's image to a clean one. Decoding happens in a process that can do nothing else (`image_cage`)."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from inference.errors import UploadInvalid, UploadTooLarge
from inference.media.image_cage import REFUSED

CAGE = Path(__file__).with_name("image_cage.py")

MAX_PIXELS = 25_000_000
"""As decoded: what a good phone takes; a few copies of it fit into the cage's memory."""

MAX_SIDE = 2048
"""Longer images are scaled down: no preset renders larger ones."""

WALL_SECONDS = 20.0
"""The cage's limit of processor time ends it sooner, unless the machine is very busy."""

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"


def sanitize_image(data: bytes, max_bytes: int) -> bytes:
    """A PNG (8-bit RGB) of a PNG, JPEG or WebP: the right way up, re-encoded, without metadata. Blocking, about 0.3 s.

    Of an animation the first frame is taken; transparency is laid over white; the long side is at most 2048.
    Raises UploadTooLarge (bytes) and UploadInvalid (not_an_image, damaged, too_many_pixels, too_slow).
    """
    if len(data) > max_bytes:
        raise UploadTooLarge(size=len(data), limit=max_bytes)
    if not _looks_like_image(data[:12]):
        raise UploadInvalid(reason="not_an_image")
    command = [sys.executable, "-I", "-S", "-B", str(CAGE), _folder_of_pillow(), str(MAX_PIXELS), str(MAX_SIDE)]
    with tempfile.TemporaryFile() as output:  # a file, for the cage's limit on what it writes holds only there
        try:
            done = subprocess.run(
                command, input=data, stdout=output, stderr=subprocess.PIPE, timeout=WALL_SECONDS, env={}, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UploadInvalid(reason="too_slow") from error
        if done.returncode:
            raise _refusal(_reason(done))
        output.seek(0)
        return output.read()


def _refusal(reason: str) -> UploadInvalid:
    if reason == "too_many_pixels":
        return UploadInvalid(
            reason=reason, accepted=f"smaller ({MAX_PIXELS // 10**6} megapixels at most) PNG, JPEG or WebP"
        )
    return UploadInvalid(reason=reason)


def _looks_like_image(head: bytes) -> bool:
    """By the first bytes alone: PNG, JPEG or WebP."""
    return head.startswith((PNG_MAGIC, JPEG_MAGIC)) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Raises RuntimeError where the cage itself could not be set up: that is no fault of the upload's."""
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "too_slow"
    if done.returncode < 0:
        return "damaged"
    said = done.stderr.decode(errors="replace")
    if done.returncode != REFUSED:
        raise RuntimeError(f"the image cage failed: {said}")
    return said.split(maxsplit=1)[0]


@cache
def _folder_of_pillow() -> str:
    spec = importlib.util.find_spec("PIL")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parents[1])
