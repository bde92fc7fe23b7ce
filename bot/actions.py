"""Ids of buttons: `v1:remix:JOB:0.9`. They outlive restarts and versions, so they carry their own version.

Who presses a button is authorised by the service like anyone else who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.commands.errors import ButtonUnknown
from inference.types import JobId

VERSION = "v1"


class Verb(StrEnum):
    REMIX = "remix"
    AGAIN = "again"
    INFO = "info"
    CANCEL = "cancel"
    DELETE = "delete"
    #: About the member, not about a job.
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    verb: Verb
    job: JobId
    #: A remix's strength.
    argument: str = ""

    def __str__(self) -> str:
        """At most 100 characters, as Discord asks."""
        return ":".join(part for part in (VERSION, self.verb, self.job, self.argument) if part)

    @classmethod
    def read(cls, text: str) -> Action:
        """Raises ButtonUnknown for an id of another version, or one that nobody made."""
        version, verb, job, argument = (*text.split(":", maxsplit=3), "", "", "", "")[:4]
        if version != VERSION or verb not in set(Verb) or not job:
            raise ButtonUnknown
        return cls(verb=Verb(verb), job=JobId(job), argument=argument)
