"""How a job's message is known again: a number that its container bears, and a nonce while it is being sent."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable

import discord

from inference.types import JobId


def mark_of(job: JobId) -> int:
    """A component's id: 31 bits, never 0. Discord keeps it with the message and shows it to nobody."""
    return (zlib.crc32(job.encode()) & 0x7FFF_FFFF) or 1


def nonce_of(job: JobId, purpose: str) -> str:
    """At most 25 characters, the same after a crash: Discord answers a repeated one with the first message."""
    return hashlib.sha256(f"{job}/{purpose}".encode()).hexdigest()[:25]


def bears_mark(components: Iterable[discord.Component], mark: int) -> bool:
    return any(isinstance(part, discord.Container) and part.id == mark for part in components)
