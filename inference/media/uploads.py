"""A stranger's image to a clean one. Decoding happens in a process that can do nothing else (`image_cage`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from inference.errors import UploadInvalid, UploadTooLarge

CAGE = Path(__file__).with_name("image_cage.py")
MAX_PIXELS = 25_000_000
"""As decoded; four bytes each stay well within the cage's memory."""

WALL_SECONDS = 20.0
"""The cage's own CPU limit ends it sooner, unless the machine is very busy."""


def sanitize_image(data: bytes, max_bytes: int) -> bytes:
    """A PNG (8-bit RGB) of a PNG, JPEG or WebP: the right way up, re-encoded, without metadata. Blocking, about 0.2 s.

    Of an animation the first frame is taken. Transparency is laid over white.
    Raises UploadTooLarge (bytes) and UploadInvalid (not_an_image, damaged, too_many_pixels, too_slow).
    """
    if len(data) > max_bytes:
        raise UploadTooLarge(size=len(data), limit=max_bytes)
    if not _looks_like_image(data[:12]):
        raise UploadInvalid(reason="not_an_image")
    command = [sys.executable, "-I", "-S", "-B", str(CAGE), str(MAX_PIXELS), json.dumps([p for p in sys.path if p])]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=WALL_SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise UploadInvalid(reason="too_slow") from error
    return _verdict(done)


def _looks_like_image(head: bytes) -> bool:
    """By the first bytes alone: PNG, JPEG or WebP."""
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _verdict(done: subprocess.CompletedProcess[bytes]) -> bytes:
    raise NotImplementedError
