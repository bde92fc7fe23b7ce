"""How the bot's process finds its service, and under which address its page is announced."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.__main__ import _service
from bot.settings import ServiceSettings, Settings
from inference.process import CannotStart, listening
from tests.support.api import serve
from tests.support.studio import open_studio


async def test_a_wrong_key_is_told_at_the_start(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio, serve(studio) as served:
        named = ServiceSettings(url=served.url, key=SecretStr("wrong"))
        with pytest.raises(CannotStart, match="refuses the bot's key"):
            await _service(Settings(data_dir=tmp_path, service=named))
        right = ServiceSettings(url=served.url)
        assert await _service(Settings(data_dir=tmp_path, service=right)) == (served.url, served.keys.bot)


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
async def test_the_page_is_announced_where_it_can_be_reached(host: str, reached: str) -> None:
    async with listening(web.Application(), host, port=0, shutdown_seconds=1) as address:
        assert address.rpartition(":")[0] == f"http://{reached}"
