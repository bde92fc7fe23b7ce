from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inference.errors import ServiceUnavailable
from storage.database import open_database
from storage.jobs import SqlJobs


async def test_a_database_that_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    async with open_database(f"sqlite+aiosqlite:///{file}") as database:
        connection = sqlite3.connect(file)
        connection.execute("ALTER TABLE jobs RENAME TO elsewhere")
        connection.close()
        jobs = SqlJobs(database)
        with pytest.raises(ServiceUnavailable):
            await jobs.sweep()
        with pytest.raises(ServiceUnavailable):
            await jobs.release("worker")
