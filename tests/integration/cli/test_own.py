"""What is stored of the command line's member, taken along and deleted by real processes."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.settings import Settings
from storage.database import open_database

ROOT = Path(__file__).parents[3]


def threadreel(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.cli", *arguments, "--data-dir", str(folder / "data")]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


async def begun(folder: Path) -> None:
    """An installation, as the service leaves it."""
    async with open_database(f"sqlite:///{folder / 'data/threadreel.db'}"):
        pass


async def test_ones_data_are_written_and_deleted(tmp_path: Path) -> None:
    await begun(tmp_path)
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


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("show", "clip_0123456789abcdef"),
        ("delete", "clip_0123456789abcdef"),
        ("remix", "clip_0123456789abcdef", "blue", "-o", "b.mp4"),
        ("mydata", "-o", "mine.zip"),
        ("forgetme", "--yes"),
        ("admin", "usage"),
        ("admin", "audit"),
        ("admin", "grant", "discord:1", "pro"),
        ("admin", "unblock", "discord:1"),
        ("admin", "refund", "discord:1", "--reason", "x"),
    ],
)
def test_a_slip_in_the_data_folder_begins_no_installation(
    tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    slip = tmp_path / "slip"
    done = CliRunner().invoke(app, [*command, "--data-dir", str(slip), "--json"], env={"COLUMNS": "300"})
    assert done.exit_code == 2, done.output
    assert json.loads(done.stdout)["status"] == "refused"
    assert f"There is no installation in {slip}" in done.stderr
    assert "threadreel up" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["", "sqlite:///{folder}/books.db", "postgresql://nobody@127.0.0.1:9/books"])
def test_an_installation_is_known_by_its_books_or_its_key(tmp_path: Path, place: str) -> None:
    file = {"": "threadreel.db", "s": "books.db", "p": "api_key"}[place[:1]]
    settings = Settings(data_dir=tmp_path, database_url=place.format(folder=tmp_path))
    assert not settings.is_installed
    (tmp_path / file).write_text("there")
    assert settings.is_installed
