"""Rows to values: what leaves this package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlmodel import col

from inference.codec import from_json
from inference.errors import InvalidValue
from inference.types import (
    Charge,
    Clip,
    Job,
    JobFailure,
    JobId,
    JobStatus,
    MemberId,
    Operation,
    Place,
    Progress,
    Recipe,
    Requester,
    Size,
)
from storage.ledger import Month
from storage.tables import ClipRow, JobRow, Row

R = TypeVar("R", bound=Row)


def moment(seconds: float) -> datetime:
    """A stored time as an aware one."""
    return datetime.fromtimestamp(seconds, UTC)


def to_come(until: datetime | None, now: float) -> float | None:
    """A moment that something ends, as it is stored. Raises InvalidValue where it has passed."""
    if until is None:
        return None
    if until.timestamp() <= now:
        raise InvalidValue(name="until", value=until.isoformat(), allowed="a time that is still to come")
    return until.timestamp()


def fetch(connection: Connection, table: type[R], statement: Any) -> list[R]:
    """Rows of a `select(table)`, typed."""
    return [table(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001  # its public name


def fetch_job(connection: Connection, job: str) -> JobRow | None:
    found = fetch(connection, JobRow, select(JobRow).where(col(JobRow.id) == job))
    return found[0] if found else None


def known_job(connection: Connection, job: str) -> Job:
    """The value of a job that is known to be there."""
    row = fetch_job(connection, job)
    assert row is not None, f"job {job} vanished"
    return load_jobs(connection, [row])[0]


def load_jobs(connection: Connection, rows: Sequence[JobRow]) -> list[Job]:
    """The values of `rows`, in their order, with the clips of those that succeeded."""
    made = [row.id for row in rows if row.status == JobStatus.SUCCEEDED]
    clips: dict[str, ClipRow] = {}
    if made:
        standing = select(ClipRow).where(col(ClipRow.id).in_(made), col(ClipRow.removed_at).is_(None))
        clips = {row.id: row for row in fetch(connection, ClipRow, standing)}
    return [job_value(row, clips.get(row.id)) for row in rows]


def job_value(row: JobRow, clip: ClipRow | None = None) -> Job:
    return Job(
        id=JobId(row.id),
        member=MemberId(row.member_id),
        requester=from_json(Requester, row.requester),
        reply_to=row.reply_to,
        operation=from_json(Operation, row.operation),
        recipe=from_json(Recipe, row.recipe),
        tier=row.tier,
        status=JobStatus(row.status),
        charge=charge_value(row),
        attempt=row.attempt,
        cancel_requested=row.cancel_requested,
        created_at=moment(row.created_at),
        started_at=None if row.started_at is None else moment(row.started_at),
        finished_at=None if row.finished_at is None else moment(row.finished_at),
        progress=None if row.progress is None else from_json(Progress, row.progress),
        failure=None if row.failure is None else from_json(JobFailure, row.failure),
        clip=None if clip is None else clip_value(clip),
        removed=row.removed_at is not None,
        forgotten=row.forgotten_at is not None,
    )


def charge_value(row: JobRow) -> Charge:
    """The charge as it was told at admission."""
    return Charge(
        clips=row.clips,
        used=row.used_then,
        limit=row.limit_then,
        month=row.month,
        resets_at=Month.parse(row.month).ends_at,
    )


def clip_value(row: ClipRow) -> Clip:
    return Clip(
        id=JobId(row.id),
        member=MemberId(row.member_id),
        author=row.author,
        parent=None if row.parent_id is None else JobId(row.parent_id),
        root=JobId(row.root_id),
        text=row.text,
        recipe=from_json(Recipe, row.recipe),
        size=Size(width=row.width, height=row.height),
        native_size=Size(width=row.native_width, height=row.native_height),
        num_frames=row.num_frames,
        fps=row.fps,
        seed=row.seed,
        preset=row.preset,
        private=row.private,
        place=Place(platform=row.platform, workspace=row.workspace, channel=row.channel),
        video_bytes=row.video_bytes,
        created_at=moment(row.created_at),
        seconds_taken=row.seconds_taken,
    )
