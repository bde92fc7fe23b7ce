"""What an operator may say of a member's status."""

from __future__ import annotations

from datetime import UTC, datetime

from inference.errors import InvalidValue
from inference.service.operators import check_reason
from inference.types import OPERATORS, Identity, MemberState, MemberStatus

MAX_REASON = 200
"""Characters of a reason: it is told in one sentence."""


def check_status(identity: Identity, status: MemberStatus) -> None:
    """Raises InvalidValue: a suspension ends some day, and who may not ask is told why."""
    if identity in OPERATORS:
        raise InvalidValue(name="member", value=identity, allowed="a member who is no operator")
    if (status.state is MemberState.SUSPENDED) != (status.until is not None):
        raise InvalidValue(
            name="until", value=str(status.until or ""), allowed="an end of a suspension, and of no other"
        )
    if status.until is not None and (status.until.tzinfo is None or status.until <= datetime.now(UTC)):
        raise InvalidValue(name="until", value=str(status.until), allowed="a time to come, with its zone")
    if status.is_active:
        check_reason(status.reason)
    elif not 0 < len(status.reason.strip()) <= MAX_REASON:
        shown = f"{len(status.reason)} characters" if status.reason.strip() else ""
        raise InvalidValue(name="reason", value=shown, allowed=f"1 to {MAX_REASON} characters, told to the member")
