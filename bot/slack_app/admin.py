"""`/threadreel admin …`: what managers and operators do in the Home tab, typed. The service says who may."""

from __future__ import annotations

from dataclasses import replace

from bot.administering import Administering
from bot.commands.ends import end_of
from bot.managing import Managing, Named
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from bot.slack_app.admin_words import Typed, read
from bot.slack_app.asking import Asked
from bot.slack_app.desk import Desk
from bot.slack_app.people import People
from bot.slack_app.places import PLATFORM
from bot.slack_app.words import plain
from bot.texts import Texts
from inference.errors import InvalidValue
from inference.types import Identity, JobId, Requester

NONE = "none"
"""Takes a tier back."""


class TypedAdmin:
    def __init__(
        self,
        *,
        desk: Desk,
        people: People,
        managing: Managing,
        administering: Administering,
        overseeing: Overseeing,
    ) -> None:
        self._desk = desk
        self._people = people
        self._managing = managing
        self._administering = administering
        self._overseeing = overseeing

    async def command(self, asked: Asked, text: str) -> None:
        """`text` is what follows `admin`, as Slack wrote it: its mentions bear the ids of whom they name."""

        async def act(context: Context, texts: Texts) -> Answer:
            typed = read(text)
            if typed is None:
                return Answer(text=texts("slack-admin-help"), is_problem=bool(text))
            typed = replace(typed, reason=plain(typed.reason, asked.me))
            return await self._done(asked, typed, await self._people.as_manager(asked.where, asked.user, context))

        await self._desk.answer(asked, act)

    async def _done(self, asked: Asked, typed: Typed, context: Context) -> Answer:
        """Raises InvalidValue."""
        member = await self._member(asked, typed, context) if typed.member else None
        match typed.act:
            case "usage" if member is None:
                return await self._overseeing.usage(context, typed.month or None, typed.by)
            case "audit":
                return await self._overseeing.audit(context, member)
            case "refund" if (member is None) == bool(typed.clip):
                return await self._overseeing.refund(context, member or JobId(typed.clip), typed.reason)
            case "refund":
                raise InvalidValue(name="admin refund", value="", allowed="allowed-clip-or-member")
            case "grant" | "revoke" if typed.group:
                return await self._group(asked, typed, context)
        if member is None:
            raise InvalidValue(name=f"admin {typed.act}", value="", allowed="allowed-admin-member")
        return await self._of_member(typed, context, member)

    async def _of_member(self, typed: Typed, context: Context, member: Requester) -> Answer:
        where = self._administering if typed.everywhere else self._managing
        match typed.act:
            case "usage":
                return await self._managing.usage(context, member)
            case "reset":
                return await self._managing.reset(context, member, typed.reason)
            case "block" | "unblock":
                end = end_of(typed.until or None, typed.days)
                is_block = typed.act == "block"
                return await where.block(context, member, blocked=is_block, until=end, reason=typed.reason)
            case _:
                end = end_of(typed.until or None, typed.days)
                return await where.member_tier(context, member, _tier(typed), end, typed.reason)

    async def _group(self, asked: Asked, typed: Typed, context: Context) -> Answer:
        """User groups belong to their workspace. Raises InvalidValue."""
        if typed.everywhere:
            raise InvalidValue(name=f"admin {typed.act}", value="everywhere", allowed="allowed-admin-member")
        handle = (await self._people.groups(asked.where.workspace)).get(typed.group, typed.group)
        group = Named(id=f"{PLATFORM}:{typed.group}", name=f"@{handle}")
        end = end_of(typed.until or None, typed.days)
        return await self._managing.role_tier(context, group, _tier(typed), end, typed.reason)

    async def _member(self, asked: Asked, typed: Typed, context: Context) -> Requester:
        """By a user's id of this workspace, or by an identity of whatever chat."""
        if ":" not in typed.member:
            return await self._people.requester(asked.where, typed.member)
        return Requester(
            identity=Identity(typed.member), display_name=typed.member, place=context.requester.place, locale="en"
        )


def _tier(typed: Typed) -> str | None:
    """None takes it back. Raises InvalidValue where none is named."""
    if typed.act == "revoke" or typed.tier == NONE:
        return None
    if not typed.tier:
        raise InvalidValue(name="tier", value="", allowed="allowed-admin-tier")
    return typed.tier
