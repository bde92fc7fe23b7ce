"""What is stored of the command line's own member: taken along, or deleted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bot.cli.studio import ME, studio
from bot.settings import Settings
from inference.errors import InvalidValue


async def mydata(settings: Settings, output: Path) -> dict[str, Any]:
    """Raises InvalidValue where the file cannot be written."""
    async with studio(settings) as client, client.own_data(ME) as opened:
        try:
            with output.open("wb") as file:
                shutil.copyfileobj(opened.stream, file)
        except OSError as error:
            raise InvalidValue(name="--output", value=str(output), allowed="allowed-file") from error
        return {"path": str(output), "bytes": opened.length}


async def forgetme(settings: Settings) -> dict[str, Any]:
    async with studio(settings) as client:
        await client.forget(ME)
    return {"status": "forgotten"}
