"""What the managers of a server ask of the bot there. One for all chats that have managers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.ceilings import lowered
from bot.commands import build
from bot.commands.parse import Invocation
from bot.commands.table import BY_NAME
from bot.platform import Answer, Context
from bot.render.servers import policy_card, standing_card
from bot.session import ChatCore
from bot.texts import Texts
from inference.protocols import HouseRules
from inference.types import (
    BlockMember,
    ChangePolicy,
    GiveTier,
    PolicyWish,
    Requester,
    ResetMonth,
    Threads,
)

INHERIT = "inherit"
"""Takes back what was said."""
SWITCHES = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something of the chat, and what people call it there."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPolicy:
    """What a manager chose; None leaves it as it is."""

    #: `yes`, `no` or INHERIT.
    usable: str | None = None
    spoiler: str | None = None
    #: A value of Threads, or INHERIT.
    threads: str | None = None
    #: As in `/settings`, by the names of its options.
    defaults: Mapping[str, str] = field(default_factory=dict)
    #: By the names of `bot.ceilings`.
    limits: Mapping[str, str] = field(default_factory=dict)

    def upon(self, own: PolicyWish) -> PolicyWish:
        """`own` with what was chosen. Raises InvalidValue."""
        wish = own
        if self.usable is not None:
            wish = replace(wish, usable=SWITCHES.get(self.usable))
        if self.spoiler is not None:
            wish = replace(wish, spoiler=SWITCHES.get(self.spoiler))
        if self.threads is not None:
            wish = replace(wish, threads=None if self.threads == INHERIT else Threads(self.threads))
        if self.defaults:
            asked = Invocation(command=BY_NAME["settings"], values=dict(self.defaults))
            wish = replace(wish, defaults=build.settings(asked, own.defaults))
        if self.limits:
            wish = replace(wish, ceiling=lowered(own.ceiling, self.limits))
        return wish


class Managing:
    """`context.requester.manages` says that a manager asks; the service believes nobody else."""

    def __init__(self, core: ChatCore, rules: HouseRules) -> None:
        self._core = core
        self._rules = rules

    async def policy(self, context: Context, asked: AskedPolicy, channel: Named | None = None) -> Answer:
        """Of a channel, else of the whole server: changed where something was chosen, then shown."""

        async def act(context: Context, texts: Texts) -> Answer:
            place = replace(context.requester.place, channel=channel.id if channel else "")
            policy = await self._rules.policy(place)
            own = policy.channel if channel else policy.server
            wish = asked.upon(own)
            if wish == own:
                return Answer(text="", card=policy_card(policy, channel.name if channel else "", texts))
            await self._rules.govern(ChangePolicy(channel=place.channel, wish=wish), context.requester)
            if channel is None:
                self._core.locales.forget_server(place)
            now = replace(policy, channel=wish) if channel else replace(policy, server=wish)
            card = policy_card(now, channel.name if channel else "", texts)
            return Answer(text=texts("answer-settings-saved"), card=card)

        return await self._core.answered(context, act)

    async def usage(self, context: Context, member: Requester) -> Answer:
        return await self._core.answered(context, self._shown(member, ""))

    async def block(
        self, context: Context, member: Requester, *, blocked: bool, until: datetime | None = None, reason: str = ""
    ) -> Answer:
        """Without an end until it is taken back. The member is told the reason."""

        async def act(context: Context, texts: Texts) -> Answer:
            change = BlockMember(member=member.identity, blocked=blocked, until=until, reason=reason)
            await self._rules.govern(change, context.requester)
            return Answer(text=texts("admin-blocked" if blocked else "admin-unblocked", name=member.display_name))

        return await self._core.answered(context, act)

    async def reset(self, context: Context, member: Requester, reason: str = "") -> Answer:
        async def act(context: Context, texts: Texts) -> Answer:
            await self._rules.govern(ResetMonth(member=member.identity, reason=reason), context.requester)
            return await self._shown(member, texts("admin-reset", name=member.display_name))(context, texts)

        return await self._core.answered(context, act)

    async def member_tier(
        self, context: Context, member: Requester, tier: str | None, until: datetime | None = None, reason: str = ""
    ) -> Answer:
        """Without an end until it is taken back."""

        async def act(context: Context, texts: Texts) -> Answer:
            gift = GiveTier(to="member", subject=member.identity, tier=tier, until=until, reason=reason)
            await self._rules.govern(gift, context.requester)
            return await self._shown(member, _given(member.display_name, tier, texts))(context, texts)

        return await self._core.answered(context, act)

    async def role_tier(
        self, context: Context, role: Named, tier: str | None, until: datetime | None = None, reason: str = ""
    ) -> Answer:
        async def act(context: Context, texts: Texts) -> Answer:
            gift = GiveTier(to="role", subject=role.id, tier=tier, until=until, reason=reason)
            await self._rules.govern(gift, context.requester)
            return Answer(text=_given(role.name, tier, texts))

        return await self._core.answered(context, act)

    def _shown(self, member: Requester, text: str) -> Callable[[Context, Texts], Awaitable[Answer]]:
        async def act(context: Context, texts: Texts) -> Answer:
            standing = await self._rules.standing(member, context.requester)
            return Answer(text=text, card=standing_card(standing, member.display_name, texts))

        return act


def _given(name: str, tier: str | None, texts: Texts) -> str:
    return texts("admin-tier-taken", name=name) if tier is None else texts("admin-tier-given", name=name, tier=tier)
