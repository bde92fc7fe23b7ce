"""How often members ask for what is refused: it costs them nothing, and us a look, or a picture decoded."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from inference.errors import RateExceeded, RequestRejected
from inference.limits import lifted_by
from inference.tiers import TierTable
from inference.types import MemberId, Tier

MINUTE = 60.0


class Pace:
    """Requests of the last minute that became no job, by member.

    A tier's requests a minute count those that became one exactly, in the transaction that charges. These here are
    counted in this process alone, against the same figure: whoever is refused so often waits like who asks so often.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused: dict[MemberId, deque[float]] = {}

    def check(self, member: MemberId, tier: Tier, tiers: TierTable) -> None:
        """Raises RateExceeded."""
        if tier.requests_per_minute is None:
            return
        times = self._lately(member)
        if len(times) < tier.requests_per_minute:
            return
        in_the_way = times[-tier.requests_per_minute]
        rest = max(1, math.ceil(in_the_way + MINUTE - self._clock()))
        refusal = RateExceeded(tier=tier.name, limit=tier.requests_per_minute, retry_after=rest)
        refusal.lifted_by = lifted_by(refusal, tier, tiers)
        raise refusal

    def refused(self, member: MemberId, refusal: RequestRejected) -> None:
        """Count it, unless the refusal itself is about the pace: waiting then is enough."""
        if isinstance(refusal, RateExceeded):
            return
        self._forget()
        self._refused.setdefault(member, deque()).append(self._clock())

    def _lately(self, member: MemberId) -> deque[float]:
        times = self._refused.get(member, deque())
        since = self._clock() - MINUTE
        while times and times[0] <= since:
            times.popleft()
        return times

    def _forget(self) -> None:
        """Members who were not refused for a minute."""
        for member in [member for member in self._refused if not self._lately(member)]:
            del self._refused[member]
