"""One person, several chats: codes given out and taken, accounts joined and taken apart."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import timedelta

import structlog

from inference.errors import CannotLink, LinkCodeInvalid, MemberChanged
from inference.protocols import AccountBook, LinkBook
from inference.service.library import Shelves
from inference.tiers import TierTable
from inference.types import Account, Identity, LinkCode, Requester

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Nothing that is mistaken for something else when it is read from one screen and typed on another."""
LETTERS = 8
CODE_LIVES = timedelta(minutes=10)

_CODE = re.compile(rf"[{ALPHABET}]{{{LETTERS}}}")
_log = structlog.get_logger(__name__)


class Links:
    """Implements Linking for the service."""

    def __init__(
        self, *, book: LinkBook, accounts: AccountBook, shelves: Shelves, tiers: TierTable, key: bytes
    ) -> None:
        """`key` digests the codes: whoever reads the database learns none."""
        self._book = book
        self._accounts = accounts
        self._shelves = shelves
        self._ranks = list(tiers.tiers)
        self._key = key

    async def begin_link(self, requester: Requester) -> LinkCode:
        _refuse_operators(requester)
        code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
        member = await self._accounts.member(requester.identity)
        if not member.status.is_active:
            raise CannotLink(reason="blocked")
        expires_at = await self._book.keep_code(requester.identity, self._digest(code), CODE_LIVES)
        _log.info("link code given", identity=requester.identity)
        return LinkCode(code=f"{code[:4]}-{code[4:]}", expires_at=expires_at)

    async def finish_link(self, code: str, requester: Requester) -> Account:
        _refuse_operators(requester)
        digest = self._digest(_plain(code))
        while True:
            await self._accounts.member(requester.identity)
            try:
                await self._book.redeem(requester.identity, digest, self._ranks)
            except MemberChanged:  # forgotten in this very moment, and somebody new by now
                continue
            _log.info("linked", identity=requester.identity)
            return await self._shelves.account(requester)

    async def unlink(self, requester: Requester, identity: Identity | None = None) -> Account:
        named = identity or requester.identity
        await self._accounts.member(requester.identity)
        await self._book.part(named, requester.identity)
        _log.info("unlinked", identity=named, by=requester.identity)
        return await self._shelves.account(requester)

    def _digest(self, code: str) -> str:
        """Rows are found by it: how long that takes tells nothing about a code, for nobody can choose a digest."""
        return hmac.new(self._key, code.encode(), hashlib.sha256).hexdigest()


def _plain(code: str) -> str:
    """As it was given out, however it was typed. Raises LinkCodeInvalid for what can be no code: no try is counted."""
    letters = re.sub(r"[\s\-‐-―`]", "", unicodedata.normalize("NFKC", code)).upper()
    if not _CODE.fullmatch(letters):
        raise LinkCodeInvalid
    return letters


def _refuse_operators(requester: Requester) -> None:
    """Raises CannotLink: who acts for the deployment is no person with a quota."""
    if requester.is_operator:
        raise CannotLink(reason="operators")
