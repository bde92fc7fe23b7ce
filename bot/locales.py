"""In which language a member is answered: their own choice, else their server's, else the chat's."""

from __future__ import annotations

from collections import OrderedDict

from inference.protocols import Library
from inference.types import Identity, Place, Requester

REMEMBERED = 1000


class Locales:
    """Remembers those who spoke last: asking the service each time would double the way to an answer."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: OrderedDict[tuple[Identity, str, str], str | None] = OrderedDict()

    async def of(self, requester: Requester) -> str:
        key = (requester.identity, requester.place.platform, requester.place.workspace)
        if key not in self._known:
            account = await self._library.account(requester)
            self._known[key] = account.settings.locale or account.defaults.locale
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return self._known[key] or requester.locale

    def forget_member(self, identity: Identity) -> None:
        """They chose another one."""
        self._forget([key for key in self._known if key[0] == identity])

    def forget_server(self, place: Place) -> None:
        """Its managers chose another one."""
        self._forget([key for key in self._known if key[1:] == (place.platform, place.workspace)])

    def _forget(self, keys: list[tuple[Identity, str, str]]) -> None:
        for key in keys:
            del self._known[key]
