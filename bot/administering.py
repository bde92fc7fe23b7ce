"""What operators decide in a chat for the whole deployment: a member's tier, and whether they may ask at all."""

from __future__ import annotations

from datetime import datetime

from bot.platform import Answer, Context
from bot.session import ChatCore
from bot.texts import Texts
from inference.protocols import Library
from inference.types import AccountChange, GrantTier, MemberState, MemberStatus, Requester, SetStatus


class Administering:
    """The service believes its operators and nobody else, whatever the chat says of whoever asks."""

    def __init__(self, core: ChatCore, library: Library) -> None:
        self._core = core
        self._library = library

    async def member_tier(
        self, context: Context, member: Requester, tier: str | None, until: datetime | None = None, reason: str = ""
    ) -> Answer:
        """Before all that roles, purchases and managers give. `tier` None takes it back."""
        return await self._changed(context, member, GrantTier(tier=tier, until=until, reason=reason))

    async def block(
        self, context: Context, member: Requester, *, blocked: bool, until: datetime | None = None, reason: str = ""
    ) -> Answer:
        """Without an end until it is taken back; what is under way is refunded. The member is told the reason."""
        state = MemberState.ACTIVE
        if blocked:
            state = MemberState.BANNED if until is None else MemberState.SUSPENDED
        return await self._changed(
            context, member, SetStatus(status=MemberStatus(state=state, until=until, reason=reason))
        )

    async def _changed(self, context: Context, member: Requester, change: AccountChange) -> Answer:
        async def act(context: Context, texts: Texts) -> Answer:
            account = await self._library.change_account(change, context.requester, member.identity)
            match change:
                case GrantTier(tier=None):
                    text = texts("admin-revoked", name=member.display_name, tier=account.tier.name)
                case GrantTier():
                    text = texts("admin-granted", name=member.display_name, tier=account.tier.name)
                    text = _with_end(text, account.tier_until, texts)
                case SetStatus(status=status) if status.is_active:
                    text = texts("admin-unblocked-everywhere", name=member.display_name)
                case _:
                    text = texts("admin-blocked-everywhere", name=member.display_name)
                    text = _with_end(text, account.status.until, texts)
            return Answer(text=text)

        return await self._core.answered(context, act)


def _with_end(text: str, until: datetime | None, texts: Texts) -> str:
    return text if until is None else f"{text} {texts('error-blocked-until', until=until)}"
