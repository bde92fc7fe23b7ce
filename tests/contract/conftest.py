"""One suite for everything that implements the service's two doors. `tests.support.studio` builds the real parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import serve
from tests.support.databases import Databases, all_databases, databases
from tests.support.studio import Studio, open_studio

__all__ = ["all_databases", "databases"]


@pytest.fixture(params=[("service", "sqlite"), ("client", "sqlite"), ("service", "postgresql")], ids="-".join)
async def studio(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[Studio]:
    """The service itself on both databases, and the same service over HTTP."""
    door, kind = request.param
    url = databases.make(kind, tmp_path)
    async with open_studio(tmp_path, api={"max_upload_bytes": 100_000}, database_url=url) as studio:
        if door == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio
