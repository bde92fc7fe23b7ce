"""Columns of a member's status, and what of it holds now."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from inference.types import MemberState, MemberStatus
from storage.rows import moment
from storage.tables import MemberRow


def status_value(row: MemberRow, now: float) -> MemberStatus:
    """What holds at `now`."""
    if row.status_until is not None and row.status_until <= now:
        return MemberStatus()
    until = None if row.status_until is None else moment(row.status_until)
    return MemberStatus(state=MemberState(row.status), until=until, reason=row.status_reason)


def status_columns(status: MemberStatus) -> dict[str, str | float | None]:
    return {
        "status": status.state,
        "status_until": None if status.until is None else status.until.timestamp(),
        "status_reason": status.reason,
    }


def may_ask(now: ColumnElement[float]) -> ColumnElement[bool]:
    """Of a member's row: neither suspended nor banned."""
    return or_(col(MemberRow.status) == MemberState.ACTIVE, col(MemberRow.status_until) <= now)
