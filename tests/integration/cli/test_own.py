"""What is stored of the command line's member, taken along and deleted by real processes."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[3]


def threadreel(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.cli", *arguments, "--data-dir", str(folder / "data")]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_ones_data_are_written_and_deleted(tmp_path: Path) -> None:
    written = threadreel(tmp_path, "mydata", "-o", "mine.zip", "--json")
    assert written.returncode == 0, written.stderr
    assert json.loads(written.stdout)["bytes"] == (tmp_path / "mine.zip").stat().st_size
    with zipfile.ZipFile(tmp_path / "mine.zip") as pack:
        assert json.loads(pack.read("account.json"))["identities"] == ["cli:local"]
    nowhere = threadreel(tmp_path, "mydata", "-o", "no/such/folder.zip")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    gone = threadreel(tmp_path, "forgetme", "--yes", "--json")
    assert (gone.returncode, json.loads(gone.stdout)) == (0, {"status": "forgotten"})
    unsure = threadreel(tmp_path, "forgetme")
    assert unsure.returncode == 1
