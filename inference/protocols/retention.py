"""Service to the rows: what is kept no longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class RetentionBook(Protocol):
    """What nobody needs any more, by the rows. Asking changes nothing."""

    async def orphans(self, blobs: Sequence[str]) -> Sequence[str]:
        """Those of `blobs` that no row accounts for: of jobs that there are not, and of attempts that lost their fence.

        Never what a running attempt writes, what a queued or running job will read, or what belongs to a clip.
        """
        ...
