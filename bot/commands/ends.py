"""When what is granted, given or blocked ends: a last day, a moment, or after some days."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from inference.errors import InvalidValue

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_DAYS = 3660


def end_of(until: str | None, days: float | None, *, prefix: str = "") -> datetime | None:
    """From a day, which still belongs to it, a time, or so many days; None: it stays. Raises InvalidValue.

    `prefix` stands before the options' names where they are refused.
    """
    if days is not None:
        if until is not None or not 0 < days <= MOST_DAYS:
            allowed = "allowed-days" if prefix else "allowed-until-or-days"
            raise InvalidValue(name=f"{prefix}days", value=f"{days:g}", allowed=allowed)
        return datetime.now(UTC) + timedelta(days=days)
    if until is None:
        return None
    end = moment(f"{prefix}until", until, timedelta(days=1))
    if end <= (now := datetime.now(UTC)):
        raise InvalidValue(name=f"{prefix}until", value=until, allowed=f"{now:%Y-%m-%d}, today, or later")
    return end


def moment(name: str, text: str, beyond_day: timedelta) -> datetime:
    """A day, UTC, with `beyond_day` added, or a time with its zone. Raises InvalidValue."""
    try:
        if DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC) + beyond_day
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise InvalidValue(name=name, value=text, allowed="allowed-until") from error
    if found.tzinfo is None:
        raise InvalidValue(name=name, value=text, allowed="allowed-until")
    return found.astimezone(UTC)
