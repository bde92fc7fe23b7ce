"""What managers and operators look up and put right from a chat: who used what, who decided what, and refunds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.card import Card, Tone
from bot.platform import Answer, Context
from bot.render.servers import standing_card
from bot.session import ChatCore
from bot.texts import Texts
from inference.protocols import GoverningDoors
from inference.types import (
    AuditEntry,
    AuditQuery,
    BlockMember,
    GiveTier,
    JobId,
    Refund,
    Requester,
    UsageBy,
    UsageQuery,
    UsageReport,
)

LINES = 20
"""Rows and acts that an answer has room for."""


class Operating:
    """The service says who may: operators everything, managers what is of their server."""

    def __init__(self, core: ChatCore, doors: GoverningDoors) -> None:
        self._core = core
        self._doors = doors

    async def block(
        self, context: Context, member: Requester, *, blocked: bool, days: int | None = None, reason: str = ""
    ) -> Answer:
        async def act(context: Context, texts: Texts) -> Answer:
            change = BlockMember(member=member.identity, blocked=blocked, until=_until(days), reason=reason)
            await self._doors.govern(change, context.requester)
            said = texts("admin-blocked" if blocked else "admin-unblocked", name=member.display_name)
            return Answer(text=_with_end(said, change.until, texts))

        return await self._core.answered(context, act)

    async def member_tier(
        self, context: Context, member: Requester, tier: str | None, *, days: int | None = None, reason: str = ""
    ) -> Answer:
        async def act(context: Context, texts: Texts) -> Answer:
            name, until = member.display_name, _until(days)
            gift = GiveTier(to="member", subject=member.identity, tier=tier, until=until, reason=reason)
            await self._doors.govern(gift, context.requester)
            taken = texts("admin-tier-taken", name=name)
            said = taken if tier is None else texts("admin-tier-given", name=name, tier=tier)
            standing = await self._doors.standing(member, context.requester)
            return Answer(text=_with_end(said, until, texts), card=standing_card(standing, name, texts))

        return await self._core.answered(context, act)

    async def refund(self, context: Context, what: Requester | JobId, reason: str = "") -> Answer:
        """One clip, or all that a member spent this month."""

        async def act(context: Context, texts: Texts) -> Answer:
            jobs, members = ((), (what.identity,)) if isinstance(what, Requester) else ((what,), ())
            asked = Refund(jobs=jobs, members=members, reason=reason)
            given = await self._doors.refund(asked, context.requester)
            return Answer(text=texts("operating-refunded", clips=given.clips))

        return await self._core.answered(context, act)

    async def usage_of_server(self, context: Context, month: str | None = None, by: str = "member") -> Answer:
        """Of this month where none is named; by month, of the newest ones."""

        async def act(context: Context, texts: Texts) -> Answer:
            query = UsageQuery(by=UsageBy(by), month=month)
            report = await self._doors.usage(query, context.requester)
            return Answer(text="", card=_usage_card(report, texts))

        return await self._core.answered(context, act)

    async def audit(self, context: Context, member: Requester | None = None) -> Answer:
        """The newest acts: all, or those by one member or upon them."""

        async def act(context: Context, texts: Texts) -> Answer:
            query = AuditQuery(member=member.identity if member else None, limit=LINES)
            page = await self._doors.audit(query, context.requester)
            lines = [" · ".join(filter(None, _told(entry, texts))) for entry in page.entries]
            if page.has_more:
                lines.append(texts("operating-older"))
            title = texts("operating-audit", name=member.display_name if member else "")
            return Answer(text="", card=_card(title, lines, texts))

        return await self._core.answered(context, act)


def _usage_card(report: UsageReport, texts: Texts) -> Card:
    lines = [
        texts(
            "operating-used",
            who=", ".join(row.identities) or row.key,
            clips=row.clips,
            jobs=sum(row.jobs.values()),
        )
        for row in report.rows[:LINES]
    ]
    if len(report.rows) > LINES:
        lines.append(texts("operating-more", count=len(report.rows) - LINES))
    where = report.server or texts("operating-everywhere")
    title = " · ".join(filter(None, (texts("operating-usage"), report.month, where)))
    return _card(title, lines, texts)


def _told(entry: AuditEntry, texts: Texts) -> Iterator[str]:
    yield f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    yield texts("operating-by", who=", ".join(entry.by.identities) or entry.by.member)
    yield entry.act
    if entry.whom is not None:
        yield ", ".join(entry.whom.identities) or entry.whom.member
    yield entry.subject
    yield ", ".join(f"{name}: {value}" for name, value in entry.after.items() if value not in {None, ""})
    yield texts("operating-why", reason=entry.reason) if entry.reason else ""


def _card(title: str, lines: list[str], texts: Texts) -> Card:
    told = tuple(lines) or (texts("operating-nothing"),)
    return Card(tone=Tone.QUIET, language=texts.language, title=title, lines=told)


def _until(days: int | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


def _with_end(said: str, until: datetime | None, texts: Texts) -> str:
    return said if until is None else f"{said}\n{texts('operating-until', until=until)}"
