"""The command line as people run it: real processes, a real (tiny) model."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import av
import psutil
import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.discord_app import doctor as discord_doctor
from tests.support.tiny_ltx import PRESET_TOML, build_tiny_ltx

ROOT = Path(__file__).parents[3]
PATIENCE = 240.0
"""Seconds; processes with torch start slowly on a busy machine."""


@pytest.fixture(scope="module")
def presets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    file = folder / "presets.toml"
    file.write_text(PRESET_TOML.format(source=build_tiny_ltx(folder / "tiny")))
    return file


@pytest.fixture
def house(tmp_path: Path, presets: Path) -> dict[str, str]:
    """The environment of every command of a test; the preset `absent` has no weights here."""
    tiny = presets.read_text()
    absent = re.sub(r"source = .*", 'source = "nobody/nothing"', tiny.replace("[tiny]", "[absent]"))
    table = tmp_path / "presets.toml"
    table.write_text(tiny + absent)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("THREADREEL_")}
    return mine | {
        "THREADREEL_DATA_DIR": str(tmp_path / "data"),
        "THREADREEL_PRESETS_FILE": str(table),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot.cli", *arguments]


def threadreel(house: dict[str, str], tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=house, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def only_object(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What `--json` printed: one object and nothing else."""
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def until(holds: object, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_generate_with_nothing_running(house: dict[str, str], tmp_path: Path) -> None:
    made = threadreel(
        house,
        tmp_path,
        "generate",
        "a red ball",
        "--seconds",
        "1",
        "--size",
        "480p",
        "--seed",
        "7",
        "-o",
        "a.mp4",
        "--json",
    )
    assert made.returncode == 0, made.stderr
    clip = only_object(made)
    assert (clip["status"], clip["seed"], clip["width"], clip["height"]) == ("succeeded", 7, 854, 480)
    assert (clip["path"], clip["parent"], clip["native_size"]) == ("a.mp4", None, "64x32")
    with av.open(tmp_path / "a.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 854, 480)
        assert sum(1 for _ in container.decode(stream)) == clip["frames"]
    assert list(tmp_path.glob(".*.draft")) == []

    assert not (tmp_path / "data" / "server.json").exists()
    assert children_of(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("generate", "a", "--size", "banana", "-o", "x.mp4"), "invalid_value"),
        (("generate", "a", "--seed", "-4", "-o", "x.mp4"), "invalid_value"),
        (("generate", "a", "--ar", "4:3", "-o", "x.mp4"), "invalid_value"),
        (("generate", "a", "--image", "none.png", "-o", "x.mp4"), "invalid_value"),
        (("generate", "a", "-o", "no/such/folder/x.mp4"), "invalid_value"),
        (("generate", "a", "-o", "."), "invalid_value"),
        (("remix", "two words", "a", "-o", "x.mp4"), "invalid_value"),
        (("admin", "set-tier", "nobody", "pro"), "invalid_value"),
        (("admin", "set-tier", "discord:1", "pro", "--until", "2028-02-30"), "invalid_value"),
        (("admin", "set-tier", "discord:1", "pro", "--until", "2028-02-29T18:00"), "invalid_value"),
        (("admin", "set-tier", "discord:1", "pro", "--until", "2020-02-29"), "invalid_value"),
        (("admin", "set-tier", "discord:1", "pro", "--days", "0"), "invalid_value"),
        (("admin", "set-tier", "discord:1", "pro", "--days", "3", "--until", "2028-02-29"), "invalid_value"),
        (("admin", "usage", "--month", "soon"), "invalid_value"),
        (("admin", "usage", "--by", "day"), "invalid_value"),
        (("admin", "usage", "--csv", "no/such/folder/a.csv"), "invalid_value"),
        (("admin", "usage", "--plot", "a.jpg"), "invalid_value"),
        (("admin", "revoke", "nobody"), "invalid_value"),
        (("admin", "block", "discord:1", "--reason", "spam", "--until", "soon"), "invalid_value"),
        (("admin", "refund", "no one:1", "--reason", "x"), "invalid_value"),
        (("admin", "refund", "a clip", "--reason", "x"), "invalid_value"),
        (("admin", "audit", "--after", "yesterday"), "invalid_value"),
        (("admin", "audit", "--member", "ann"), "invalid_value"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_starts(
    house: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    done = CliRunner().invoke(app, [*arguments, "--json"], env=house)
    assert done.exit_code == 2, done.output
    assert json.loads(done.stdout)["error"]["code"] == code
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_a_running_service_is_used_for_a_remix(house: dict[str, str], tmp_path: Path) -> None:
    with running_up(house, tmp_path):
        made = threadreel(house, tmp_path, "generate", "a red ball", "--seconds", "1", "-o", "a.mp4", "--json")
        assert made.returncode == 0, made.stderr
        blue = threadreel(house, tmp_path, "remix", only_object(made)["id"], "make it blue", "-o", "b.mp4", "--json")
        assert blue.returncode == 0, blue.stderr
        assert only_object(blue)["parent"] == only_object(made)["id"]
        assert not (tmp_path / "data" / "serve.log").exists(), "a second service was started"


@pytest.mark.slow
def test_the_service_refuses_through_the_command_line(house: dict[str, str], tmp_path: Path) -> None:
    with running_up(house, tmp_path):
        for arguments, code in (
            (("generate", " ", "-o", "x.mp4"), "prompt_empty"),
            (("generate", "a" * 10_000, "-o", "x.mp4"), "prompt_too_long"),
            (("generate", "a", "--seconds", "90", "-o", "x.mp4"), "invalid_value"),
            (("generate", "a", "--preset", "nothing", "-o", "x.mp4"), "unknown_preset"),
            (("generate", "a", "--preset", "absent", "-o", "x.mp4"), "model_not_here"),
            (("remix", "clip_0123456789abcdef", "blue", "-o", "x.mp4"), "not_found"),
            (("admin", "set-tier", "playground:ann", "gold"), "invalid_value"),
        ):
            done = threadreel(house, tmp_path, *arguments, "--json")
            assert done.returncode == 2, (arguments, done.stderr)
            assert only_object(done)["error"]["code"] == code
            assert "Traceback" not in done.stderr
        granted = threadreel(house, tmp_path, "admin", "set-tier", "playground:ann", "plus", "--json")
        assert only_object(granted)["tier"] == "plus"
        trial = threadreel(
            house, tmp_path, "admin", "set-tier", "playground:ann", "pro", "--until", "2128-02-29", "--json"
        )
        assert (only_object(trial)["tier"], only_object(trial)["until"]) == ("pro", "2128-03-01T00:00:00+00:00")
        taken_back = threadreel(house, tmp_path, "admin", "set-tier", "playground:ann", "none", "--json")
        assert only_object(taken_back)["tier"] == "free"
        administers(house, tmp_path)
        usage = threadreel(house, tmp_path, "admin", "usage", "--json")
        assert all(row["used"] == 0 for row in only_object(usage)["members"])
    assert list(tmp_path.glob("*.mp4")) == []


def administers(house: dict[str, str], tmp_path: Path) -> None:
    """What an operator does by the command line, against the service that runs."""

    def done(*arguments: str) -> dict[str, Any]:
        ended = threadreel(house, tmp_path, "admin", *arguments, "--json")
        assert ended.returncode == 0, ended.stderr
        return only_object(ended)

    blocked = done("block", "playground:eve", "--days", "2", "--reason", "spam")
    assert (blocked["status"], blocked["reason"]) == ("suspended", "spam")
    assert done("block", "playground:eve", "--reason", "spam again")["status"] == "banned"
    assert done("unblock", "playground:eve", "--reason", "sorry")["status"] == "active"
    acts = done("audit", "--member", "playground:eve")["entries"]
    assert [(act["act"], act["reason"]) for act in acts] == [
        ("status", "sorry"),
        ("status", "spam again"),
        ("status", "spam"),
    ]
    assert acts[0]["by"]["identities"] == ["cli:local"]
    assert acts[1]["after"]["status"] == "banned"
    for by in ("member", "server", "month", "tier"):
        csv, plot = tmp_path / f"{by}.csv", tmp_path / f"{by}.png"
        report = done("usage", "--by", by, "--csv", str(csv), "--plot", str(plot))
        assert report["by"] == by
        assert csv.read_text().startswith(f"{by},identities,tier,month,members,clips,")
        assert plot.read_bytes().startswith(b"\x89PNG")
    browser = build_opener(HTTPCookieProcessor())
    assert b"Workers" in browser.open(done("page")["url"]).read()
    refused = threadreel(house, tmp_path, "admin", "refund", "clip_0123456789abcdef", "--reason", "x", "--json")
    assert (refused.returncode, only_object(refused)["error"]["code"]) == (2, "not_found")


@pytest.mark.slow
def test_ctrl_c_cancels_the_job_and_leaves_nothing(house: dict[str, str], tmp_path: Path) -> None:
    with running_up(house, tmp_path):
        process = subprocess.Popen(
            command("generate", "a red ball", "--seconds", "5", "--size", "1080p", "-o", "a.mp4", "--json"),
            env=house, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(lambda: list(tmp_path.glob("data/blobs/**/clip_*")) or used(house, tmp_path) == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert json.loads(out)["status"] == "cancelled"
        assert "Traceback" not in err
        assert used(house, tmp_path) == 0
    assert not (tmp_path / "a.mp4").exists()
    assert list(tmp_path.glob(".*.draft")) == []


def used(house: dict[str, str], tmp_path: Path) -> int:
    members = only_object(threadreel(house, tmp_path, "admin", "usage", "--json"))["members"]
    return sum(row["used"] for row in members)


@pytest.mark.slow
def test_up_restarts_a_dead_bot_and_leaves_no_orphans(house: dict[str, str], tmp_path: Path) -> None:
    with running_up(house, tmp_path) as up:
        bot = process_named(up, "-m bot")
        bot.kill()
        until(lambda: any(child.pid != bot.pid for child in named(up, "-m bot")))
        until(lambda: page_pid(tmp_path) not in {None, bot.pid})
        family = psutil.Process(up.pid).children(recursive=True)
        assert len(family) >= 3
        up.kill()
        alive = psutil.wait_procs(family, timeout=60)[1]
        assert alive == []


class _Up:
    """`threadreel up` while a block runs; at its end it must stop cleanly, unless the block killed it."""

    def __init__(self, house: dict[str, str], tmp_path: Path) -> None:
        self.log = tmp_path / "up.log"
        self._file = self.log.open("wb")
        self.process = subprocess.Popen(
            command("up", "--api-port", "0", "--page-port", "0"),
            env=house,
            cwd=tmp_path,
            stdout=self._file,
            stderr=self._file,
        )

    def __enter__(self) -> subprocess.Popen[bytes]:
        until(lambda: self.process.poll() is not None or b"/v1" in self.log.read_bytes())
        assert self.process.poll() is None, self.log.read_text()
        return self.process

    def __exit__(self, *_exception: object) -> None:
        family = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        self.process.terminate()
        self.process.wait(60)
        self._file.close()
        alive = psutil.wait_procs(family, timeout=20)[1]
        assert alive == []


def running_up(house: dict[str, str], tmp_path: Path) -> _Up:
    return _Up(house, tmp_path)


def named(up: subprocess.Popen[bytes], words: str) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(up.pid).children():
        with suppress(psutil.NoSuchProcess):  # it ended while we looked
            if words in " ".join(child.cmdline()):
                found.append(child)
    return found


def process_named(up: subprocess.Popen[bytes], words: str) -> psutil.Process:
    (found,) = named(up, words)
    return found


def page_pid(tmp_path: Path) -> int | None:
    try:
        return int(json.loads((tmp_path / "data" / "page.json").read_text())["pid"])
    except (OSError, ValueError):
        return None


def children_of(tmp_path: Path) -> list[psutil.Process]:
    """Processes that still work on the data dir of this test."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(tmp_path / "data") in " ".join(process.info["cmdline"] or [])
    ]


def test_doctor_says_what_is_missing(house: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json"], env=house)
    report = json.loads(done.stdout)
    states = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert done.exit_code == 0, done.output
    assert states["Model tiny"] == "ok"
    assert states["Discord"] == states["Slack"] == "optional"
    for finding in report["findings"]:
        assert finding["state"] == "ok" or finding["mend"] or "set" in finding["says"]


def test_doctor_fails_where_the_playground_cannot_work(house: dict[str, str], tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["doctor", "--json"], env=house | {"THREADREEL_PRESETS_FILE": str(tmp_path / "no.toml")}
    )
    assert done.exit_code == 1
    assert json.loads(done.stdout)["ok"] is False


def test_models_are_listed(house: dict[str, str]) -> None:
    listed = json.loads(CliRunner().invoke(app, ["models", "list", "--json"], env=house).stdout)["models"]
    assert [(model["preset"], model["default"], model["here"]) for model in listed] == [
        ("tiny", True, True),
        ("absent", False, False),
    ]


def test_the_bot_and_its_command_line_import_no_torch() -> None:
    code = "import sys, bot.__main__, bot.cli.app; print([m for m in ('torch', 'numpy', 'av', 'diffusers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_said(house: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["--version"], env=house)
    assert (done.exit_code, done.output.split()[0]) == (0, "threadreel")


def test_doctor_ends_with_what_its_findings_amount_to(house: dict[str, str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor"], env=house | {"THREADREEL_PRESETS_FILE": str(tmp_path / "no.toml")})
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "The playground cannot work yet; missing: Models."


def test_doctor_does_not_lay_a_wrong_token_to_the_playground(
    house: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord_doctor, "examine", lambda *_: discord_doctor.Diagnosis(trouble="Discord knows it not"))
    done = CliRunner().invoke(app, ["doctor"], env=house | {"THREADREEL_DISCORD__TOKEN": "a.b.c"})
    assert done.exit_code == 1
    assert done.output.splitlines()[-2:] == [
        "The playground can work: threadreel up. What has a – is optional.",
        "Set up, and not working yet: Discord.",
    ]
