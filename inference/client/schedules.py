"""Schedules and Notices over HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference.client.wire import Wire, acting
from inference.codec import to_plain
from inference.errors import InvalidValue, NotFound
from inference.types import Generate, Notice, Requester, Schedule, ScheduleId, Upload, When
from inference.wire import IDEMPOTENCY_HEADER, NATIVE

_ID = re.compile(r"\w{1,40}", re.ASCII)


class SchedulesOverHttp(Wire):
    """Implements Schedules and Notices."""

    async def schedule(
        self,
        operation: Generate,
        when: When,
        requester: Requester,
        reply_to: str = "",
        idempotency_key: str | None = None,
    ) -> Schedule:
        if isinstance(operation.image, Upload):  # it has no JSON form, and the service takes none
            raise InvalidValue(name="image", value="an image", allowed=WORDS_ALONE)
        headers = acting(requester) | ({IDEMPOTENCY_HEADER: idempotency_key} if idempotency_key is not None else {})
        body = {"operation": to_plain(Generate, operation), "when": to_plain(When, when), "reply_to": reply_to}
        return await self.ask(Schedule, "POST", f"{NATIVE}/schedules", headers=headers, json=body)

    async def schedules(self, requester: Requester) -> Sequence[Schedule]:
        return await self.ask(tuple[Schedule, ...], "GET", f"{NATIVE}/schedules", headers=acting(requester))

    async def cancel_schedule(self, schedule: ScheduleId, requester: Requester) -> Schedule:
        if not _ID.fullmatch(schedule):
            raise NotFound(what="schedule", id=schedule[:40])
        path = f"{NATIVE}/schedules/{schedule}"
        return await self.ask(Schedule, "DELETE", path, headers=acting(requester))

    async def take_notices(self, platforms: Sequence[str], limit: int = 20) -> Sequence[Notice]:
        body = {"platforms": list(platforms), "limit": limit}
        return await self.ask(tuple[Notice, ...], "POST", f"{NATIVE}/notices/taken", json=body)

    async def return_notice(self, notice: int) -> None:
        await self.tell("DELETE", f"{NATIVE}/notices/taken/{notice}")


WORDS_ALONE = "no image: words alone can be asked for in advance"
