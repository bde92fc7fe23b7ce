"""Who asks, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

JobId = NewType("JobId", str)
"""Names a job and the clip that it makes: a clip bears the id of its job."""


MemberId = NewType("MemberId", str)
"""A person with an account here."""


Identity = NewType("Identity", str)
"""That person on one platform: `discord:USER`, `slack:TEAM:USER`, `playground:NAME`, `api:NAME`, `cli:local`."""


OPERATORS = frozenset({Identity("api:operator"), Identity("cli:local")})
"""Identities that administer this deployment and act with the highest tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on a platform something was asked."""

    platform: str
    #: Discord server or Slack workspace; empty in a direct message.
    workspace: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks, as the face knows them. The service maps it to a member and a tier."""

    identity: Identity
    display_name: str = ""
    place: Place
    #: Ids of Discord roles or Slack user groups, as `PLATFORM:ID`.
    roles: tuple[str, ...] = ()
    #: Ids of bought things (Discord SKUs), as `PLATFORM:ID`.
    entitlements: tuple[str, ...] = ()
    #: BCP 47; the faces speak `en` and `ja`.
    locale: str = "en"
    #: Manages the server of `place`, as the platform says. Only asked for where managers alone may act.
    manages: bool = False

    @property
    def is_operator(self) -> bool:
        return self.identity in OPERATORS
