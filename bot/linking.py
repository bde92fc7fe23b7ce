"""Several chats, one account: `/link` here, `/link CODE` there; `/unlink` takes one out again.

What is answered is the member's alone. Cards are shown to them only, wherever they were asked for.
"""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.commands import build
from bot.commands.parse import Invocation
from bot.commands.zones import local_zone
from bot.locales import Locales
from bot.platform import Answer, Context
from bot.texts import Texts
from inference.protocols import AskingDoors
from inference.types import Account, Identity, Requester

THIS = frozenset({"this", "here", "これ", "ここ"})
"""Words for the identity that asks."""


class AccountLinking:
    def __init__(self, library: AskingDoors, locales: Locales) -> None:
        self._library = library
        self._locales = locales

    async def link(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        requester = context.requester
        typed: str | None = build.value_of(invocation, "code")
        if typed is None:
            code = await self._library.begin_link(requester)
            zone = local_zone((await self._library.account(requester)).settings.timezone)
            until = code.expires_at.astimezone(zone)
            return _told(texts("link-code", code=code.code, until=until, zone=zone.key), texts)
        account = await self._library.finish_link(typed, requester)
        self._locales.forget_member(requester.identity)
        names = ", ".join(account.identities)
        return _told(texts("link-done", identities=names, used=account.used, limit=account.limit), texts)

    async def unlink(self, context: Context, invocation: Invocation, texts: Texts) -> Answer:
        requester = context.requester
        named: str | None = build.value_of(invocation, "identity")
        if named is None:
            return Answer(text="", card=_identities(await self._library.account(requester), requester, texts))
        identity = requester.identity if named.strip().lower() in THIS else Identity(named.strip())
        await self._library.unlink(requester, identity)
        self._locales.forget_member(requester.identity)
        return _told(texts("unlink-done", identity=identity), texts)


def _told(line: str, texts: Texts) -> Answer:
    return Answer(text="", card=Card(tone=Tone.QUIET, title=texts("unlink-title"), lines=(line,)))


def _identities(account: Account, requester: Requester, texts: Texts) -> Card:
    fields = tuple(
        Field(name=identity, value=texts("unlink-this") if identity == requester.identity else "·")
        for identity in account.identities
    )
    lines = (texts("unlink-how") if len(fields) > 1 else texts("unlink-none"),)
    return Card(tone=Tone.QUIET, title=texts("unlink-title"), fields=fields, lines=lines)
