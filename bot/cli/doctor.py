"""What is there, what is missing, and how to get it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.markup import escape
from yarl import URL

from bot.cli.operator import models
from bot.cli.outcome import CommandFailed
from bot.cli.studio import NEEDED
from bot.settings import Settings

DISK_NEEDED = 2 * 1024**3
"""Bytes: room for a database and some hundred clips."""
TORCH_SECONDS = 120
TORCH_QUESTION = (
    "import torch; c = torch.cuda.is_available(); "
    "print(torch.__version__, '|', torch.cuda.get_device_name(0) if c else 'cpu')"
)


class State(StrEnum):
    OK = "ok"
    #: Works without it.
    OPTIONAL = "optional"
    #: Was set up and does not work; the playground does without it.
    BROKEN = "broken"
    #: The local playground cannot work.
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    name: str
    state: State
    says: str
    #: How to get it; empty where nothing is to be done.
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding after the other, as it is made: asking torch takes seconds."""
    yield _python()
    yield from _inference()
    yield from _models(settings)
    yield _data_dir(settings)
    yield _disk(settings)
    yield from _ports(settings)
    yield from _discord(settings)
    yield from _slack(settings)


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether the local playground can work, and everything that was set up besides."""
    return all(finding.state in {State.OK, State.OPTIONAL} for finding in findings)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"ok": is_well(findings), "findings": [asdict(finding) for finding in findings]}


def show(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Print each as it comes, and what they amount to; the findings."""
    console = Console(highlight=False, soft_wrap=True)
    marks = {State.OK: "[green]✓[/]", State.OPTIONAL: "[yellow]–[/]"}
    shown = []
    for finding in findings:
        shown.append(finding)
        console.print(f"{marks.get(finding.state, '[red]✗[/]')} [bold]{finding.name}[/]  {escape(finding.says)}")
        if finding.mend:
            console.print(f"  [dim]{escape(finding.mend)}[/]")
    if missing := _named(shown, State.MISSING):
        console.print(f"\nThe playground cannot work yet; missing: {escape(missing)}.")
    else:
        console.print("\nThe playground can work: threadreel up. What has a – is optional.")
    if broken := _named(shown, State.BROKEN):
        console.print(f"Set up, and not working yet: {escape(broken)}.")
    return tuple(shown)


def _named(findings: Iterable[Finding], state: State) -> str:
    return ", ".join(dict.fromkeys(finding.name for finding in findings if finding.state == state))


def _python() -> Finding:
    version = sys.version.split()[0]
    fits = (3, 11) <= sys.version_info[:2] < (3, 13)
    mend = "" if fits else "Use Python 3.11 or 3.12."
    return Finding(name="Python", state=State.OK if fits else State.MISSING, says=version, mend=mend)


