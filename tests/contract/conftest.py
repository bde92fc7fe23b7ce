"""One suite for everything that implements the service's two doors. `tests.support.studio` builds the real parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import serve
from tests.support.studio import Studio, open_studio


@pytest.fixture(params=["service", "client"])
async def studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Studio]:
    """The service itself, and the same service over HTTP."""
    async with open_studio(tmp_path, api={"max_upload_bytes": 100_000}) as studio:
        if request.param == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio
