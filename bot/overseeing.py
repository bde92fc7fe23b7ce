"""What managers and operators look at and put right in a chat: use, refunds, and who did what."""

from __future__ import annotations

from dataclasses import replace

from bot.platform import Answer, Attachment, Context
from bot.render.overseeing import audit_card, usage_card, usage_csv
from bot.session import ChatCore
from bot.texts import Texts
from inference.protocols import GoverningDoors
from inference.types import AuditQuery, JobId, Refund, Requester, UsageBy, UsageQuery

ACTS = 15
"""Of the log, in one answer."""


class Overseeing:
    """Managers see their server alone, operators everything: the service decides, whoever asks."""

    def __init__(self, core: ChatCore, doors: GoverningDoors) -> None:
        self._core = core
        self._doors = doors

    async def may(self, context: Context) -> bool:
        """Whether the service takes them for an operator, whatever the chat says of them."""
        nobody = replace(context.requester, manages=False)

        async def look(_: Context, __: Texts) -> Answer:
            await self._doors.audit(AuditQuery(limit=1), nobody)
            return Answer(text="")

        return not (await self._core.answered(context, look)).is_problem

    async def usage(
        self, context: Context, month: str | None = None, by: str = UsageBy.MEMBER, *, with_files: bool = True
    ) -> Answer:
        """Who used what in `month` (`YYYY-MM`; None: this one), or how much each month; as CSV and as a picture too."""

        async def act(context: Context, texts: Texts) -> Answer:
            query = UsageQuery(by=UsageBy(by), month=month)
            report = await self._doors.usage(query, context.requester)
            card = usage_card(report, texts)
            if not with_files or not report.rows:
                return Answer(text="", card=card)
            name = "-".join(part for part in ("usage", report.by, report.month) if part)
            picture = await self._doors.plot(query, context.requester)
            files = (
                Attachment(name=f"{name}.png", data=picture, alt=card.title),
                Attachment(name=f"{name}.csv", data=usage_csv(report)),
            )
            return Answer(text="", card=card, files=files)

        return await self._core.answered(context, act)

    async def refund(self, context: Context, what: Requester | JobId, reason: str = "") -> Answer:
        """What a clip cost, or all that a member spent this month."""

        async def act(context: Context, texts: Texts) -> Answer:
            asked = (
                Refund(members=(what.identity,), reason=reason)
                if isinstance(what, Requester)
                else Refund(jobs=(what,), reason=reason)
            )
            given = await self._doors.refund(asked, context.requester)
            return Answer(text=texts("admin-refunded", clips=given.clips))

        return await self._core.answered(context, act)

    async def audit(self, context: Context, member: Requester | None = None) -> Answer:
        """The newest acts; of one member, what they did and what was done to them."""

        async def act(context: Context, texts: Texts) -> Answer:
            query = AuditQuery(member=member.identity if member else None, limit=ACTS)
            page = await self._doors.audit(query, context.requester)
            return Answer(text="", card=audit_card(page, context.requester.place, texts))

        return await self._core.answered(context, act)
