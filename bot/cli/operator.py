"""What only who runs the deployment asks: tiers, usage, models."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import inference
from bot.cli.outcome import CommandFailed
from bot.cli.studio import ME, studio
from bot.settings import Settings
from inference.errors import InvalidValue
from inference.types import GrantTier, Identity

ROOT = Path(inference.__file__).parent
IDENTITY = re.compile(r"[a-z]+:\S{1,200}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_DAYS = 3660
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def end_of_grant(until: str | None, days: float | None) -> datetime | None:
    """From `--until` (a day, which still belongs to it, or a time) or `--days`; None: it stays. Raises InvalidValue."""
    if days is not None:
        if until is not None or not 0 < days <= MOST_DAYS:
            raise InvalidValue(name="--days", value=f"{days:g}", allowed="allowed-days")
        return datetime.now(UTC) + timedelta(days=days)
    if until is None:
        return None
    try:
        if DAY.fullmatch(until):
            return datetime.fromisoformat(until).replace(tzinfo=UTC) + timedelta(days=1)
        moment = datetime.fromisoformat(until)
    except (ValueError, OverflowError) as error:
        raise InvalidValue(name="--until", value=until, allowed="allowed-until") from error
    if moment.tzinfo is None:
        raise InvalidValue(name="--until", value=until, allowed="allowed-until")
    return moment.astimezone(UTC)


async def set_tier(settings: Settings, identity: str, tier: str | None, until: datetime | None) -> dict[str, Any]:
    if not IDENTITY.fullmatch(identity):
        raise InvalidValue(name="IDENTITY", value=identity, allowed="allowed-identity")
    async with studio(settings, workers=False) as client:
        account = await client.change_account(GrantTier(tier=tier, until=until), ME, Identity(identity))
    return {
        "identity": identity,
        "member": account.member,
        "granted": tier,
        "tier": account.tier.name,
        "until": None if account.tier_until is None else account.tier_until.isoformat(),
        "used": account.used,
        "limit": account.limit,
    }


async def usage(settings: Settings, month: str | None) -> dict[str, Any]:
    if month is not None and not MONTH.fullmatch(month):
        raise InvalidValue(name="--month", value=month, allowed="allowed-month")
    async with studio(settings, workers=False) as client:
        rows = await client.usage(ME, month)
    return {
        "month": rows[0].month if rows else month,
        "members": [
            {
                "member": row.member,
                "identities": list(row.identities),
                "tier": row.tier,
                "used": row.used,
                "jobs": {str(status): count for status, count in row.jobs.items()},
            }
            for row in rows
        ],
    }


def show_usage(result: dict[str, Any]) -> None:
    if not result["members"]:
        print("Nobody used anything in that month.")
        return
    table = Table(title=result["month"])
    for heading in ("member", "tier", "clips", "jobs"):
        table.add_column(heading)
    for row in result["members"]:
        jobs = ", ".join(f"{count} {status}" for status, count in row["jobs"].items())
        table.add_row(", ".join(row["identities"]), row["tier"], str(row["used"]), jobs)
    Console().print(table)


def models(settings: Settings) -> list[dict[str, Any]]:
    """The preset table as data: the rules themselves are the service's."""
    file = settings.presets_file or ROOT / "presets.toml"
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandFailed(f"The presets in {file} cannot be read: {error}") from error
    default = settings.default_preset or next(iter(rows), None)
    return [_model(name, row, is_default=name == default) for name, row in rows.items()]


def _model(name: str, row: dict[str, Any], *, is_default: bool) -> dict[str, Any]:
    source = str(row.get("source", ""))
    return {
        "preset": name,
        "title": row.get("title", name),
        "default": is_default,
        "source": source,
        "license": row.get("license", ""),
        "fps": row.get("fps"),
        "operations": row.get("operations", []),
        "here": is_here(source),
    }


def is_here(source: str) -> bool:
    """Whether the model's files are on this machine: in its folder, or in the hub's cache."""
    folder = ROOT.parent / source
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub")) / f"models--{source.replace('/', '--')}"
    return (folder / "model_index.json").is_file() or any(cache.glob("snapshots/*/model_index.json"))


def show_models(known: Sequence[dict[str, Any]]) -> None:
    table = Table()
    for heading in ("preset", "model", "here", "licence", "from"):
        table.add_column(heading, overflow="fold")
    for row in known:
        name = f"{row['preset']} (default)" if row["default"] else row["preset"]
        table.add_row(name, row["title"], "yes" if row["here"] else "no", row["license"], row["source"])
    Console().print(table)
