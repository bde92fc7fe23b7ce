"""Members of Slack as the service knows them: user groups are handed over, the service decides."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog

from bot.platform import Context
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE, Fault, code_of, fault_of
from bot.slack_app.places import PLATFORM, Where, Workspace, identity_of
from inference.errors import DeliveryError
from inference.types import Place, Requester

LIVES = 3600.0
"""Seconds for which what Slack said of a member is believed."""
GROUPS_LIVE = 30.0
"""Of user groups: who joins one has its tier as soon. Slack answers for all groups of a workspace at once."""
REMEMBERED = 5000
V = TypeVar("V")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str = ""
    locale: str = ""
    #: An admin or owner of the workspace that was asked about, and of no other.
    manages: bool = False
    #: Their organisation, else their own workspace; empty where Slack did not say.
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A user group."""

    handle: str
    users: frozenset[str]


class People:
    def __init__(self, clients: Clients, *, lives: float = LIVES, groups_live: float = GROUPS_LIVE) -> None:
        self._clients = clients
        self._known: _Memory[Person] = _Memory(lives)
        self._groups: _Memory[dict[str, Group]] = _Memory(groups_live)

    async def requester(self, where: Where, user: str, *, team: str = "", name: str = "") -> Requester:
        """`team` is the member's own workspace, another one in a shared channel; `name` what the event called them."""
        person = await self._person(where.workspace, user)
        return Requester(
            identity=identity_of(person.home or home_of(where.workspace, team), user),
            display_name=person.name or name,
            place=Place(platform=PLATFORM, workspace=where.workspace.team, channel=where.channel),
            roles=await self._roles(where.workspace, user),
            locale=person.locale or "en",
        )

    def locale_so_far(self, workspace: Workspace, user: str) -> str:
        """What Slack last said, which is not asked now."""
        known = self._known.last(f"{workspace}/{user}")
        return (known and known.locale) or "en"

    async def manages(self, workspace: Workspace, user: str) -> bool:
        """Whether Slack calls them an admin or an owner."""
        return (await self._person(workspace, user)).manages

    async def manages_now(self, workspace: Workspace, user: str) -> bool:
        """The same as Slack says at this moment: who manages no more decides nothing more."""
        person = await self._asked_person(workspace, user)
        return person is not None and person.manages

    async def as_manager(self, where: Where, user: str, context: Context) -> Context:
        """With whether they are an admin, as Slack says at this moment. Operators are the service's business."""
        manages = await self.manages_now(where.workspace, user)
        return replace(context, requester=replace(context.requester, manages=manages))

    async def groups(self, workspace: Workspace) -> dict[str, str]:
        """Handles of the user groups, by id."""
        return {id_: group.handle for id_, group in (await self._all_groups(workspace)).items()}

    async def _person(self, workspace: Workspace, user: str) -> Person:
        """Nobody in particular where `users:read` was not granted; the one of before where Slack cannot say for now."""
        key = f"{workspace}/{user}"
        known = self._known.get(key)
        return known or await self._asked_person(workspace, user) or self._known.last(key) or Person()

    async def _asked_person(self, workspace: Workspace, user: str) -> Person | None:
        """None where Slack cannot say for now."""
        try:
            client = (await self._clients.line(workspace)).patient
            found = (await client.users_info(user=user, include_locale=True)).get("user") or {}
        except (DeliveryError, *TROUBLE) as error:
            _log.info("member not known", user=user, reason=code_of(error) or str(error))
            if not _is_settled(error):
                return None
            found = {}
        return self._known.keep(f"{workspace}/{user}", _person(found, workspace))

    async def _roles(self, workspace: Workspace, user: str) -> tuple[str, ...]:
        """The user groups that the member is in; none where `usergroups:read` was not granted."""
        groups = await self._all_groups(workspace)
        return tuple(f"{PLATFORM}:{id_}" for id_, group in groups.items() if user in group.users)

    async def _all_groups(self, workspace: Workspace) -> dict[str, Group]:
        """No groups where `usergroups:read` was not granted; those of before where Slack cannot say for now."""
        key = str(workspace)
        known = self._groups.get(key)
        if known is not None:
            return known
        try:
            client = (await self._clients.line(workspace)).patient
            groups = (await client.usergroups_list(include_users=True)).get("usergroups") or []
        except (DeliveryError, *TROUBLE) as error:
            _log.info("user groups not known", workspace=key, reason=code_of(error) or str(error))
            if not _is_settled(error):
                return self._groups.last(key) or {}
            groups = []
        found = {
            group["id"]: Group(handle=group.get("handle") or group["id"], users=frozenset(group.get("users") or ()))
            for group in groups
        }
        return self._groups.keep(key, found)


def home_of(workspace: Workspace, team: str) -> str:
    """Where a member's account is kept: with their organisation, where users are the same in all workspaces.

    Events of shared channels call an organisation by its own id where they mean a member's workspace.
    """
    if workspace.enterprise and team in {"", workspace.team}:
        return workspace.enterprise
    return team or workspace.team


def _person(found: Mapping[str, Any], workspace: Workspace) -> Person:
    profile, organisation = found.get("profile") or {}, found.get("enterprise_user") or {}
    home, team = str(organisation.get("enterprise_id") or ""), str(found.get("team_id") or "")
    is_ours = home == workspace.enterprise if home else team in {"", workspace.team}
    return Person(
        name=profile.get("display_name") or found.get("real_name") or found.get("name") or "",
        locale=found.get("locale") or "",
        manages=is_ours and bool(found.get("is_admin") or found.get("is_owner")),
        home=home or (home_of(workspace, team) if team else ""),
    )


def _is_settled(error: BaseException) -> bool:
    """Whether Slack would say the same in a moment: only then is it believed."""
    return not isinstance(error, DeliveryError) and fault_of(error) not in {Fault.BUSY, Fault.TOKEN}


class _Memory(Generic[V]):
    """The newest `REMEMBERED` things, each for `lives` seconds."""

    def __init__(self, lives: float) -> None:
        self._lives = lives
        self._kept: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        kept = self._kept.get(key)
        return None if kept is None or time.monotonic() - kept[0] > self._lives else kept[1]

    def last(self, key: str) -> V | None:
        """However long ago it was said."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]

    def keep(self, key: str, thing: V) -> V:
        self._kept[key] = (time.monotonic(), thing)
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return thing
