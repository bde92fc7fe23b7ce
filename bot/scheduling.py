"""Clips asked for in advance: `/schedule PROMPT --when TIME`, `/schedule` lists them, `/schedule cancel ID`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.commands import build
from bot.commands.parse import Invocation
from bot.commands.when import read_when
from bot.commands.zones import local_zone
from bot.platform import Answer, Context
from bot.render.schedules import kept_text, schedules_card
from bot.texts import Texts
from inference.errors import InvalidValue
from inference.protocols import AskingDoors
from inference.types import OperationKind, ScheduleId, Upload

CANCEL = re.compile(
    r"(?:cancel|delete|remove|stop|取り消し|取消|キャンセル|削除|中止)\s*[:：]?\s*(?P<id>sched_\w+)", re.IGNORECASE
)
"""Typed as words; with the option it is chosen."""


class Scheduling:
    """One for all chats."""

    def __init__(self, library: AskingDoors, clock: Callable[[], datetime]) -> None:
        """`clock` says what "tomorrow" means; what is due is reckoned by the service's."""
        self._library = library
        self._clock = clock

    async def schedule(
        self, context: Context, invocation: Invocation, images: tuple[Upload, ...], texts: Texts
    ) -> Answer:
        invocation = _with_cancel(invocation)
        if "cancel" in invocation.values:
            return await self._cancel(context, invocation, texts)
        if not invocation.values and not images:
            return await self._list(context, texts)
        return await self._keep(context, invocation, images, texts)

    async def _keep(self, context: Context, invocation: Invocation, images: tuple[Upload, ...], texts: Texts) -> Answer:
        said: str | None = build.value_of(invocation, "when")
        operation = build.generate(invocation)
        if images:
            raise InvalidValue(name="--image", value=images[0].filename or "image", allowed="allowed-words-alone")
        if said is None:
            raise InvalidValue(name="--when", value="", allowed="allowed-when")
        account = await self._library.account(context.requester)
        zone = account.settings.or_else(account.defaults).timezone
        now = self._clock().astimezone(local_zone(zone)).replace(tzinfo=None)
        when = read_when("--when", said, now)
        key = f"{context.spot.platform}:{context.event}" if context.event else None
        kept = await self._library.schedule(operation, when, context.requester, context.spot.encoded(), key)
        return Answer(text=kept_text(kept, texts, has_zone=zone is not None))

    async def _list(self, context: Context, texts: Texts) -> Answer:
        schedules, lifting = await self._library.schedules(context.requester), ""
        if schedules:
            tier = (await self._library.account(context.requester)).tier.name
            lifting = (await self._library.offer()).lifting(tier, OperationKind.SCHEDULE)
        return Answer(text="", card=schedules_card(schedules, texts, lifting=lifting))

    async def _cancel(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        named = invocation.values["cancel"].strip().strip("`#\"'「」").strip()
        if not named:
            raise InvalidValue(name="--cancel", value="", allowed="allowed-schedule")
        ended = await self._library.cancel_schedule(ScheduleId(named), context.requester)
        return Answer(text=texts("schedule-cancelled", id=ended.id))


def _with_cancel(invocation: Invocation) -> Invocation:
    match = CANCEL.fullmatch(invocation.values.get("prompt", "").strip())
    if match is None:
        return invocation
    rest = {name: value for name, value in invocation.values.items() if name != "prompt"}
    return replace(invocation, values=rest | {"cancel": match["id"]})
