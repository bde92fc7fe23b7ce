"""`threadreel admin backup`, `restore` and `move-to-postgres` as people run them: real processes, a real PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from inference.types import Identity
from storage.accounts import SqlAccounts
from storage.database import open_database
from tests.support.databases import Databases, all_databases, databases

__all__ = ["all_databases", "databases"]

ROOT = Path(__file__).parents[3]


class Shell:
    """Runs `threadreel admin` on the data folder `data`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        mine = {name: value for name, value in os.environ.items() if not name.startswith("THREADREEL_")}
        self.env = mine | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}

    def admin(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot.cli", "admin", *arguments, "--data-dir", str(self.data)]
        return subprocess.run(
            command, env=self.env | more, cwd=self.folder, capture_output=True, text=True, timeout=200, check=False
        )

    def answer(self, *arguments: str) -> dict[str, Any]:
        ended = self.admin(*arguments, "--json")
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def refusal(self, *arguments: str, exit_code: int = 2, **more: str) -> str:
        ended = self.admin(*arguments, **more)
        assert ended.returncode == exit_code
        assert "Traceback" not in ended.stderr
        return ended.stderr


@pytest.fixture
async def shell(tmp_path: Path) -> Shell:
    """With one member in its books."""
    async with open_database(f"sqlite:///{tmp_path / 'data/threadreel.db'}") as database:
        await SqlAccounts(database).member(Identity("discord:ann"))
    (tmp_path / "data/api_key").write_text("secret")
    return Shell(tmp_path)


@contextmanager
def a_worker_of(shell: Shell) -> Iterator[None]:
    """Holds the lock that a living worker holds."""
    (shell.data / "workers").mkdir()
    with FileLock(shell.data / "workers/here-0.lock"):
        yield


def test_a_backup_and_its_way_back(shell: Shell) -> None:
    made = shell.answer("backup", str(shell.folder / "copy"))
    assert (made["databases"], made["keys"]) == (1, 1)
    shutil.rmtree(shell.data)
    said = shell.admin("restore", str(shell.folder / "copy"))
    assert said.returncode == 0, said.stderr
    assert "1 database, 0 files of clips (0.0 MB), 1 key" in said.stdout
    assert (shell.data / "api_key").read_text() == "secret"
    assert "--replace" in shell.refusal("restore", str(shell.folder / "copy"))
    again = shell.answer("restore", str(shell.folder / "copy"), "--replace")
    assert Path(again["replaced"], "threadreel.db").exists()


def test_what_is_in_use_is_backed_up_and_neither_replaced_nor_moved(shell: Shell) -> None:
    with a_worker_of(shell):
        shell.answer("backup", str(shell.folder / "copy"))
        assert "in use" in shell.refusal("restore", str(shell.folder / "copy"), "--replace")
        assert "in use" in shell.refusal("move-to-postgres", "postgresql://nobody@127.0.0.1:9/nothing")


async def test_moving_to_postgresql_by_one_command(shell: Shell, databases: Databases) -> None:
    url = databases.make("postgresql", shell.folder)
    moved = shell.answer("move-to-postgres", url)
    assert {name: rows for name, rows in moved["tables"].items() if rows} == {"members": 1, "identities": 1}
    async with open_database(url) as database:
        assert (await SqlAccounts(database).member(Identity("discord:ann"))).identities == (Identity("discord:ann"),)
    assert "has rows already" in shell.refusal("move-to-postgres", url, THREADREEL_DATABASE_URL=url)
    # From then on it is PostgreSQL's tools that copy.
    assert "pg_dump" in shell.refusal("backup", str(shell.folder / "copy"), THREADREEL_DATABASE_URL=url)


@pytest.mark.parametrize(
    ("url", "says", "exit_code"),
    [
        ("postgresql://nobody@127.0.0.1:9/nothing", "did not work", 1),
        ("sqlite:///other.db", "moved to PostgreSQL", 2),
        ("what is this", "no address", 2),
    ],
)
def test_where_nothing_can_be_moved_to_one_sentence_says_why(shell: Shell, url: str, says: str, exit_code: int) -> None:
    assert says in shell.refusal("move-to-postgres", url, exit_code=exit_code)


def test_a_refused_backup_or_restore_leaves_no_folder(shell: Shell) -> None:
    shell.data = shell.folder / "deep/slip"
    assert "no database to copy" in shell.refusal("backup", str(shell.folder / "copy"))
    assert "is no backup" in shell.refusal("restore", str(shell.folder / "none"))
    assert [path.name for path in shell.folder.iterdir()] == ["data"]


def test_what_was_half_restored_does_not_start(shell: Shell) -> None:
    (shell.data / "half-restored").mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "inference", "serve", "--port", "0", "--data-dir", str(shell.data)],
        env=shell.env,
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ended.returncode == 1
    assert "restore --replace" in ended.stderr
