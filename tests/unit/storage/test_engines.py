"""No engine lets what members wrote into its errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import storage
from storage.engines import make_engine, make_local_engine

FAILING = text("SELECT :prompt FROM nowhere")
SECRET = {"prompt": "a secret ball"}


def test_errors_of_a_local_engine_name_no_parameters(tmp_path: Path) -> None:
    engine = make_local_engine(make_url(f"sqlite:///{tmp_path / 'a.db'}"))
    with engine.connect() as connection, pytest.raises(DBAPIError) as failure:
        connection.execute(FAILING, SECRET)
    engine.dispose()
    assert "secret" not in str(failure.value)


async def test_errors_of_an_engine_name_no_parameters(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as failure:
            await connection.execute(FAILING, SECRET)
    await engine.dispose()
    assert "secret" not in str(failure.value)


def test_engines_are_made_in_one_place() -> None:
    files = Path(storage.__file__).parent.rglob("*.py")
    makers = [file.name for file in files if re.search(r"\bcreate_(async_)?engine\b", file.read_text())]
    assert makers == ["engines.py"]
