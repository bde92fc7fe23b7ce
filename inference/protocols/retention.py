"""Service to the rows: what is kept no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from inference.types import JobId


class RetentionBook(Protocol):
    """What nobody needs any more, by the rows. Asking changes nothing."""

    async def orphans(self, blobs: Sequence[str]) -> Sequence[str]:
        """Those of `blobs` that no row accounts for: of jobs that there are not, and of attempts that lost their fence.

        Never what a running attempt writes, what a queued or running job will read, or what belongs to a clip.
        """
        ...

    async def expired(self, keep_days: Mapping[str, int], limit: int = 200) -> Sequence[JobId]:
        """Clips older than the tier with which they were made keeps them, by its name; the oldest first."""
        ...

    async def forget_latents(self, keep_days: Mapping[str, int]) -> int:
        """Forget what remixes of older clips would begin from; of how many clips. The blobs are orphans then."""
        ...
