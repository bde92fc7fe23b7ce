"""Small pictures of clips beside the lines of an answer."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from bot.card import Media
from bot.slack_app.places import Workspace
from bot.slack_app.stills import POSTER, Picture, Stills
from inference.types import JobId

SECONDS = 4.0
"""How long an answer waits for its pictures; those that are not ready are missing in it."""
KEPT, LIVES = 200, 3600.0
"""How many, and for how many seconds: an answer that one member alone sees does not live long."""


class Posters:
    def __init__(self, stills: Stills) -> None:
        self._stills = stills
        self._known: OrderedDict[tuple[Workspace, JobId], tuple[float, Picture]] = OrderedDict()

    async def of(self, workspace: Workspace, gallery: Sequence[Media]) -> Mapping[JobId, Picture]:
        """Those that are ready in a moment. Whoever asks has been shown the gallery by the service."""
        self._sweep()
        missing = [media for media in gallery if (workspace, media.job) not in self._known]
        if missing and not self._stills.rests(workspace):
            making = [self._stills.begin(self._make(workspace, media)) for media in missing]
            # Those that come later are there for the next one who asks.
            await asyncio.wait(making, timeout=SECONDS)
        found = {media.job: self._known.get((workspace, media.job)) for media in gallery}
        return {clip: known[1] for clip, known in found.items() if known is not None}

    def forget(self, clip: JobId) -> None:
        """The clip was deleted."""
        for key in [key for key in self._known if key[1] == clip]:
            self._drop(key)

    async def _make(self, workspace: Workspace, media: Media) -> None:
        picture = await self._stills.made(workspace, media, f"{POSTER}{media.job}.jpg")
        if picture is not None:
            self._known[workspace, media.job] = (time.monotonic(), picture)

    def _sweep(self) -> None:
        """Those that are old, or too many."""
        oldest = time.monotonic() - LIVES
        for key in [key for key, (made, _) in self._known.items() if made < oldest]:
            self._drop(key)
        while len(self._known) > KEPT:
            self._drop(next(iter(self._known)))

    def _drop(self, key: tuple[Workspace, JobId]) -> None:
        _, picture = self._known.pop(key)
        self._stills.begin(self._stills.discard(key[0], [picture.file]))
