"""The real thing, as `threadreel up` starts it, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.tiny_ltx import PRESET_TOML, build_tiny_ltx

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 240.0
STEPS = 24
"""Enough that a job of the tiny model can be watched."""
PATIENT_STEPS = 60_000
"""Enough that a job of the preset `patient` goes on until its member cancels it, on a quick machine too."""


@dataclass
class House:
    """`threadreel up` in a folder of its own."""

    folder: Path
    url: str
    process: subprocess.Popen[bytes]

    def kill_bot(self) -> None:
        """kill -9 of the bot's process; `up` starts it again."""
        os.kill(json.loads((self.folder / "page.json").read_text())["pid"], signal.SIGKILL)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With a tiny model of random weights: the page is what is tested."""
    folder = tmp_path_factory.mktemp("house")
    presets = folder / "presets.toml"
    tiny = PRESET_TOML.format(source=build_tiny_ltx(folder / "model")).replace("steps = 4", f"steps = {STEPS}")
    patient = tiny.replace("[tiny]", "[patient]").replace("Tiny", "Patient")
    presets.write_text(tiny + patient.replace(f"steps = {STEPS}", f"steps = {PATIENT_STEPS}"))
    with running(folder, {"THREADREEL_PRESETS_FILE": str(presets)}) as house:
        for member in ("free", "plus", "pro"):
            settle_for_little(house, member)
        yield house


@pytest.fixture(scope="session")
def pocket_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As a newcomer starts it, with the built-in model."""
    with running(tmp_path_factory.mktemp("pocket"), {}) as house:
        yield house


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[House]:
    """`threadreel up` in `folder`."""
    data, port = folder / "data", free_port()
    options = {"--data-dir": str(data), "--api-port": "0", "--page-port": str(port)}
    command = [sys.executable, "-m", "bot.cli", "up", *chain.from_iterable(options.items())]
    environment = os.environ | environment | {"HF_HUB_OFFLINE": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            await_start(process, data / "page.json", folder / "log")
            yield House(folder=data, url=f"http://127.0.0.1:{port}", process=process)
        finally:
            process.terminate()
            process.wait(30)


def await_start(process: subprocess.Popen[bytes], page: Path, log: Path) -> None:
    """Until the page is there and a worker has said that it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while not page.exists() or b'"event": "ready", "process": "worker"' not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def settle_for_little(house: House, member: str) -> None:
    """Short and small clips, so that the tests spend their time on the page rather than on encoding."""
    said = {"channel": "reels", "nonce": "00000000", "text": "/settings --seconds 2 --size 240p"}
    headers = {"X-Playground-Member": member}
    request = Request(f"{house.url}/api/messages", data=urlencode(said).encode(), headers=headers)
    with urlopen(request) as answer:
        assert answer.status == 202


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1360, "height": 860})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def open_page(house: House, context: BrowserContext) -> Iterator[Callable[[], Page]]:
    """Opens tabs; at the end no script of any may have failed."""
    troubles: list[str] = []

    def opened() -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(house.url)
        page.locator("#account b").wait_for()
        return page

    yield opened
    assert not troubles


@pytest.fixture
def page(open_page: Callable[[], Page]) -> Page:
    return open_page()
