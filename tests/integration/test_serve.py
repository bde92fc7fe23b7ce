"""`python -m inference serve` as a process: how it starts, what it says where it cannot, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from inference.__main__ import main


def _command(data: Path, *flags: str) -> list[str]:
    return [sys.executable, "-m", "inference", "serve", "--data-dir", str(data), "--workers", "0", *flags]


def test_a_server_announces_itself_knows_no_torch_and_leaves_cleanly(tmp_path: Path) -> None:
    with subprocess.Popen(_command(tmp_path, "--port", "0"), stderr=subprocess.PIPE) as server:
        announcement = tmp_path / "server.json"
        while not announcement.exists():
            assert server.poll() is None
            time.sleep(0.05)
        told = json.loads(announcement.read_text())
        with urllib.request.urlopen(told["url"] + "/healthz") as answer:
            assert answer.status == 200
        assert told["pid"] == server.pid
        assert "torch" not in Path(f"/proc/{server.pid}/maps").read_text()

        port = told["url"].rpartition(":")[2]
        second = subprocess.run(
            _command(tmp_path / "second", "--port", port), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n"

        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        assert not announcement.exists()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--data-dir", "{file}"], "The data folder {file} cannot be written: File exists."),
        (["--data-dir", "{file}/inside"], "The data folder {file}/inside cannot be written: Not a directory."),
        (["--port", "70000"], "The setting api.port is wrong: Input should be less than or equal to 65535."),
        (["--workers", "-1"], "The setting worker.count is wrong: Input should be greater than or equal to 0."),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], sentence: str
) -> None:
    file = tmp_path / "file"
    file.touch()

    assert main(["serve", *(flag.format(file=file) for flag in flags)]) == 1
    assert capsys.readouterr().err == sentence.format(file=file) + "\n"