def _inference() -> Iterator[Finding]:
    """The libraries that make clips, and the device that they find. torch is asked in a process of its own."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        mend = "pip install 'threadreel[inference]', or in a checkout: make setup"
        yield Finding(name="Inference", state=State.MISSING, says=f"{', '.join(missing)} missing", mend=mend)
        return
    yield Finding(name="Inference", state=State.OK, says="torch, diffusers and PyAV (no ffmpeg program is needed)")
    asked = subprocess.run(
        [sys.executable, "-c", TORCH_QUESTION], capture_output=True, text=True, timeout=TORCH_SECONDS, check=False
    )
    if asked.returncode != 0:
        says = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        yield Finding(name="torch", state=State.MISSING, says=says, mend="Set up anew: make clean setup")
        return
    version, _, device = asked.stdout.strip().partition(" | ")
    yield Finding(name="torch", state=State.OK, says=version)
    if device == "cpu":
        mend = "For larger models: an NVIDIA card with its driver, and the CUDA build of torch."
        yield Finding(name="GPU", state=State.OPTIONAL, says="none; the built-in model runs on the CPU", mend=mend)
    else:
        yield Finding(name="GPU", state=State.OK, says=device)


def _models(settings: Settings) -> Iterator[Finding]:
    try:
        known = models(settings)
    except CommandFailed as error:
        yield Finding(name="Models", state=State.MISSING, says=str(error))
        return
    for model in known:
        name, source = f"Model {model['preset']}", model["source"]
        if model["here"]:
            yield Finding(name=name, state=State.OK, says=source)
        elif source.count("/") == 1:
            says = f"{source} is not on this machine yet"
            mend = f"It is fetched at its first use, or now: hf download {source}"
            yield Finding(name=name, state=State.MISSING if model["default"] else State.OPTIONAL, says=says, mend=mend)
        else:
            mend = "Put the model there, or choose another default_preset."
            state = State.MISSING if model["default"] else State.OPTIONAL
            yield Finding(name=name, state=state, says=f"there is no model in {source}", mend=mend)


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    nearest = next(parent for parent in (folder.resolve(), *folder.resolve().parents) if parent.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding(name="Data", state=State.OK, says=str(folder))
    mend = "Name another with --data-dir or THREADREEL_DATA_DIR."
    return Finding(name="Data", state=State.MISSING, says=f"{folder} cannot be written", mend=mend)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(nearest).free
    says = f"{free / 1024**3:.1f} GiB free"
    if free >= DISK_NEEDED:
        return Finding(name="Disk", state=State.OK, says=says)
    return Finding(name="Disk", state=State.OPTIONAL, says=says, mend="Clips need room: about 1 MB each.")


def _ports(settings: Settings) -> Iterator[Finding]:
    url = settings.announced_url
    if url is not None and not _is_free(URL(url).port or 0):
        yield Finding(name="Service", state=State.OK, says=f"runs at {url}")
        return
    for name, port, option in (
        ("Page port", settings.page.port, "--page-port"),
        ("API port", settings.api.port, "--api-port"),
    ):
        if _is_free(port):
            yield Finding(name=name, state=State.OK, says=f"{port} is free")
        else:
            mend = f"Start with another: threadreel up {option} PORT"
            yield Finding(name=name, state=State.OPTIONAL, says=f"{port} is taken", mend=mend)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _discord(settings: Settings) -> Iterator[Finding]:
    token = settings.discord.token
    if token is None:
        mend = "Make an application in Discord's developer portal and set THREADREEL_DISCORD__TOKEN: docs/discord.md."
        yield Finding(name="Discord", state=State.OPTIONAL, says="no token", mend=mend)
        return
    if importlib.util.find_spec("discord") is None:
        mend = "pip install 'threadreel[bot]'"
        yield Finding(name="Discord", state=State.MISSING, says="a token is set, and discord.py is missing", mend=mend)
        return
    from bot.discord_app import doctor  # noqa: PLC0415  # only who has a token needs discord.py

    found = doctor.examine(settings.discord, token)
    if found.trouble:
        mend = "Copy the token anew from the portal: Bot, Reset Token."
        yield Finding(name="Discord", state=State.BROKEN, says=found.trouble, mend=mend)
        return
    servers = "1 server" if found.servers == 1 else f"{found.servers} servers"
    yield Finding(name="Discord", state=State.OK, says=f"{found.name}, in {servers}", mend=f"Invite: {found.invite}")
    if found.reads_messages:
        yield Finding(name="Message Content", state=State.OK, says="on: every reply in a thread is read")
    else:
        mend = "Portal: Bot, Message Content Intent. Without it members mention the bot, ping it, or press Remix."
        yield Finding(name="Message Content", state=State.OPTIONAL, says="off", mend=mend)


def _slack(settings: Settings) -> Iterator[Finding]:
    slack = settings.slack
    if not slack.is_set:
        mend = "Make an app from deploy/slack/manifest.yaml and set THREADREEL_SLACK__BOT_TOKEN: docs/slack.md."
        yield Finding(name="Slack", state=State.OPTIONAL, says="no tokens", mend=mend)
        return
    if importlib.util.find_spec("slack_bolt") is None:
        mend = "pip install 'threadreel[bot]'"
        yield Finding(name="Slack", state=State.MISSING, says="a token is set, and slack-bolt is missing", mend=mend)
        return
    from bot.slack_app import doctor  # noqa: PLC0415  # only who has a token needs slack-bolt

    for found in doctor.examine(settings):
        state = State.OK if not found.mend else State.OPTIONAL if found.is_optional else State.BROKEN
        yield Finding(name=found.name, state=state, says=found.says, mend=found.mend)
