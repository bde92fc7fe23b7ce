"""Who is next: weighted fair sharing of device seconds over members, with a bounded liking for the loaded preset.

Start-time fair queueing (Goyal, Vin, Cheng 1996). A member's *virtual time* is what they have been given so far in
device seconds divided by their tier's weight; the queue's store raises it at each claim, and lets a member who comes
back from a pause join level with the job that began last, so that nobody saves up a claim on the past. The next job is
the head of the queue of the member with the least virtual time, the older one among equals. A member with 500 queued
jobs therefore gets no more than their share as soon as someone else waits.

Loading a model takes long, so a job for the loaded preset may go before the fair head, within two bounds: its member
is at most `AFFINITY_VIRTUAL_SECONDS` further on, and it was queued at most `AFFINITY_WAIT` after the head. The second
bound makes the set of jobs that can ever pass a head finite, whatever arrives later: affinity cannot starve anyone.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from inference.protocols import Candidate
from inference.types import JobId, MemberId

AFFINITY_VIRTUAL_SECONDS = 20.0
"""About what reloading a model costs: worth passing that much of someone's share."""

AFFINITY_WAIT = timedelta(seconds=60)
"""How much later than the fair head a job may have been queued and still go before it."""


def choose(candidates: Sequence[Candidate], loaded_preset: str | None) -> JobId | None:
    """The job to claim among the heads of the members' queues; None where there are none. A `Chooser`."""
    if not candidates:
        return None
    head = min(candidates, key=_rank)
    liked = [candidate for candidate in candidates if candidate.preset == loaded_preset and _may_pass(candidate, head)]
    return min(liked, key=_rank, default=head).job


def _rank(candidate: Candidate) -> tuple[float, datetime, JobId]:
    return candidate.virtual_time, candidate.queued_at, candidate.job


def _may_pass(candidate: Candidate, head: Candidate) -> bool:
    return (
        candidate.virtual_time <= head.virtual_time + AFFINITY_VIRTUAL_SECONDS
        and candidate.queued_at <= head.queued_at + AFFINITY_WAIT
    )


_Turn = tuple[float, datetime, JobId]
"""When a job's turn comes: the virtual time of its member at that moment, the older first among equals. A bare tuple,
for thousands of them are compared while a command waits for its acknowledgement."""


class Forecast:
    """The order in which waiting jobs will run, loaded presets and newcomers aside; n jobs cost n log n once.

    A job's turn depends on its own member's queue alone, so that another job finds its place by bisection.
    """

    def __init__(self, candidates: Iterable[Candidate], seconds: Mapping[JobId, float] | None = None) -> None:
        """`candidates`: all waiting jobs, in any order. `seconds`: what jobs will take, where more is known than was
        charged to their member's share.
        """
        known = seconds or {}
        self._turn_of: dict[JobId, _Turn] = {}
        self._next_start: dict[MemberId, float] = {}
        waiting = sorted(candidates, key=lambda c: (c.queued_at, c.job))
        ranked = sorted((self._turn(one), known.get(one.job, one.device_seconds)) for one in waiting)
        self._turns = [turn for turn, _ in ranked]
        self._seconds = [seconds for _, seconds in ranked]

    def __len__(self) -> int:
        return len(self._turns)

    def __contains__(self, job: JobId) -> bool:
        return job in self._turn_of

    def add(self, candidate: Candidate) -> None:
        """One more waiting job, behind the others of its member."""
        turn = self._turn(candidate)
        place = bisect.bisect(self._turns, turn)
        self._turns.insert(place, turn)
        self._seconds.insert(place, candidate.device_seconds)

    def _turn(self, candidate: Candidate) -> _Turn:
        """The candidate's turn, behind what was seen of its member before."""
        start = self._next_start.get(candidate.member, candidate.virtual_time)
        self._next_start[candidate.member] = start + candidate.device_seconds / candidate.weight
        turn = (start, candidate.queued_at, candidate.job)
        self._turn_of[candidate.job] = turn
        return turn

    def order(self) -> list[JobId]:
        """All waiting jobs in the order in which they will run."""
        return [job for _, _, job in self._turns]

    def ahead_of(self, job: JobId) -> tuple[int, float]:
        """How many jobs run before this one, and their device seconds together. Raises KeyError for an unknown job."""
        place = bisect.bisect_left(self._turns, self._turn_of[job])
        return place, sum(self._seconds[:place])

    @property
    def least_virtual_time(self) -> float:
        """Where a member starts who joins now."""
        return self._turns[0][0] if self._turns else 0.0
