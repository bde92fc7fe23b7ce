"""What only who runs the deployment asks: tiers, refunds, models."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import inference
from bot.cli.outcome import CommandFailed, CommandRefused
from bot.cli.studio import ME, studio
from bot.commands import ends
from bot.commands import values as read
from bot.settings import Settings
from inference import passes
from inference.errors import InvalidValue
from inference.types import (
    Account,
    AccountChange,
    GrantTier,
    Identity,
    JobId,
    MemberStatus,
    Refund,
    SetStatus,
)
from inference.wire import LINK_LIVES, LINK_PURPOSE, PAGE

ROOT = Path(inference.__file__).parent
IDENTITY = re.compile(r"[a-z]+:\S{1,200}")


def end_of(until: str | None, days: float | None) -> datetime | None:
    """From `--until` or `--days`; None: it stays. Raises InvalidValue."""
    return ends.end_of(until, days, prefix="--")


def beginning_of(after: str | None) -> datetime | None:
    """From `--after`: a day, which belongs to it, or a time. Raises InvalidValue."""
    return None if after is None else ends.moment("--after", after, timedelta(0))


def identity_of(text: str, name: str = "IDENTITY") -> Identity:
    """Raises InvalidValue."""
    if not IDENTITY.fullmatch(text):
        raise InvalidValue(name=name, value=text, allowed="allowed-identity")
    return Identity(text)


async def grant(settings: Settings, identity: str, change: GrantTier) -> dict[str, Any]:
    account = await _changed(settings, identity, change)
    return {
        "identity": identity,
        "member": account.member,
        "granted": change.tier,
        "tier": account.tier.name,
        "until": None if account.tier_until is None else account.tier_until.isoformat(),
        "used": account.used,
        "limit": account.limit,
    }


async def set_status(settings: Settings, identity: str, status: MemberStatus) -> dict[str, Any]:
    account = await _changed(settings, identity, SetStatus(status=status))
    held = account.status
    return {
        "identity": identity,
        "member": account.member,
        "status": held.state.value,
        "until": None if held.until is None else held.until.isoformat(),
        "reason": held.reason,
    }


async def _changed(settings: Settings, identity: str, change: AccountChange) -> Account:
    whom = identity_of(identity)
    async with studio(settings) as client:
        return await client.change_account(change, ME, whom)


async def refund(settings: Settings, what: Sequence[str], reason: str) -> dict[str, Any]:
    """Clips by their ids, members by their identities."""
    jobs = tuple(JobId(read.clip("CLIP", one)) for one in what if ":" not in one)
    members = tuple(identity_of(one) for one in what if ":" in one)
    async with studio(settings) as client:
        refunded = await client.refund(Refund(jobs=jobs, members=members, reason=reason), ME)
    return {"jobs": list(refunded.jobs), "clips": refunded.clips, "reason": reason}


def page_link(settings: Settings) -> dict[str, Any]:
    """Signed here, with the key of this data folder. Raises CommandRefused where nobody has made one."""
    key = settings.service.key.get_secret_value() if settings.service.key else settings.operator_key()
    if key is None:
        raise CommandRefused(f"There is no key in {settings.data_dir} yet: threadreel up makes it at its first start.")
    pass_ = passes.give(key, LINK_PURPOSE, LINK_LIVES)
    root = settings.service_url.rstrip("/").removesuffix("/v1")
    return {"url": f"{root}{PAGE}/enter?pass={pass_}", "seconds": int(LINK_LIVES.total_seconds())}


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
