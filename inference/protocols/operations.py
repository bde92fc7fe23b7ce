"""What operators look at and put right: of the service by the faces, and of the rows by the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.types import (
    AuditPage,
    AuditQuery,
    DayTally,
    JobId,
    Overview,
    Place,
    PresetSeconds,
    Refund,
    Refunded,
    Requester,
    Signature,
    UsageQuery,
    UsageReport,
    UsageRow,
)


class Operations(Protocol):
    """For operators, of everything. Managers of a server are told of their server alone, but no `overview`.

    Whoever is neither hears NotAllowed.
    """

    async def usage(self, query: UsageQuery, requester: Requester) -> UsageReport:
        """Raises InvalidValue for a month of another form."""
        ...

    async def plot(self, query: UsageQuery, requester: Requester) -> bytes:
        """The same as a PNG. Raises InvalidValue likewise."""
        ...

    async def refund(self, refund: Refund, requester: Requester) -> Refunded:
        """All of it or nothing. Managers: jobs of their server, where the operator lets them give tiers.

        Raises NotFound; AlreadyGivenBack; InvalidValue for a job that cost nothing, or without a reason;
        ServerNotTrusted.
        """
        ...

    async def audit(self, query: AuditQuery, requester: Requester) -> AuditPage: ...

    async def overview(self, requester: Requester) -> Overview:
        """For operators only."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the rows say of the last days, and of now."""

    #: Which worker holds which running job.
    held: Mapping[JobId, str]
    waiting: int
    clips: Sequence[DayTally]
    failures: Sequence[DayTally]
    presets: Sequence[PresetSeconds]
    month: str
    tiers: Sequence[UsageRow]


class OperationsBook(Protocol):
    """Service to the rows. A `place` narrows everything to its server."""

    async def usage(self, query: UsageQuery, place: Place | None = None) -> UsageReport:
        """Raises InvalidValue."""
        ...

    async def refund(self, refund: Refund, signed: Signature, place: Place | None = None) -> Refunded:
        """One transaction, written down for each job. Raises NotFound, AlreadyGivenBack, InvalidValue."""
        ...

    async def audit(self, query: AuditQuery, place: Place | None = None) -> AuditPage: ...

    async def figures(self, days: int) -> Figures:
        """Of the last `days` days, today's included."""
        ...
