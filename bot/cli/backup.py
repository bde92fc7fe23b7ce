"""`threadreel admin backup`, `restore` and `move-to-postgres`, each in a process of the side that owns the stores."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.common import DataDir, Json, counted
from bot.cli.outcome import REFUSED, CommandFailed, CommandRefused, err, print_json, told


def register(admin: typer.Typer) -> None:
    admin.command("backup")(backup)
    admin.command("restore")(restore)
    admin.command("move-to-postgres")(move_to_postgres)


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    *,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Copy databases, clips and keys to a new folder, while everything runs."""
    with told(as_json=as_json):
        result = _ask(data_dir, "backup", str(folder))
        if as_json:
            print_json(result)
        else:
            print(f"{result['folder']}: {_held(result)}.")


def restore(
    folder: Annotated[Path, typer.Argument(help="What `backup` made.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put aside what is there, into a folder beside it.")
    ] = False,
    despite_books: Annotated[
        bool, typer.Option("--despite-books", help="Also where its books do not balance.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Put a backup in place, once it has been examined. Nothing may run meanwhile."""
    with told(as_json=as_json):
        wishes = ["--replace"] * replace + ["--despite-books"] * despite_books
        result = _ask(data_dir, "restore", str(folder), *wishes)
        if as_json:
            print_json(result)
        else:
            _show_restored(result)


def move_to_postgres(
    url: Annotated[str, typer.Argument(help="postgresql://USER:PASSWORD@HOST/DATABASE, an empty one.")],
    *,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Move everything from SQLite to PostgreSQL: all of it or nothing. Clips' files stay where they are."""
    with told(as_json=as_json):
        result = _ask(data_dir, "move", url)
        if as_json:
            print_json(result)
        else:
            _show_moved(result, url)


def _ask(data_dir: Path | None, *arguments: str) -> dict[str, Any]:
    """What that process answers. Raises CommandRefused, CommandFailed with the sentence that it ends with."""
    command = [sys.executable, "-m", "inference.stores", *arguments]
    command += [] if data_dir is None else ["--data-dir", str(data_dir)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = ended.stderr.strip().splitlines()
        problem = CommandRefused if ended.returncode == REFUSED else CommandFailed
        raise problem(lines[-1] if lines else f"It ended at once, with {ended.returncode}, and said nothing.")
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _held(result: dict[str, Any]) -> str:
    megabytes = result["total_bytes"] / 1e6
    return (
        f"{counted(result['databases'], 'database')}, {counted(result['blobs'], 'file of clips', 'files of clips')}"
        f" ({megabytes:.1f} MB), {counted(result['keys'], 'key')}"
    )


def _show_restored(result: dict[str, Any]) -> None:
    print(f"Restored from {result['copied']['folder']}: {_held(result['copied'])}.")
    if result["replaced"]:
        print(f"What was there before is in {result['replaced']}.")
    for blob in result["missing"]:
        err.print(f"Missing: {blob}", markup=False)
    for sentence in result["books"]:
        err.print(f"Wrong: {sentence}", markup=False)


def _show_moved(result: dict[str, Any], url: str) -> None:
    table = Table()
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in result["tables"].items():
        table.add_row(name, str(rows))
    Console().print(table)
    print("All rows arrived, and the books balance. From now on start it with this setting in threadreel.toml:")
    print(f"    database_url = {json.dumps(url)}")
    print(
        "or THREADREEL_DATABASE_URL in the environment, for the service and the bot alike. The SQLite files are as they"
    )
    print("were; delete them when you are content.")
