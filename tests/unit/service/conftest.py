from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import all_databases, databases, pytest_generate_tests, url
from tests.support.studio import Studio, open_studio

__all__ = ["all_databases", "databases", "pytest_generate_tests", "url"]


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with open_studio(tmp_path) as studio:
        yield studio
