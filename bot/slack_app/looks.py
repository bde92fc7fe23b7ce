"""Looks at running jobs: a picture in the job's message, and a newer one in its place."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from bot.card import Media
from bot.slack_app.places import Workspace
from bot.slack_app.stills import PREVIEW, Picture, Stills
from inference.types import Variant

LOOK_SECONDS = 10.0
"""At most one look at a job in this time: each is four calls of Slack's API, and is seen at the next change."""
A_MINUTE = 12
"""Of all jobs of a workspace together: Slack allows about fifty of the rarest of these calls."""


@dataclass(slots=True, kw_only=True)
class _Look:
    """The newest look at a job, in one message."""

    shown: Picture | None = None
    revision: int = 0
    #: When the next may be begun.
    due: float = 0.0
    making: asyncio.Task[None] | None = None
    #: Files that the message may still show.
    old: list[str] = field(default_factory=list)


class Looks:
    #: See `LOOK_SECONDS`.
    pause = LOOK_SECONDS

    def __init__(self, stills: Stills) -> None:
        self._stills = stills
        self._looks: dict[str, _Look] = {}
        #: When looks were begun.
        self._begun: defaultdict[Workspace, deque[float]] = defaultdict(deque)

    def newest(self, workspace: Workspace, message: str, media: Media | None) -> Picture | None:
        """What the message can show now. A newer one is begun where it is time for that, for the next change."""
        if media is None or media.variant != Variant.PREVIEW:
            return None
        look = self._looks.setdefault(message, _Look())
        if media.revision > look.revision and look.making is None and self._may_begin(workspace, look):
            look.due = time.monotonic() + self.pause
            look.making = self._stills.begin(self._make(workspace, look, media))
        return look.shown

    def showed(self, workspace: Workspace, message: str) -> None:
        """The message shows the newest now: those before it can go."""
        look = self._looks.get(message)
        if look is not None and look.old:
            old, look.old = look.old, []
            self._stills.begin(self._stills.discard(workspace, old))

    def refused(self, workspace: Workspace, message: str) -> None:
        """Slack took no picture in the message: none is tried for a while."""
        self._stills.rest(workspace)
        self.ended(workspace, message)

    def ended(self, workspace: Workspace, message: str) -> None:
        """The message shows no look any more."""
        look = self._looks.pop(message, None)
        if look is not None:
            self._stills.begin(self._clear(workspace, look))

    async def _make(self, workspace: Workspace, look: _Look, media: Media) -> None:
        try:
            picture = await self._stills.made(workspace, media, f"{PREVIEW}{media.job}-{media.revision}.gif")
        finally:
            look.making = None
        if picture is not None:
            if look.shown is not None:
                look.old.append(look.shown.file)
            look.shown, look.revision = picture, media.revision

    async def _clear(self, workspace: Workspace, look: _Look) -> None:
        if look.making is not None:
            making = look.making
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)
        shown = [] if look.shown is None else [look.shown.file]
        await self._stills.discard(workspace, [*look.old, *shown])

    def _may_begin(self, workspace: Workspace, look: _Look) -> bool:
        now = time.monotonic()
        if now < look.due or self._stills.rests(workspace):
            return False
        begun = self._begun[workspace]
        while begun and begun[0] <= now - 60:
            begun.popleft()
        if len(begun) >= A_MINUTE:
            return False
        begun.append(now)
        return True
