"""What Discord's errors mean to us, by its JSON codes. Whoever asked Discord for something mends by the fault."""

from __future__ import annotations

import asyncio
from enum import StrEnum, auto

import aiohttp
import discord

from bot.platform import MessageGone
from inference.errors import DeliveryError


class Fault(StrEnum):
    #: The interaction's token is unknown or older than 15 minutes.
    TOKEN = auto()
    #: Somebody acknowledged already.
    ACKNOWLEDGED = auto()
    #: The channel or server is gone, or we may not write there.
    PLACE = auto()
    #: The message is gone.
    MESSAGE = auto()
    #: The member takes no direct messages.
    DM_CLOSED = auto()
    #: The thread sleeps: nothing in it can be edited, and sending wakes it.
    ARCHIVED = auto()
    #: The thread sleeps, and sending does not wake it.
    LOCKED = auto()
    #: A message has one thread, and this one has it.
    HAS_THREAD = auto()
    #: No reply without Read Message History.
    NO_REPLY = auto()
    #: AutoMod refused the words.
    WORDS = auto()
    #: The file or the request is too large.
    SIZE = auto()
    #: Edits of a message older than an hour are few.
    OLD_EDIT = auto()
    #: Later it may work.
    BUSY = auto()
    REFUSED = auto()


BY_CODE = {
    10062: Fault.TOKEN, 10015: Fault.TOKEN, 50027: Fault.TOKEN,
    40060: Fault.ACKNOWLEDGED,
    50001: Fault.PLACE, 50013: Fault.PLACE, 10003: Fault.PLACE, 10004: Fault.PLACE,
    10008: Fault.MESSAGE,
    50007: Fault.DM_CLOSED,
    50083: Fault.ARCHIVED,
    160005: Fault.LOCKED,
    160004: Fault.HAS_THREAD,
    160002: Fault.NO_REPLY,
    200000: Fault.WORDS, 200001: Fault.WORDS, 240000: Fault.WORDS,
    40005: Fault.SIZE,
    30046: Fault.OLD_EDIT,
}  # fmt: skip

BUSY_STATUS = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError, discord.RateLimited)
TROUBLE = (discord.HTTPException, *NETWORK)
"""What a call of discord.py may raise that is no mistake of ours."""


def fault_of(error: BaseException) -> Fault:
    """What to do about one of `TROUBLE`."""
    if not isinstance(error, discord.HTTPException):
        return Fault.BUSY
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    if error.status == 413:
        return Fault.SIZE
    if error.status in BUSY_STATUS:
        return Fault.BUSY
    return Fault.PLACE if error.status == 403 else Fault.REFUSED


def as_delivery_error(error: BaseException) -> DeliveryError:
    """The same in the words of the port: MessageGone, or whether it can work later."""
    fault = fault_of(error)
    if fault == Fault.MESSAGE:
        return MessageGone(detail=str(error))
    return DeliveryError(detail=str(error), retryable=fault in {Fault.BUSY, Fault.OLD_EDIT})
