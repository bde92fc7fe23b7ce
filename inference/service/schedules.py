"""Clips asked for in advance: kept for their members, and submitted when their time has come.

A run is claimed for a while, submitted under the key `schedule:ID:TIME`, and settled. Wherever a process dies in
between, the claim runs out and another does the same again: the key finds the job that there is, and a run is settled
once. So a run makes one job at most, however many processes there are and whatever becomes of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from inference.errors import (
    InvalidValue,
    NotFound,
    RateExceeded,
    RequestRejected,
    ServiceUnavailable,
    TooManyJobs,
    TooManySchedules,
)
from inference.limits import check_operation, told_as_of
from inference.protocols import Due, DueBook, JobBook, NoticeDraft, Ran, ScheduleBook, ScheduleDraft, ScheduledRun
from inference.service.admission import Admission
from inference.service.members import Members, Standing
from inference.times import first_run, next_run, settled
from inference.types import (
    Generate,
    Job,
    OperationKind,
    Requester,
    Schedule,
    ScheduleId,
    ScheduleState,
    Tier,
    When,
)

CLAIM = timedelta(seconds=60)
"""What a process has to submit a run before another may; also how long one waits that has to wait."""
LATEST = timedelta(hours=1)
"""How late a run may begin: one that was missed for longer is left out, and its member is told."""
ROLES_HOLD = timedelta(days=30)
"""How long roles and bought things count that the chat told; nobody asks it when a run is due."""
MOST_REFUSALS = 3
"""In a row; then a schedule is suspended."""
SHOWN = 80
"""Characters of a prompt in a notice."""

_log = structlog.get_logger(__name__)


class ScheduleRows(ScheduleBook, DueBook, Protocol):
    """All rows of schedules."""


class Planned:
    """Implements Schedules for the service, and runs what is due."""

    def __init__(self, *, rows: ScheduleRows, jobs: JobBook, admission: Admission, members: Members) -> None:
        self._rows = rows
        self._jobs = jobs
        self._admission = admission
        self._members = members

    # --- Schedules

    async def schedule(
        self, operation: Generate, when: When, requester: Requester, reply_to: str, key: str | None
    ) -> Schedule:
        if operation.image is not None:
            raise InvalidValue(
                name="image", value="an image", allowed="no image: words alone can be asked for in advance"
            )
        standing = await self._members.standing(requester)
        self._check_tier(standing)
        await self._admission.rehearse(operation, requester)
        zone = standing.member.settings.or_else(standing.here.policy.defaults).timezone or "UTC"
        now = await self._rows.now()
        draft = ScheduleDraft(
            id=ScheduleId(f"sched_{secrets.token_hex(4)}"),
            member=standing.member.id,
            requester=requester,
            reply_to=reply_to,
            operation=operation,
            when=settled(when, zone, now),
            zone=zone,
            next_at=first_run(when, zone, now),
            idempotency_key=key,
        )
        most = standing.tier.max_schedules
        kept = await self._rows.add(draft, most)
        if kept is None:
            assert most is not None
            lifted_by = standing.allowed.tiers.lifted_by(lambda tier: _keeps_more(tier, most))
            with told_as_of(standing.allowed):
                raise TooManySchedules(tier=standing.tier.name, limit=most, lifted_by=lifted_by)
        _log.info("scheduled", schedule=kept.id, platform=requester.place.platform)
        return kept

    async def schedules(self, requester: Requester) -> Sequence[Schedule]:
        """Whoever looks at them is known to hold their roles now."""
        member = await self._members.find(requester)
        if member is None:
            return ()
        found = await self._rows.of(member)
        if found:
            await self._rows.tell_roles(member, requester)
        return found

    async def cancel(self, schedule: ScheduleId, requester: Requester) -> Schedule:
        member = await self._members.find(requester)
        ended = None if member is None else await self._rows.end(schedule, member)
        if ended is None:
            raise NotFound(what="schedule", id=schedule[:40])
        return ended

    def _check_tier(self, standing: Standing) -> None:
        """Raises OperationNotInTier."""
        with told_as_of(standing.allowed):
            check_operation(OperationKind.SCHEDULE, tier=standing.tier, tiers=standing.allowed.tiers)

    # --- What is due

    async def run_due(self) -> int:
        """Submit what is due and settle it; how many runs became a job."""
        made = 0
        while due := await self._rows.claim_due(CLAIM):
            for one in due:
                made += await self._run_calmly(one)
        return made

    async def _run_calmly(self, due: Due) -> bool:
        try:
            return await self._run(due)
        except ServiceUnavailable:
            raise
        except Exception:  # noqa: BLE001  # one that nobody foresaw may not hold up the others; it is claimed again
            _log.exception("schedule failed", schedule=due.schedule.id)
            return False

    async def _run(self, due: Due) -> bool:
        schedule = due.schedule
        requester = schedule.requester
        if due.now - schedule.told_at > ROLES_HOLD:
            requester = replace(requester, roles=(), entitlements=())
        key = f"schedule:{schedule.id}:{due.at.isoformat()}"
        job = await self._known(requester, key)
        if job is None and due.now - due.at > LATEST:
            await self._settle(due, notice=NoticeDraft(code="schedule_missed", fields=_told(due)))
            return False
        try:
            if job is None:
                standing = await self._members.known(requester)
                if standing is None:  # forgotten since it was claimed, and the schedule with them
                    return False
                self._check_tier(standing)
                run = ScheduledRun(schedule=schedule.id, at=due.at)
                job = await self._admission.submit(schedule.operation, requester, schedule.reply_to, key, run)
        except RequestRejected as refusal:
            if not isinstance(refusal, TooManyJobs | RateExceeded) or due.now + CLAIM - due.at > LATEST:
                await self._refused(due, refusal)
            return False  # else it waits for the member's other clips, until the claim has run out
        await self._settle(due, job=job)
        _log.info("schedule ran", schedule=schedule.id, job=job.id)
        return True

    async def _known(self, requester: Requester, key: str) -> Job | None:
        """What the run became before a process died over it."""
        member = await self._members.find(requester)
        return None if member is None else await self._jobs.by_key(member, key)

    async def _refused(self, due: Due, refusal: RequestRejected) -> None:
        """Told once in a row, and once more when it is suspended."""
        refusals = due.schedule.refusals + 1
        told = (
            _told(due) | {"error": refusal.code} | {f"error.{name}": value for name, value in refusal.values().items()}
        )
        suspended = refusals >= MOST_REFUSALS
        code = "schedule_suspended" if suspended else "schedule_refused"
        notice = NoticeDraft(code=code, fields=told) if suspended or refusals == 1 else None
        await self._settle(due, refusals=refusals, suspended=suspended, notice=notice)
        _log.info("schedule refused", schedule=due.schedule.id, code=refusal.code, refusals=refusals)

    async def _settle(
        self,
        due: Due,
        *,
        job: Job | None = None,
        refusals: int = 0,
        suspended: bool = False,
        notice: NoticeDraft | None = None,
    ) -> None:
        """Runs that were missed meanwhile are left out: the next one is still to come."""
        schedule = due.schedule
        next_at = None if suspended else next_run(schedule.when, schedule.zone, max(due.now, due.at))
        active = ScheduleState.ENDED if next_at is None else ScheduleState.ACTIVE
        await self._rows.ran(
            Ran(
                schedule=schedule.id,
                at=due.at,
                next_at=next_at,
                state=ScheduleState.SUSPENDED if suspended else active,
                refusals=refusals,
                job=None if job is None else job.id,
                notice=notice,
            )
        )


def _keeps_more(tier: Tier, than: int) -> bool:
    may = OperationKind.SCHEDULE in tier.operations
    return may and (tier.max_schedules is None or tier.max_schedules > than)


def _told(due: Due) -> dict[str, str | int | float]:
    schedule = due.schedule
    prompt = schedule.operation.prompt
    return {
        "schedule": schedule.id,
        "prompt": prompt if len(prompt) <= SHOWN else f"{prompt[: SHOWN - 1]}…",
        "at": due.at.isoformat(),
        "zone": schedule.zone,
    }
