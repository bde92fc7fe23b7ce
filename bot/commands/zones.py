"""Time zones as people write them: `Asia/Tokyo`, `tokyo`, `東京`."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.commands.values import plain
from inference.errors import InvalidValue

WORDS = {"東京": "Asia/Tokyo", "日本": "Asia/Tokyo", "日本時間": "Asia/Tokyo", "jst": "Asia/Tokyo", "協定世界時": "UTC"}
COMMON = (
    "UTC", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
    "Asia/Kolkata", "Asia/Shanghai", "Asia/Seoul", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
"""To choose from; every other can be typed."""


def zone(name: str, text: str) -> str:
    """Its IANA name; a city will do where only one zone bears it. Raises InvalidValue."""
    said = plain(text).replace(" ", "_")
    if said in WORDS:
        return WORDS[said]
    found = _by_word().get(said, ())
    if len(found) != 1:
        raise InvalidValue(name=name, value=text, allowed="allowed-timezone")
    return found[0]


def zones_like(text: str, most: int) -> list[str]:
    """Names that hold these words, the common ones first."""
    said = plain(text).replace(" ", "_")
    if said in WORDS:
        return [WORDS[said]]
    known = [*COMMON, *sorted(available_timezones() - set(COMMON))]
    return [zone for zone in known if said in zone.lower() and not zone.startswith("Etc/")][:most]


def local_zone(name: str | None) -> ZoneInfo:
    """The member's; UTC where they chose none."""
    return ZoneInfo(name or "UTC")


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    """Zones by their whole names, and by their cities, in small letters."""
    known = available_timezones()
    found: dict[str, tuple[str, ...]] = {}
    for zone in sorted(known):
        city = zone.rpartition("/")[2].lower()
        if "/" in zone and not zone.startswith("Etc/"):
            found[city] = (*found.get(city, ()), zone)
    return found | {zone.lower(): (zone,) for zone in known}
