"""What members are told unasked: that their clips are back, and what became of a clip asked for in advance.

The service hands each notice out once. It is told to the member alone where the chat allows; what is about a place is
told there where it does not. A process that dies over one does not tell it twice: then it is not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.platform import ChatPlatform, Spot
from bot.render.schedules import notice_card
from bot.texts import texts_for
from inference.errors import DeliveryError, ThreadreelError
from inference.protocols import Notices
from inference.types import JobId, Notice

LOOK_SECONDS = 15.0
"""How often is asked for notices."""

_log = structlog.get_logger(__name__)


class Notifying:
    """One for the platforms of a process."""

    def __init__(self, service: Notices, platforms: Mapping[str, ChatPlatform], seconds: float = LOOK_SECONDS) -> None:
        self._service = service
        self._platforms = platforms
        self._seconds = seconds

    async def run(self) -> None:
        """Without end."""
        while True:
            try:
                await self.tell_all()
            except ThreadreelError as error:
                _log.warning("notices not told", reason=str(error))
            except Exception:  # noqa: BLE001  # one that nobody foresaw may not silence the others
                _log.exception("notices not told")
            await asyncio.sleep(self._seconds)

    async def tell_all(self) -> int:
        """Tell what waits; how many were told."""
        told = 0
        for notice in await self._service.take_notices(tuple(self._platforms)):
            try:
                told += await self._tell(notice)
            except DeliveryError as error:
                _log.info("notice not told", notice=notice.id, code=notice.code, reason=str(error))
                if error.retryable:
                    await self._service.return_notice(notice.id)
        return told

    async def _tell(self, notice: Notice) -> bool:
        """False where nobody can be told. Raises DeliveryError."""
        spot = Spot.decoded(notice.reply_to)
        if spot is None:
            return False
        platform = self._platforms[spot.platform]
        try:
            await self._post(platform, spot, notice, privately=True)
        except DeliveryError as error:
            if error.retryable or notice.code == "clips_are_back":
                raise
            await self._post(platform, spot, notice, privately=False)
        _log.info("notice told", notice=notice.id, code=notice.code, platform=platform.name)
        return True

    @staticmethod
    async def _post(platform: ChatPlatform, spot: Spot, notice: Notice, *, privately: bool) -> None:
        card = notice_card(notice, texts_for(notice.requester.locale), privately=privately)
        await platform.post(spot, card, JobId(f"notice_{notice.id}"))
